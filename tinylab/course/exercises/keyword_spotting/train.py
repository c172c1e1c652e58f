"""Exercises of notebooks/source/01_keyword_spotting/1_train.py."""

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


def counts_frames(answer, rng):
    """As many frames as fit whole; one second in the keyword front end gives 49."""
    for samples, length, step in [
        (16000, 480, 320),
        (16000, 512, 256),
        (480, 480, 320),
        (799, 480, 320),
    ]:
        got = np.asarray(answer(np.zeros(samples, np.float32), length, step))
        right = 1 + (samples - length) // step
        expect(got.ndim == 2, "the frames must be an array with one row a frame.")
        expect(
            got.shape[0] != samples // step or got.shape[0] == right,
            "a last frame that runs over the end of the waveform does not count.",
        )
        expect(
            got.shape == (right, length),
            f"{samples} samples cut into frames of {length} every {step} make {(right, length)},"
            f" not {got.shape}.",
        )


def cuts_the_right_samples(answer, rng):
    """Frame k starts at sample k * frame_step."""
    for _ in range(4):
        length, step = int(rng.integers(8, 40)), int(rng.integers(3, 40))
        wave = rng.normal(size=length + step * int(rng.integers(2, 9)) + int(rng.integers(0, step)))
        starts = np.arange(1 + (len(wave) - length) // step) * step
        right = wave[starts[:, None] + np.arange(length)]
        got = expect_array(answer(wave, length, step))
        adjoining = np.arange(len(starts)) * length
        mistaken = wave[np.minimum(adjoining[:, None] + np.arange(length), len(wave) - 1)]
        expect_close(
            got,
            right,
            otherwise="each frame must start one step after the one before it, and have the "
            "full length.",
            likely={
                "the next frame starts frame_step samples later, not frame_length later.": mistaken
            },
        )


def overlaps(answer, rng):
    """The end of a frame is the start of the next where the step is half the length."""
    wave = rng.normal(size=200)
    got = expect_array(answer(wave, 40, 20), shape=(9, 40))
    expect_close(
        got[1:, :20], got[:-1, 20:], otherwise="with a step of half a frame, neighbours share half."
    )


def follows_the_mel_formula(answer, rng):
    """The HTK formula at random frequencies."""
    frequency = rng.uniform(20, 8000, size=50)
    ratio = 1 + frequency / 700
    expect_close(
        expect_array(answer(frequency), shape=(50,)),
        2595 * np.log10(ratio),
        otherwise="that is not the formula above: check the logarithm, its factor and what "
        "stands inside.",
        likely={
            "2595 belongs to the logarithm to base 10; with the natural one it is 1127.": (
                2595 * np.log(ratio)
            ),
            "1127 belongs to the natural logarithm; with base 10 it is 2595.": (
                1127 * np.log10(ratio)
            ),
            "add 1 inside the logarithm, so that 0 Hz is 0 mel.": 2595 * np.log10(frequency / 700),
        },
        rtol=1e-3,
    )


def anchors_the_mel_scale(answer, rng):
    """0 Hz is 0 mel and 1000 Hz is 1000 mel; the scale bends downwards."""
    expect_close(expect_number(answer(0.0)), 0.0, otherwise="0 Hz must be 0 mel.", atol=1e-6)
    expect_close(
        expect_number(answer(1000.0)), 1000.0, otherwise="1000 Hz must be 1000 mel.", rtol=1e-3
    )
    low = expect_number(answer(200.0)) - expect_number(answer(100.0))
    high = expect_number(answer(4100.0)) - expect_number(answer(4000.0))
    expect(low > 3 * high, "100 Hz must count for far more mel at 100 Hz than at 4000 Hz.")


def splits_the_convolution(answer, rng):
    """Depthwise and pointwise part, for any layer."""
    for _ in range(4):
        rows, columns, kernel, inputs, outputs = (int(n) for n in rng.integers(3, 40, 5))
        positions = rows * columns
        depthwise, pointwise = kernel * kernel * inputs, inputs * outputs
        expect_close(
            expect_number(answer(rows, columns, kernel, inputs, outputs)),
            positions * (depthwise + pointwise),
            otherwise="count for one position first: what the depthwise part takes, and what "
            "the pointwise part takes.",
            likely={
                "that is an ordinary convolution; a separable one adds its two parts.": (
                    positions * depthwise * outputs
                ),
                "the pointwise part is missing.": positions * depthwise,
                "the depthwise part is missing.": positions * pointwise,
                "both parts are done at every position: multiply by rows * columns.": (
                    depthwise + pointwise
                ),
            },
        )


def counts_a_ds_cnn_block(answer, rng):
    """The published figures of a block of the keyword model: 72,000 + 512,000."""
    expect_close(
        expect_number(answer(25, 5, 3, 64, 64)),
        584_000,
        otherwise="a block of the keyword model, 25 x 5 positions and 64 channels, has 584,000"
        " MACs.",
    )


def divides_by_the_true_count(answer, rng):
    """Recall is the diagonal over the sum of the true class."""
    for classes in (2, 3, 12):
        confusion = rng.integers(1, 50, size=(classes, classes))
        diagonal = np.diag(confusion)
        expect_close(
            expect_array(answer(confusion), shape=(classes,)),
            diagonal / confusion.sum(axis=1),
            otherwise="of the examples of a class, how many were found? Each class is asked alone.",
            likely={
                "that is the precision: divide by the sum of the true class's row.": (
                    diagonal / confusion.sum(axis=0)
                ),
                "divide each class by its own count, not by all examples.": (
                    diagonal / confusion.sum()
                ),
            },
        )


def survives_an_empty_class(answer, rng):
    """A class without examples has recall 0, not NaN."""
    confusion = np.array([[8, 2, 0], [0, 0, 0], [1, 1, 2]])
    got = np.asarray(answer(confusion), dtype=float)
    expect(
        got.shape == (3,) and bool(np.all(np.isfinite(got))),
        "a class without examples divides by zero; give it recall 0.",
    )
    expect_close(got, [0.8, 0.0, 0.5], otherwise="a class without examples must get recall 0.")


def stays_between_zero_and_one(answer, rng):
    """A perfect model has recall 1 everywhere, the opposite 0."""
    perfect = np.diag(rng.integers(1, 20, size=5))
    expect_close(
        expect_array(answer(perfect)), np.ones(5), otherwise="a perfect model has recall 1."
    )
    swapped = np.array([[0, 5], [7, 0]])
    expect_close(
        expect_array(answer(swapped)), np.zeros(2), otherwise="all wrong must give recall 0."
    )


def averages_the_past(answer, rng):
    """Row t of the result is the mean of the last `window` rows up to t."""
    scores, window = rng.uniform(size=(30, 4)), 5
    got = expect_array(answer(scores, window), shape=scores.shape)
    right = np.array([scores[t - window + 1 : t + 1].mean(axis=0) for t in range(window - 1, 30)])
    centred = np.array([scores[t - 2 : t + 3].mean(axis=0) for t in range(window - 1, 28)])
    if got[window - 1 : 28].shape == centred.shape and np.allclose(got[window - 1 : 28], centred):
        expect(False, "your window is centred: it looks into the future, which a device cannot.")
    expect_close(
        got[window - 1 :],
        right,
        otherwise="row t must be the mean of rows t - window + 1 to t.",
        likely={
            "divide by the number of rows: a mean, not a sum.": right * window,
        },
    )


def starts_with_what_there_is(answer, rng):
    """The first rows average the few rows there are."""
    scores = rng.uniform(0.2, 1.0, size=(6, 3))
    got = expect_array(answer(scores, 4), shape=scores.shape)
    expect_close(
        got[:3],
        np.array([scores[: t + 1].mean(axis=0) for t in range(3)]),
        otherwise="the first rows must be the mean of the rows there are so far.",
        likely={
            "divide by the rows there are, not by the whole window.": (
                np.array([scores[: t + 1].sum(axis=0) / 4 for t in range(3)])
            )
        },
    )


def window_of_one_changes_nothing(answer, rng):
    """A window of one row gives the scores back; a constant stays constant."""
    scores = rng.uniform(size=(7, 2))
    expect_close(
        expect_array(answer(scores, 1)), scores, otherwise="a window of one must change nothing."
    )
    flat = np.full((9, 2), 0.25)
    expect_close(
        expect_array(answer(flat, 3)), flat, otherwise="constant scores must stay constant."
    )


EXERCISES = (
    Exercise(
        id="frame_signal",
        title="Cut a waveform into frames",
        points=(
            Point("counts frames", counts_frames),
            Point("cuts the right samples", also_fixed(cuts_the_right_samples, 2)),
            Point("overlaps", overlaps),
        ),
        forbidden=("tinylab.signal.mfcc.frames",),
    ),
    Exercise(
        id="mel_from_hz",
        title="Pitch as the ear hears it",
        points=(
            Point("follows the formula", follows_the_mel_formula),
            Point("anchors the scale", anchors_the_mel_scale),
        ),
        forbidden=("tinylab.signal.mfcc.hz_to_mel",),
    ),
    Exercise(
        id="separable_macs",
        title="What a depthwise separable convolution costs",
        points=(
            Point("splits the convolution", splits_the_convolution),
            Point("counts a block of the model", counts_a_ds_cnn_block),
        ),
    ),
    Exercise(
        id="class_recall",
        title="Recall of each word",
        points=(
            Point("divides by the true count", divides_by_the_true_count),
            Point("survives an empty class", survives_an_empty_class),
            Point("stays between zero and one", stays_between_zero_and_one),
        ),
        forbidden=("tinylab.scoring.classification.class_recall",),
    ),
    Exercise(
        id="smooth_scores",
        title="Smooth a stream of scores",
        points=(
            Point("averages the past", averages_the_past),
            Point("starts with what there is", starts_with_what_there_is),
            Point("window of one changes nothing", window_of_one_changes_nothing),
        ),
        forbidden=("tinylab.scoring.listening.smooth",),
    ),
)
