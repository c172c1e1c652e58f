"""Exercises on integers in notebooks/source/01_keyword_spotting/2_compress.py."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import (
    also_fixed,
    expect,
    expect_array,
    expect_close,
    expect_number,
)

__all__ = ["EXERCISES"]


def rounds_and_shifts(answer, rng):
    """Values well inside the range: divide by the scale, round, add the zero point."""
    for _ in range(5):
        scale, zero_point = rng.uniform(0.01, 2.0), int(rng.integers(-20, 21))
        steps = rng.integers(-90, 91, size=(4, 5)) + rng.uniform(-0.4, 0.4, size=(4, 5))
        x = (steps * scale).astype(np.float32)
        got = expect_array(answer(x, scale, zero_point), shape=x.shape)
        expect_close(
            got,
            np.rint(steps) + zero_point,
            otherwise="the integers do not stand for x: turn one back into a real number, and"
            " compare.",
            likely={
                "the zero point is not added.": np.rint(steps),
                "the zero point is subtracted; it is added.": np.rint(steps) - zero_point,
                "values are cut off instead of rounded to the nearest step.": np.trunc(steps)
                + zero_point,
                "x is multiplied by the scale; divide by it.": np.rint(x * scale) + zero_point,
            },
        )


def saturates(answer, rng):
    """Values beyond the range stay at its ends."""
    scale, zero_point = rng.uniform(0.1, 0.5), int(rng.integers(-60, 61))
    steps = np.array([-1000, -300, -128 - zero_point, 127 - zero_point, 300, 1000])
    got = expect_array(answer((steps * scale).astype(np.float32), scale, zero_point), shape=(6,))
    wrapped = (steps + zero_point).astype(np.int8)
    expect_close(
        got,
        np.clip(steps + zero_point, -128, 127),
        otherwise="values beyond the range must become -128 or 127.",
        likely={
            "values beyond the range wrap around; clip before the cast to int8.": wrapped,
            "clip after adding the zero point, not before.": (
                np.clip(steps, -128, 127) + zero_point
            ),
        },
    )


def keeps_shape_and_type(answer, rng):
    """int8 comes out in the shape that went in; real zero becomes the zero point."""
    for shape in [(0,), (1,), (2, 3, 4)]:
        x = rng.normal(size=shape).astype(np.float32)
        expect_array(answer(x, 0.05, 7), shape=shape, dtype=np.int8)
    zero = expect_array(answer(np.zeros(3, np.float32), 0.3, -11), shape=(3,), dtype=np.int8)
    expect(bool(np.all(zero == -11)), "real zero must become the zero point exactly.")


def covers_the_range(answer, rng):
    """The ends of the range land on the ends of int8."""
    for _ in range(5):
        low, high = -rng.uniform(0.2, 5), rng.uniform(0.2, 5)
        scale, zero_point = _pair(answer(low, high))
        right = (high - low) / 255
        expect_close(
            scale,
            right,
            otherwise="how many steps lie between 256 integers? The range is shared out among"
            " those.",
            likely={
                "256 integers have 255 steps between them, not 256.": (high - low) / 256,
                "that is the symmetric scale; here the whole range is used.": (
                    max(-low, high) / 127
                ),
            },
        )
        expect_close(
            zero_point,
            np.rint(-128 - low / right),
            otherwise="the zero point is the integer on which 0.0 lands if low lands on -128.",
            likely={
                "int8 starts at -128, not at 0: subtract 128.": np.rint(-low / right),
            },
            atol=1e-6,
        )


def always_holds_zero(answer, rng):
    """A range beside zero is widened to reach it."""
    for low, high in [(1.0, 3.0), (0.5, 2.0), (-4.0, -1.0)]:
        scale, zero_point = _pair(answer(low, high))
        expect(
            -128 <= zero_point <= 127,
            f"for the range {low:g} to {high:g} zero is lost: widen the range to include 0 first.",
        )
        widest = max(high, 0.0) - min(low, 0.0)
        expect_close(
            scale,
            widest / 255,
            otherwise=f"the range {low:g} to {high:g} must be widened to include 0.",
        )


def gives_a_whole_zero_point(answer, rng):
    """The zero point is an integer, in the range of int8."""
    scale, zero_point = answer(-rng.uniform(1, 2), rng.uniform(1, 2))
    expect(
        isinstance(zero_point, (int, np.integer)) and not isinstance(zero_point, bool),
        "the zero point is stored as an integer: return an int, not a float.",
    )
    expect(-128 <= zero_point <= 127, "the zero point must fit into int8.")


def _pair(result) -> tuple[float, float]:
    expect(
        isinstance(result, (tuple, list)) and len(result) == 2,
        "return two things: the scale and the zero point.",
    )
    return expect_number(result[0], "the scale"), expect_number(result[1], "the zero point")


def scales_every_channel(answer, rng):
    """One scale for each output channel, from its own largest magnitude."""
    for shape in [(3, 3, 8, 5), (1, 1, 4, 6), (7, 3)]:
        weights = rng.normal(size=shape) * rng.uniform(0.1, 4, size=shape[-1])
        flat = np.abs(weights).reshape(-1, shape[-1])
        got = np.asarray(answer(weights.astype(np.float32)))
        expect(
            got.shape != (),
            "that is one scale for the whole tensor; every output channel gets its own.",
        )
        expect(
            got.shape == (shape[-1],),
            f"weights of shape {shape} have {shape[-1]} output channels (the last axis); the result"
            f" has shape {got.shape}.",
        )
        expect_close(
            expect_array(got),
            flat.max(axis=0) / 127,
            otherwise="a channel's largest magnitude must land on the last integer, on either"
            " side.",
            likely={
                "take the magnitude first: the most negative weight counts too.": (
                    weights.reshape(-1, shape[-1]).max(axis=0) / 127
                ),
                "symmetric int8 runs from -127 to 127: divide by 127, not 128.": (
                    flat.max(axis=0) / 128
                ),
                "symmetric int8 runs from -127 to 127: divide by 127, not 255.": (
                    flat.max(axis=0) / 255
                ),
            },
        )


def survives_an_empty_channel(answer, rng):
    """A channel of zeros gets a usable scale."""
    weights = rng.normal(size=(3, 3, 2, 4)).astype(np.float32)
    weights[..., 1] = 0
    got = np.asarray(answer(weights), dtype=float)
    expect(
        got.shape == (4,) and bool(np.all(got > 0)) and bool(np.all(np.isfinite(got))),
        "a channel of zeros must not get scale 0: dividing by it gives NaN. Give it scale 1.",
    )


def is_a_ratio_of_powers(answer, rng):
    """The formula, on random signals."""
    for _ in range(4):
        x = rng.normal(size=500)
        approximation = x + rng.normal(size=500) * rng.uniform(0.01, 0.3)
        ratio = np.vdot(x, x) / np.sum(np.square(approximation - x))
        expect_close(
            expect_number(answer(x, approximation)),
            10 * np.log10(ratio),
            otherwise="the ratio compares two powers, in decibels: which is above, and what "
            "is a power?",
            likely={
                "20 * log10 is for amplitudes; these are powers, so 10 * log10.": (
                    20 * np.log10(ratio)
                ),
                "that is noise over signal; turn it round.": -10 * np.log10(ratio),
                "take the power of the error, not of the approximation.": (
                    10 * np.log10(np.mean(x**2) / np.mean(approximation**2))
                ),
                "decibels use the logarithm to base 10.": 10 * np.log(ratio),
            },
        )


def does_not_depend_on_the_unit(answer, rng):
    """Scaling both changes nothing; ten times the error costs 20 dB."""
    x, error = rng.normal(size=300), 0.01 * rng.normal(size=300)
    once = expect_number(answer(x, x + error))
    expect_close(
        expect_number(answer(50 * x, 50 * (x + error))),
        once,
        otherwise="the ratio must not change when signal and approximation are both scaled.",
    )
    expect_close(
        once - expect_number(answer(x, x + 10 * error)),
        20.0,
        otherwise="ten times the error must cost 20 dB.",
        atol=1e-6,
    )


EXERCISES = (
    Exercise(
        id="affine_quantize",
        title="Quantize real numbers to int8",
        points=(
            Point("rounds and shifts", rounds_and_shifts),
            Point("saturates", also_fixed(saturates, 8)),
            Point("keeps shape and type", keeps_shape_and_type),
        ),
        forbidden=("tinylab.compress.quantization.quantize.quantize",),
    ),
    Exercise(
        id="scale_and_zero_point",
        title="Fit a range onto int8",
        points=(
            Point("covers the range", covers_the_range),
            Point("always holds zero", always_holds_zero),
            Point("gives a whole zero point", also_fixed(gives_a_whole_zero_point, 6)),
        ),
        forbidden=("tinylab.compress.quantization.quantize.quantization_parameters",),
    ),
    Exercise(
        id="per_channel_scales",
        title="A scale for every channel",
        points=(
            Point("scales every channel", scales_every_channel),
            Point("survives an empty channel", survives_an_empty_channel),
        ),
        forbidden=("tinylab.compress.quantization.quantize.quantization_parameters",),
    ),
    Exercise(
        id="sqnr_dB",
        title="Signal to quantization noise",
        points=(
            Point("is a ratio of powers", is_a_ratio_of_powers),
            Point("does not depend on the unit", does_not_depend_on_the_unit),
        ),
        forbidden=("tinylab.compress.quantization.quantize.sqnr_dB",),
    ),
)
