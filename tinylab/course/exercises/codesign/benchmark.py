"""Exercises of notebooks/source/04_codesign/2_benchmark.py."""

import math

import numpy as np

from tinylab.course.answers.exercise import Exercise, Mistake, Point
from tinylab.course.exercises.judging import (
    expect,
    expect_close,
    expect_number,
    expect_two_arrays,
)
from tinylab.scoring.intervals import wilson_interval
from tinylab.scoring.rates import area_under_curve

__all__ = ["EXERCISES"]

Z = 1.959963984540054  # standard normal quantile of a two-sided interval of 95 %


def _wald(right: int, examples: int) -> tuple[float, float]:
    share = right / examples
    half = Z * math.sqrt(share * (1 - share) / examples)
    return share - half, share + half


def _bounds(answer, right: int, examples: int) -> np.ndarray:
    low, high = expect_two_arrays(answer(right, examples), "low", "high", shape=())
    return np.array([float(low), float(high)])


def gives_wilsons_ends(answer, rng):
    """Both ends of Wilson's interval."""
    for _ in range(4):
        examples = int(rng.integers(40, 2000))
        right = int(rng.integers(examples // 2, examples - 5))
        expect_close(
            _bounds(answer, right, examples),
            np.array(wilson_interval(right, examples)),
            otherwise="these are not the ends of Wilson's interval for 95 %.",
            likely={
                "that is the textbook's share plus-minus z times the error; Wilson's centre is"
                " moved towards one half.": np.array(_wald(right, examples)),
                "return fractions of 1, not percent.": 100
                * np.array(wilson_interval(right, examples)),
                "low comes first.": np.array(wilson_interval(right, examples)[::-1]),
                "divide by 1 + z * z / examples in the end.": np.array(
                    wilson_interval(right, examples)
                )
                * (1 + Z * Z / examples),
            },
            rtol=1e-4,
        )


def stays_inside(answer, rng):
    """All right or none right: the interval stays inside 0..1 and has a width."""
    examples = int(rng.integers(10, 60))
    low, high = _bounds(answer, examples, examples)
    expect(low < 1, "all right of a few examples does not prove that all are: low must be below 1.")
    expect(-1e-9 <= low and high <= 1 + 1e-9, "the ends are shares: they stay inside 0 and 1.")
    low, high = _bounds(answer, 0, examples)
    expect(high > 0, "none right of a few examples does not prove that none is: high exceeds 0.")


def _labels(rng, count: int) -> tuple[str, list[str], list]:
    names = [f"tst_{int(number):06d}.bin" for number in rng.permutation(9000)[: count + 3]]
    classes = rng.integers(0, 12, count).tolist()
    lines = [f"{name},12,{label}" for name, label in zip(names, classes)]
    return "\n".join(lines) + "\n", names, list(zip(names, classes))


def counts_what_is_labelled(answer, rng):
    """The files of the labels, in their order, with their classes; no others."""
    for count in (1, int(rng.integers(5, 20))):
        text, names, right = _labels(rng, count)
        present = [str(name) for name in rng.permutation(names)]
        got = _pairs(answer(text, present))
        if len(got) == len(names):
            raise Mistake("only labelled files count: the folder holds more .bin files than that.")
        if len(got) == count - 1:
            raise Mistake("the first line is an example already: this file has no header.")
        expect(len(got) == count, f"{count} files are labelled, your answer has {len(got)}.")
        expect(
            [name for name, _ in got] == [name for name, _ in right],
            "keep the order of the labels: the answers are compared one by one.",
        )
        if all(label == 12 for _, label in got):
            raise Mistake("the second field is how many classes there are; the class is the third.")
        expect(
            all(type(label) is int for _, label in got), "a class is a number: turn it into an int."
        )
        expect(got == right, "a class is not the one of its line.")


def _pairs(value) -> list:
    try:
        return [(str(name), label) for name, label in value]
    except (TypeError, ValueError):
        raise Mistake("return a list of pairs: file and class.") from None


def reads_five_fields(answer, rng):
    """Lines of machine sound have two more fields."""
    text = "normal_id_01.bin,2,0,2560,512\nanomaly_id_01.bin,2,1,2560,512\n"
    got = _pairs(answer(text, ["normal_id_01.bin", "anomaly_id_01.bin"]))
    expect(
        [label for _, label in got] == [0, 1],
        "lines of machine sound go on after the class: read the third field, not the last.",
    )


def misses_no_missing_file(answer, rng):
    """A labelled file that is not there must be an error."""
    text, names, _ = _labels(rng, 6)
    try:
        answer(text, names[1:])
    except Mistake as mistake:
        expect("FileNotFoundError" in str(mistake), "raise FileNotFoundError for a missing file.")
        return
    raise Mistake(
        "a labelled file is missing, and nothing was said: fewer examples would give another"
        " accuracy. Raise FileNotFoundError."
    )


def _sound(rng, frames: int, mels: int = 16) -> tuple[np.ndarray, np.ndarray]:
    spectrogram = rng.normal(-30, 8, (frames, mels)).astype(np.float32)
    windows = _windows(spectrogram)
    wild = rng.gamma(1.0, 2.0, (len(windows), 1))  # some windows are far worse than others
    return spectrogram, (windows + rng.normal(0, wild, windows.shape)).astype(np.float32)


def _windows(spectrogram: np.ndarray) -> np.ndarray:
    return np.stack([spectrogram[i : i + 5].ravel() for i in range(len(spectrogram) - 4)])


def averages_over_windows(answer, rng):
    """Mean over all windows of the mean squared error of each."""
    for frames in (int(rng.integers(20, 60)), 200):
        spectrogram, outputs = _sound(rng, frames)
        errors = ((_windows(spectrogram) - outputs) ** 2).mean(axis=1)
        expect_close(
            expect_number(answer(spectrogram, outputs)),
            errors.mean(),
            otherwise="the score is the mean over all windows of their mean squared errors.",
            likely={
                "that is the median over the windows; the benchmark averages.": np.median(errors),
                "that is the root of the score; squared errors are averaged as they are.": (
                    math.sqrt(errors.mean())
                ),
                "average the roots' squares: take no root of a window's error.": (
                    np.sqrt(errors).mean()
                ),
                "divide by the numbers of a window, too: mean, not sum.": (
                    errors.mean() * outputs.shape[1]
                ),
                "absolute errors are not squared errors.": (
                    np.abs(_windows(spectrogram) - outputs).mean()
                ),
                "that is the worst window.": errors.max(),
                "windows overlap: each begins one frame after the one before.": (
                    errors[: len(spectrogram) // 5].mean()
                ),
            },
            rtol=1e-4,
        )


def keeps_the_order_of_time(answer, rng):
    """A window is five frames one after another, oldest first."""
    spectrogram, _ = _sound(rng, 30)
    score = expect_number(answer(spectrogram, _windows(spectrogram)))
    expect_close(
        score,
        0.0,
        otherwise="outputs that equal the windows must score 0: a window is five whole frames, one"
        " after another.",
        atol=1e-6,
    )


def _ranked(rng, ties: bool) -> tuple[np.ndarray, np.ndarray]:
    labels = rng.permutation(
        np.repeat([0, 1], [int(rng.integers(8, 30)), int(rng.integers(5, 20))])
    )
    scores = rng.normal(labels * 1.0, 1)
    return labels, np.round(scores) if ties else scores


def counts_pairs(answer, rng):
    """Share of pairs in which the anomaly scores higher."""
    for _ in range(4):
        labels, scores = _ranked(rng, ties=False)
        area = area_under_curve(labels, scores)
        expect_close(
            expect_number(answer(labels, scores)),
            area,
            otherwise="the area is the share of pairs, one of each kind, in which the anomaly has"
            " the higher score.",
            likely={
                "anomalies shall score higher, not lower.": 1 - area,
                "an area needs no threshold: that is the accuracy at one half.": float(
                    ((scores > 0.5) == labels).mean()
                ),
                "that is the number of pairs; divide by how many there are.": (
                    area * labels.sum() * (1 - labels).sum()
                ),
            },
        )


def splits_ties(answer, rng):
    """Equal scores count half."""
    for _ in range(4):
        labels, scores = _ranked(rng, ties=True)
        area = area_under_curve(labels, scores)
        ties = np.mean(scores[labels == 1][:, None] == scores[labels == 0])
        expect_close(
            expect_number(answer(labels, scores)),
            area,
            otherwise="with equal scores the area comes out wrong.",
            likely={
                "equal scores are half a win, not none.": area - ties / 2,
                "equal scores are half a win, not a whole one.": area + ties / 2,
            },
        )
    constant = expect_number(answer(np.array([0, 1, 0, 1]), np.ones(4)))
    expect_close(constant, 0.5, otherwise="one score for everything is chance: an area of 0.5.")


EXERCISES = (
    Exercise(
        "wilson_bounds",
        "What so many examples prove",
        (
            Point("Wilson's ends", gives_wilsons_ends),
            Point("stays inside 0 and 1", stays_inside),
        ),
        forbidden=("tinylab.scoring.intervals.wilson_interval",),
    ),
    Exercise(
        "labelled_files",
        "Which files count",
        (
            Point("the labelled files", counts_what_is_labelled),
            Point("lines with windows", reads_five_fields),
            Point("a missing file", misses_no_missing_file),
        ),
    ),
    Exercise(
        "recording_score",
        "The anomaly score of a recording",
        (
            Point("mean over windows", averages_over_windows),
            Point("frames in order", keeps_the_order_of_time),
        ),
        forbidden=("tinylab.scoring.anomaly.score_recordings",),
    ),
    Exercise(
        "auc_with_ties",
        "The area under the ROC curve",
        (Point("pairs", counts_pairs), Point("ties", splits_ties)),
        forbidden=(
            "tinylab.scoring.anomaly.auc",
            "tinylab.scoring.rates.area_under_curve",
            "tinylab.benchmark.quality.auc_interval",
            "sklearn.metrics.roc_auc_score",
        ),
    ),
)
