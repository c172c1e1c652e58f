"""Exercises of notebooks/source/04_codesign/1_search.py on costs, calibration and rank."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import (
    also_fixed,
    expect,
    expect_array,
    expect_close,
    expect_number,
    expect_two_arrays,
)
from tinylab.search.pareto import hypervolume, non_dominated

__all__ = ["EXERCISES"]


def finds_the_largest_pair(answer, rng):
    """Input and output of one operator live at once, and nothing else."""
    for _ in range(4):
        sizes = [int(size) for size in rng.permutation(np.arange(100, 2000, 37))[:6]]
        pairs = [a + b for a, b in zip(sizes, sizes[1:])]
        expect_close(
            expect_number(answer(sizes)),
            max(pairs),
            otherwise="while an operator runs its input and its output are there: take the largest"
            " such sum.",
            likely={
                "that is the sum of all: a tensor goes when the next operator has read it.": sum(
                    sizes
                ),
                "that is the largest tensor: what it is made from is there, too.": max(sizes),
                "the network's own input lies in the arena, too.": max(pairs[1:]),
                "the last output lies in the arena, too.": max(pairs[:-1]),
            },
            rtol=0,
            atol=0,
        )


def takes_both_ends(answer, rng):
    """The largest pair may be the first or the last."""
    for sizes, wanted in (([900, 800, 10, 20], 1700), ([10, 20, 800, 900], 1700), ([5, 7], 12)):
        expect_close(
            expect_number(answer(sizes)),
            wanted,
            otherwise=f"tensors of {sizes} bytes need {wanted}: the first and the last count, too.",
        )


def takes_statistics_of_the_calibration(answer, rng):
    """Mean and variance over examples and positions, for each channel."""
    for channels in (1, 5):
        values = rng.normal(2, 3, size=(6, 4, 3, channels)) * np.arange(1, channels + 1)
        mean, variance = expect_two_arrays(
            answer(values), "the means", "the variances", shape=(channels,)
        )
        expect_close(
            mean,
            values.mean(axis=(0, 1, 2)),
            otherwise="take the mean over examples, rows and columns, for each channel.",
            likely={
                "that is one mean for all channels.": np.full(channels, values.mean()),
                "take the mean over examples and positions, not of the first example.": values[
                    0
                ].mean(axis=(0, 1)),
            },
        )
        count = values[..., 0].size
        right = values.var(axis=(0, 1, 2))
        expect_close(
            variance,
            right,
            otherwise="the variance is the mean square of what is left without the mean.",
            likely={
                "that divides by n - 1; batch normalization divides by n.": (
                    right * count / (count - 1)
                ),
                "that is the standard deviation.": np.sqrt(right),
                "that is the mean square: take the mean away first.": (values**2).mean(
                    axis=(0, 1, 2)
                ),
            },
        )


def counts_pairs_that_agree(answer, rng):
    """Kendall's tau without ties."""
    for _ in range(4):
        a, b = rng.permutation(12).astype(float), rng.permutation(12) ** 3.0
        agree = _signs(a, b)
        pairs = 66
        expect_close(
            expect_number(answer(a, b)),
            agree.sum() / pairs,
            otherwise="tau is (pairs that agree - pairs that disagree) / root of the product of the"
            " pairs that each list orders.",
            likely={
                "that is Pearson's correlation of the values; tau counts pairs in order.": (
                    np.corrcoef(a, b)[0, 1]
                ),
                "that is the share of pairs that agree; those that disagree count -1.": (
                    (agree > 0).sum() / pairs
                ),
                "that is Spearman's rho, of the ranks.": np.corrcoef(_ranks(a), _ranks(b))[0, 1],
            },
        )


def forgives_ties(answer, rng):
    """tau-b: pairs that a list does not order are no pairs of that list."""
    for _ in range(4):
        a = rng.integers(0, 4, size=14).astype(float)
        b = a + rng.integers(0, 3, size=14)
        a[:2], b[:2] = (0, 5), (1, 9)
        agree = _signs(a, b).sum()
        ordered = [np.sum(_signs(values, values)) for values in (a, b)]
        expect_close(
            expect_number(answer(a, b)),
            agree / np.sqrt(ordered[0] * ordered[1]),
            otherwise="divide by the root of (pairs without a tie in a) * (pairs without a tie in"
            " b).",
            likely={
                "with ties that is tau-a: pairs that a list does not order must not count in the"
                " denominator.": agree / 91
            },
        )


