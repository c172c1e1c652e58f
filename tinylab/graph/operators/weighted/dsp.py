"""What the kernels for cores with the DSP extension share: zero points folded into biases, and one
table row a channel for scaling back."""

from dataclasses import asdict

import numpy as np

from tinylab.graph.core.fixed_point import Multiplier, requantize_twice
from tinylab.graph.lowering import Call, Constant
from tinylab.graph.operators.weighted.convolution import Convolution

NO_TABLE = "its scales are too large for the short scaling"


def dsp_call(
    kernel: str,
    convolution: Convolution,
    parameters: dict,
    packed: np.ndarray,
    table: np.ndarray,
    scratch_bytes: int,
) -> Call:
    """A call of the DSP kernel `kernel`, with reordered weights."""
    index = convolution.index
    words = np.ascontiguousarray(packed).view("<u4")
    weights = Constant(f"weights_{index}", words)
    channels = Constant(
        f"channels_{index}", _filled(table, -(-len(table) // 4) * 4), "nn_dsp_channel"
    )
    return Call(
        function=f"nn_{kernel}_dsp",
        kernel=f"dsp/{kernel}_dsp.c",
        structure="nn_dsp_convolution",
        parameters={
            **parameters,
            "window": asdict(convolution.window),
            "input_zero_point": convolution.input_zero_point,
            "output": convolution.limits,
            "weights": weights.symbol,
            "channels": channels.symbol,
        },
        inputs=convolution.op.inputs[:1],
        output=convolution.op.outputs[0],
        constants=(weights, channels),
        scratch_bytes=scratch_bytes,
    )


def channel_table(convolution: Convolution) -> np.ndarray | None:
    """Rows of `nn_dsp_channel`; None where the short scaling of the DSP kernels would overflow."""
    weights = convolution.weights
    rows = weights.reshape(-1, weights.shape[3]).T if convolution.depthwise else weights
    rows = rows.reshape(len(rows), -1).astype(np.int64)
    bias = convolution.bias - convolution.input_zero_point * rows.sum(axis=1)
    lowest = bias + np.minimum(-128 * rows, 127 * rows).sum(axis=1)
    highest = bias + np.maximum(-128 * rows, 127 * rows).sum(axis=1)
    columns = zip(bias, lowest, highest, convolution.multipliers, strict=True)
    table = [_row(*values, convolution.limits["zero_point"]) for values in columns]
    return None if None in table else np.array(table, np.int64)


def _row(bias: int, lowest: int, highest: int, multiplier: Multiplier, zero_point: int):
    """One channel. Trained models have dead channels, whose scale is so small that no input moves
    the output: these become a constant."""
    ends = requantize_twice(np.array([[lowest], [highest]]), [multiplier]).ravel() + zero_point
    first, last = np.clip(ends, -128, 127).tolist()
    within = -(2**31) <= lowest and highest < 2**31
    if first == last and within:
        return 0, 0, 2 * first, 1
    shift = -multiplier.shift
    if not 1 <= shift <= 22 or max(-lowest, highest) >= 2**30:
        return None
    return int(bias), multiplier.mantissa, (1 << (shift - 1)) + (zero_point << shift), shift


def _filled(table: np.ndarray, rows: int) -> np.ndarray:
    return np.vstack([table, np.zeros((rows - len(table), 4), table.dtype)])
