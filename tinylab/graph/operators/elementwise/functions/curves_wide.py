"""logistic and tanh on 16 bits: straight lines between 256 points of one curve."""

from math import log2

import numpy as np

from tinylab.graph.lowering import Call, Constant, Reader
from tinylab.graph.operators.step import Step

_SPACING = 1 / 24
_STEPS = 3 * 2**12
"""Of a real one, in the input of the curve."""


def _points() -> np.ndarray:
    """The curve at 256 points with 16 bits behind the point, as LiteRT has them: raised by half of
    the error of the straight lines, which lie below it."""
    share = 1 / (1 + np.exp(-_SPACING * np.arange(256)))
    curvature = share * (1 - share) * (1 - 2 * share)
    raised = share - curvature * _SPACING**2 / 16
    points = np.rint(65536 * raised)
    points[-1] = 65535  # where the curve is taken to have reached one
    return points.astype(np.uint16)


_POINTS = _points()


def _factor(reader: Reader) -> tuple[int, int]:
    """Multiplier and right shift from stored values to the curve's steps."""
    source, target = reader.activation(0, ("int16",)), reader.output(("int16",))
    before, after = reader.affine(source), reader.affine(target)
    sound = before.zero_point == after.zero_point == 0 and abs(after.scale * 2**15 - 1) < 1e-3
    reader.require(sound, "its output must have the scale 1/32768, and both ends the zero point 0")
    power = round(log2(before.scale))
    if 2.0**power == before.scale and _allowed(reader.op.kind, power + 12):
        return 3 << (power + 12), 0
    real, shift = before.scale * _STEPS, 0
    while real <= 32767 / 2 and shift <= 30:
        real, shift = real * 2, shift + 1
    reader.require(real < 2**15, "its input scale is too large")
    return int(real), shift


def _allowed(kind: str, shift: int) -> bool:
    """Which powers of two LiteRT takes a shorter way for."""
    return shift == 0 if kind == "logistic" else shift in (0, 1)


def wide_curve(step: Step) -> np.ndarray:
    """The result in numpy."""
    multiplier, shift = _factor(step)
    x = step.inputs[0].astype(np.int64) * multiplier
    x = (x + (1 << shift >> 1)) >> shift
    bits = 9 if step.op.kind == "logistic" else 8
    size, points = np.abs(x), _POINTS.astype(np.int64)
    point = np.minimum(size >> bits, 254)
    between = (size & ((1 << bits) - 1)) * (points[point + 1] - points[point])
    sums = np.where(size >> bits >= 255, _limit(bits), (points[point] << bits) + between)
    if step.op.kind == "logistic":
        sums = np.where(x < 0, (1 << 25) - sums - 1, sums) + (1 << 9)
        return (sums >> 10).astype(np.int16)
    sums = np.where(x < 0, (1 << 23) - sums - 1, sums - (1 << 23)) + (1 << 7)
    return (sums >> 8).astype(np.int16)


def _limit(bits: int) -> int:
    return 0x7FFF << 10 if bits == 9 else 0xFFFF << 8


def wide_curve_call(reader: Reader) -> Call:
    """A call of `nn_<kind>_s16`."""
    multiplier, shift = _factor(reader)
    points = Constant(f"points_{reader.index}", _POINTS)
    return Call(
        function=f"nn_{reader.op.kind}_s16",
        kernel="s16/curves_of_points_s16.c",
        structure="nn_curve_s16",
        parameters={
            "size": reader.tensor(0).elements,
            "multiplier": multiplier,
            "right_shift": shift,
            "points": points.symbol,
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
        constants=(points,),
    )
