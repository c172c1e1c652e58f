"""More exercises of notebooks/source/04_codesign/2_benchmark.py: speed and divisions."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Mistake, Point
from tinylab.course.exercises.judging import expect, expect_close, expect_number

__all__ = ["EXERCISES"]


def _windows_timed(rng, seconds=None) -> list:
    seconds = rng.uniform(10, 14, 5) if seconds is None else seconds
    counts = rng.integers(300, 4000, 5)
    return [(int(count), float(second)) for count, second in zip(counts, seconds)]


def takes_the_median(answer, rng):
    """Median over the windows of inferences a second."""
    for _ in range(4):
        timed = _windows_timed(rng)
        each = np.array([count / seconds for count, seconds in timed])
        expect_close(
            expect_number(answer(timed)),
            np.median(each),
            otherwise="five windows give five throughputs: which one of them do the rules take, and"
            " how many inferences a second is it?",
            likely={
                "that is the mean; one window in which something else ran would move it.": (
                    each.mean()
                ),
                "that is all inferences over all seconds, not a median.": (
                    sum(count for count, _ in timed) / sum(seconds for _, seconds in timed)
                ),
                "that is the best window.": each.max(),
                "that is seconds an inference: turn it round.": np.median(1 / each),
                "that is milliseconds an inference; inferences a second are asked for.": (
                    1000 * np.median(1 / each)
                ),
            },
        )


def _refused(answer, timed, sentence: str) -> None:
    try:
        answer(timed)
    except Mistake as mistake:
        expect("ValueError" in str(mistake), f"{sentence} Raise ValueError.")
        return
    raise Mistake(f"{sentence} Raise ValueError.")


def refuses_short_windows(answer, rng):
    """Four windows, or one of 9.9 s, are no result."""
    seconds = rng.uniform(10, 14, 5)
    seconds[int(rng.integers(0, 5))] = 9.9
    _refused(
        answer, _windows_timed(rng, seconds), "a window below 10 s does not count, and none may go."
    )
    _refused(answer, _windows_timed(rng)[:4], "the rules ask for five windows, not four.")
    exact = [(500, 10.0)] * 5
    expect_close(
        expect_number(answer(exact)), 50.0, otherwise="ten seconds are enough: 10.0 is allowed."
    )


def _layer(rng) -> tuple[np.ndarray, np.ndarray, float]:
    reference = rng.normal(0, 0.3, (6, 8))
    step = float(np.abs(reference).max() / 127)
    return reference, np.round(reference / step) * step, step


def _says(answer, weights, reference, step) -> bool:
    got = answer(weights, reference, step)
    expect(isinstance(got, (bool, np.bool_)), "return True or False.")
    return bool(got)


def allows_rounding(answer, rng):
    """Weights rounded to a grid stay in the closed division."""
    for _ in range(4):
        reference, rounded, step = _layer(rng)
        expect(
            _says(answer, rounded, reference, step),
            "rounding to the nearest step moves a weight by half a step at most; that is allowed.",
        )
        expect(
            _says(answer, reference, reference, step), "the reference itself is in the division."
        )


def forbids_more_than_rounding(answer, rng):
    """One weight set to zero, one moved by a step: open."""
    for _ in range(4):
        reference, rounded, step = _layer(rng)
        at = np.unravel_index(int(np.abs(reference).argmax()), reference.shape)
        sizes = np.where(np.abs(reference) > 2 * step, np.abs(reference), np.inf)
        pruned = rounded.copy()
        pruned[np.unravel_index(int(sizes.argmin()), sizes.shape)] = 0.0
        expect(
            not _says(answer, pruned, reference, step),
            "one weight that was not zero is zero now: it was thrown away, which is not allowed.",
        )
        moved = rounded.copy()
        moved[at] = reference[at] + 0.8 * step * rng.choice([-1, 1])
        expect(
            not _says(answer, moved, reference, step),
            "a weight moved by 0.8 of a step; rounding explains half a step, and no mean hides one"
            " weight.",
        )


EXERCISES = (
    Exercise(
        "median_throughput",
        "Inferences a second, by the rules",
        (
            Point("median", takes_the_median),
            Point("windows against the rules", refuses_short_windows),
        ),
        forbidden=("tinylab.benchmark.performance.median_throughput",),
    ),
    Exercise(
        "only_rounded",
        "Closed or open",
        (
            Point("rounding is allowed", allows_rounding),
            Point("nothing else is", forbids_more_than_rounding),
        ),
    ),
)