def _signs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """1 for each pair that both lists order alike, -1 if they do not, 0 for ties."""
    one, other = np.triu_indices(len(a), 1)
    return np.sign(a[one] - a[other]) * np.sign(b[one] - b[other])


def _ranks(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values)).astype(float)


def keeps_what_nobody_beats(answer, rng):
    """Less is better; nothing beats a point that is best at something."""
    for costs in (2, 3):
        points = rng.random((40, costs))
        got = _mask(answer(points), len(points))
        right = non_dominated(points)
        expect(
            not np.array_equal(got, non_dominated(-points)),
            "that keeps the worst points: less is better in every column.",
        )
        expect(
            np.array_equal(got, right),
            f"{int(np.sum(got & ~right))} of the points you keep are beaten by another, and"
            f" {int(np.sum(~got & right))} that nobody beats are missing.",
        )


def knows_ties(answer, rng):
    """As good here and better there is beaten; equal points are not."""
    cases = (
        ([[1, 2], [1, 3], [2, 1]], [True, False, True], "(1, 3) is beaten by (1, 2): as good in the"
         " first column, worse in the second."),
        ([[1, 2], [1, 2], [3, 3]], [True, True, False], "two equal points do not beat each other:"
         " both stay."),
        ([[5, 5]], [True], "a point alone stays."),
    )  # fmt: skip
    for points, right, sentence in cases:
        got = _mask(answer(np.array(points, float)), len(points))
        expect(got.tolist() == right, sentence)


def _mask(value, count: int) -> np.ndarray:
    mask = expect_array(value, shape=(count,))
    expect(mask.dtype == bool, "return True and False for every point: an array of bool.")
    return mask


def adds_the_area(answer, rng):
    """The area between the points and the reference, counted once."""
    for _ in range(4):
        points = rng.uniform(0.1, 0.9, size=(12, 2))
        rectangles = float(np.sum(np.prod(1 - points, axis=1)))
        expect_close(
            expect_number(answer(points, np.array([1.0, 1.0]))),
            hypervolume(points, np.ones(2)),
            otherwise="sort by the first column and add a rectangle for each point that lowers the"
            " second.",
            likely={
                "that adds every point's rectangle: where they overlap, count once.": rectangles,
                "that is the largest rectangle alone.": float(np.max(np.prod(1 - points, axis=1))),
                "that is the area without the front's dents: rectangles are stairs, not slopes.": (
                    float(np.prod(1 - points.min(axis=0)))
                ),
            },
        )


def leaves_out_what_lies_beyond(answer, rng):
    """Points that are no better than the reference add nothing, and take nothing away."""
    reference = np.array([1.0, 1.0])
    inside = rng.uniform(0.2, 0.8, size=(5, 2))
    for beyond in ([1.5, 0.1], [0.1, 1.5], [2.0, 2.0]):
        got = expect_number(answer(np.vstack([inside, beyond]), reference))
        right = hypervolume(inside, reference)
        expect_close(
            got,
            right,
            otherwise=f"a point at {tuple(beyond)} is beyond the reference (1, 1): it adds nothing"
            " and takes nothing away.",
        )
    twice = expect_number(answer(np.vstack([inside, inside]), reference))
    expect_close(twice, right, otherwise="points that are there twice count once.")


EXERCISES = (
    Exercise(
        id="arena_of_chain",
        title="Memory of a chain of operators",
        points=(
            Point("finds the largest pair", also_fixed(finds_the_largest_pair, 5)),
            Point("takes both ends", takes_both_ends),
        ),
    ),
    Exercise(
        id="calibrate_batch_norm",
        title="Statistics for a slice",
        points=(Point("takes its own statistics", takes_statistics_of_the_calibration),),
    ),
    Exercise(
        id="kendall_tau",
        title="Do two lists rank alike?",
        points=(
            Point("counts pairs that agree", counts_pairs_that_agree),
            Point("forgives ties", forgives_ties),
        ),
        forbidden=("scipy.stats.kendalltau",),
    ),
    Exercise(
        id="pareto_mask",
        title="What nobody beats",
        points=(
            Point("keeps what nobody beats", keeps_what_nobody_beats),
            Point("knows ties", knows_ties),
        ),
        forbidden=("tinylab.search.pareto.non_dominated",),
    ),
    Exercise(
        id="covered_area",
        title="How much a front covers",
        points=(
            Point("adds the area once", adds_the_area),
            Point("leaves out what lies beyond", also_fixed(leaves_out_what_lies_beyond, 6)),
        ),
        forbidden=("tinylab.search.pareto.hypervolume",),
    ),
)
