"""Exercises on few bits in notebooks/source/01_keyword_spotting/2_compress.py."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import expect, expect_array, expect_close

__all__ = ["EXERCISES"]


def shares_by_two_thirds(answer, rng):
    """Levels go as the 2/3 power of the ranges."""
    for average in (2, 3, 4):
        ranges = rng.uniform(0.05, 5, size=int(rng.integers(3, 20)))
        quota = len(ranges) * 2.0**average
        powers = np.cbrt(np.square(ranges))
        expect_close(
            expect_array(answer(ranges, average), shape=ranges.shape),
            powers / powers.sum() * quota,
            otherwise="the shares must rise with the power of the range that is asked for, "
            "and add up to all levels.",
            likely={
                "the exponent is 2/3: shares in proportion to the range give too much to the widest"
                " channel.": ranges / ranges.sum() * quota,
                "the shares must add up to all the levels there are, n * 2**bits.": (
                    powers / powers.sum() * 2.0**average
                ),
                "you return bits; levels are asked for, 2**bits.": (
                    np.log2(powers / powers.sum() * quota)
                ),
            },
        )


def keeps_the_quota(answer, rng):
    """All levels are handed out, equal ranges get equal shares."""
    ranges = rng.uniform(0.1, 2, size=9)
    got = expect_array(answer(ranges, 4), shape=(9,))
    expect_close(got.sum(), 9 * 16.0, otherwise="the levels must add up to n * 2**bits.")
    expect_close(
        expect_array(answer(np.full(5, 0.3), 3)),
        np.full(5, 8.0),
        otherwise="channels of equal range must all get 2**bits levels.",
    )


def passes_inside(answer, rng):
    """Within the range the gradient passes as if nothing had been rounded."""
    x, upstream = rng.uniform(-0.9, 0.9, size=40), rng.normal(size=40)
    got = expect_array(answer(x, upstream, -1.0, 1.0), shape=(40,))
    expect_close(
        got,
        upstream,
        otherwise="inside the range the gradient passes through unchanged.",
        likely={
            "that is the true gradient of rounding, zero: nothing would ever be learned.": (
                np.zeros(40)
            ),
            "pass on the upstream gradient, not 1.": np.ones(40),
        },
    )
    ends = expect_array(answer(np.array([-1.0, 1.0]), np.array([2.0, 3.0]), -1.0, 1.0), shape=(2,))
    expect_close(
        ends,
        np.array([2.0, 3.0]),
        otherwise="the ends of the range belong to it: only beyond them is the gradient zero.",
    )


def stops_outside(answer, rng):
    """Where the value was clipped, moving it changes nothing."""
    x = np.concatenate([rng.uniform(-5, -2.1, 10), rng.uniform(3.1, 6, 10), rng.uniform(-1, 2, 5)])
    upstream = rng.uniform(0.5, 1.5, size=25)
    got = expect_array(answer(x, upstream, -2.0, 3.0), shape=(25,))
    expect(
        not np.allclose(got, upstream),
        "beyond the range the value is clipped: moving it changes nothing, so the gradient is 0.",
    )
    expect_close(
        got, np.where(np.arange(25) < 20, 0, upstream), otherwise="outside the range it must be 0."
    )


def keeps_any_shape(answer, rng):
    """Works on a weight tensor as well as on a vector."""
    x, upstream = rng.normal(size=(3, 3, 2, 4)), rng.normal(size=(3, 3, 2, 4))
    got = expect_array(answer(x, upstream, -0.5, 0.7), shape=x.shape)
    inside = (x >= -0.5) & (x <= 0.7)
    expect_close(got, upstream * inside, otherwise="every element is judged on its own.")


EXERCISES = (
    Exercise(
        id="optimal_levels",
        title="Levels where they are needed",
        points=(
            Point("shares by the 2/3 power", shares_by_two_thirds),
            Point("keeps the quota", keeps_the_quota),
        ),
        forbidden=("tinylab.compress.quantization.bit_allocation.optimal_levels",),
    ),
    Exercise(
        id="straight_through",
        title="A gradient through rounding",
        points=(
            Point("passes inside", passes_inside),
            Point("stops outside", stops_outside),
            Point("keeps any shape", keeps_any_shape),
        ),
    ),
)
