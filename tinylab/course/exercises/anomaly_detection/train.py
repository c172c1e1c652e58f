"""Exercises of notebooks/source/03_anomaly_detection/1_train.py."""

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


def follows_the_geometry(answer, rng):
    """Random bearings, balls at a right angle to the shaft."""
    for _ in range(5):
        shaft, balls = rng.uniform(10, 100), int(rng.integers(6, 14))
        ball, pitch = rng.uniform(4, 9), rng.uniform(30, 60)
        got = expect_number(answer(shaft, balls, ball, pitch, 0.0))
        right = balls / 2 * (1 - ball / pitch) * shaft
        expect_close(
            got,
            right,
            otherwise="the rate is not that of the formula above: check what stands inside "
            "the brackets, and what outside.",
            likely={
                "that is the inner ring: for the outer one the ratio is subtracted.": (
                    balls / 2 * (1 + ball / pitch) * shaft
                ),
                "about half the balls pass in one turn: divide the number of balls by 2.": 2
                * right,
                "that is how often in one turn; multiply by the shaft's turns a second.": (
                    right / shaft
                ),
                "the ratio is ball over pitch diameter, not the other way round.": (
                    balls / 2 * (1 - pitch / ball) * shaft
                ),
            },
        )


def uses_the_angle(answer, rng):
    """An angular contact bearing: the angle is in degrees."""
    for _ in range(4):
        angle, ratio = rng.uniform(10, 40), rng.uniform(0.15, 0.3)
        got = expect_number(answer(50.0, 8, 40 * ratio, 40.0, angle))
        expect_close(
            got,
            200 * (1 - ratio * np.cos(np.deg2rad(angle))),
            otherwise="the ratio is multiplied by the cosine of the contact angle.",
            likely={
                "the angle is in degrees, and np.cos wants radians.": 200
                * (1 - ratio * np.cos(angle)),
                "the contact angle has no effect on your result.": 200 * (1 - ratio),
                "take the cosine of the angle, not the sine.": (
                    200 * (1 - ratio * np.sin(np.deg2rad(angle)))
                ),
            },
        )


def is_ten_logarithms(answer, rng):
    """Powers well above the floor."""
    power = 10.0 ** rng.uniform(-4, 6, size=(6, 5))
    expect_close(
        expect_array(answer(power), shape=power.shape),
        10 * np.log10(power),
        otherwise="those are not the decibels of a power: a tenfold power must be 10 dB more.",
        likely={
            "20 * log10 is for amplitudes; these are powers, so 10 * log10.": 20 * np.log10(power),
            "decibels use the logarithm to base 10.": 10 * np.log(power),
            "the logarithm alone is in bel; decibels are ten times as many.": np.log10(power),
        },
    )


def has_a_floor(answer, rng):
    """Silence stays finite."""
    with np.errstate(divide="ignore"):
        got = np.asarray(answer(np.array([0.0, 1e-30, 1.0])), float)
    expect(
        got.shape == (3,) and bool(np.isfinite(got).all()),
        "the logarithm of zero is infinite: lift powers below the floor to it first.",
    )
    expect_close(
        got, [-120.0, -120.0, 0.0], otherwise="powers below the floor get the floor's decibels."
    )
    floor = 10.0 ** -int(rng.integers(3, 9))
    expect_close(
        expect_array(answer(np.array([0.0, 10.0]), floor), shape=(2,)),
        [10 * np.log10(floor), 10.0],
        otherwise="the floor is the function's second argument.",
        likely={
            "the floor replaces small powers; it is not added to all of them.": (
                10 * np.log10(np.array([0.0, 10.0]) + floor)
            ),
        },
        rtol=1e-9,
    )


def stacks_in_order(answer, rng):
    """Random features, windows of two to five frames."""
    for frames in (2, 3, 5):
        features = rng.normal(size=(int(rng.integers(frames + 1, 12)), 4))
        windows = np.lib.stride_tricks.sliding_window_view(features, (frames, 4))
        count, right = len(windows), windows.reshape(len(windows), -1)
        got = expect_array(answer(features, frames))
        expect(
            got.ndim == 2 and got.shape[1] == frames * 4,
            f"a window of {frames} frames of 4 bands has {frames * 4} values in a row; the result"
            f" has shape {got.shape}.",
        )
        expect(
            len(got) != len(features) // frames,
            "a new window starts with every frame; yours do not overlap.",
        )
        expect(
            len(got) == count,
            f"{len(features)} frames hold {count} windows of {frames} frames, not {len(got)}.",
        )
        by_band = np.array([features[i : i + frames].T.ravel() for i in range(count)])
        newest_first = np.array([features[i : i + frames][::-1].ravel() for i in range(count)])
        expect_close(
            got,
            right,
            otherwise="row i must hold frame i, then frame i + 1, and so on.",
            likely={
                "a row goes frame by frame, not band by band.": by_band,
                "the oldest frame comes first.": newest_first,
            },
        )


def takes_a_single_window(answer, rng):
    """Exactly as many frames as a window needs; windows of one frame."""
    features = rng.normal(size=(5, 3))
    expect_close(
        expect_array(answer(features, 5), shape=(1, 15)),
        features.reshape(1, 15),
        otherwise="five frames hold one window of five.",
    )
    expect_close(
        expect_array(answer(features, 1), shape=(5, 3)),
        features,
        otherwise="a window of one frame is the frame.",
    )


def averages_squares(answer, rng):
    """Random windows and copies."""
    for _ in range(4):
        windows = rng.normal(-20, 8, size=(int(rng.integers(2, 9)), 640))
        copies = windows + rng.normal(rng.uniform(-2, 2), 3, size=windows.shape)
        error = windows - copies
        expect_close(
            expect_number(answer(windows, copies)),
            np.mean(error**2),
            otherwise="the score is the mean of the squared differences over windows and values.",
            likely={
                "errors of either sign cancel: square them before the mean.": np.mean(error),
                "that is the mean size of the errors; square them instead.": np.mean(np.abs(error)),
                "do not take the root: the score is a mean square.": np.sqrt(np.mean(error**2)),
                "take the mean over the 640 values, not their sum.": (error**2).sum(axis=1).mean(),
                "take the mean over the windows, not the largest.": (error**2).mean(axis=1).max(),
            },
        )


def is_zero_for_a_perfect_copy(answer, rng):
    """Nothing is strange about what is copied exactly; the sign of an error does not matter."""
    windows = rng.normal(size=(3, 640))
    expect_close(
        expect_number(answer(windows, windows)), 0.0, otherwise="a perfect copy must score 0."
    )
    more, less = (expect_number(answer(windows, windows + sign)) for sign in (1, -1))
    expect_close(more, less, otherwise="too high and too low by the same must score the same.")


def counts_pairs(answer, rng):
    """Random scores without ties, of unequal numbers."""
    for _ in range(4):
        healthy = rng.normal(0, 1, size=int(rng.integers(3, 30)))
        faulty = rng.normal(1, 1, size=int(rng.integers(3, 30)))
        above = np.mean(faulty[:, None] > healthy[None, :])
        expect_close(
            expect_number(answer(healthy, faulty)),
            above,
            otherwise="count the pairs in which the faulty score is higher, and divide by all"
            " pairs.",
            likely={
                "turn it round: the faulty one should score higher.": 1 - above,
                "that is a count; divide by the number of pairs.": above
                * len(healthy)
                * len(faulty),
                "a threshold is not needed: compare every healthy with every faulty score.": (
                    np.mean(faulty > healthy.mean())
                ),
            },
        )


def halves_ties(answer, rng):
    """Equal scores count half, so that a detector that says nothing gets one half."""
    expect_close(
        expect_number(answer(np.full(4, 2.0), np.full(3, 2.0))),
        0.5,
        otherwise="if all scores are equal, the AUC is 0.5.",
        likely={
            "ties count half; yours do not count at all.": 0.0,
            "ties count half; yours count in full.": 1.0,
        },
    )
    healthy, faulty = rng.integers(0, 5, 20).astype(float), rng.integers(1, 6, 15).astype(float)
    difference = faulty[:, None] - healthy[None, :]
    expect_close(
        expect_number(answer(healthy, faulty)),
        np.mean(difference > 0) + np.mean(difference == 0) / 2,
        otherwise="add half of the share of ties.",
    )


def adds_both_mistakes(answer, rng):
    """Random scores and prices."""
    for _ in range(4):
        healthy, faulty = rng.normal(10, 3, size=40), rng.normal(15, 4, size=25)
        threshold, prevalence = rng.uniform(9, 14), rng.uniform(0.05, 0.4)
        alarm, miss = rng.uniform(1, 5), rng.uniform(20, 90)
        alarmed, missed = np.mean(healthy > threshold), np.mean(faulty <= threshold)
        right = prevalence * missed * miss + (1 - prevalence) * alarmed * alarm
        swapped = prevalence * missed * alarm + (1 - prevalence) * alarmed * miss
        turned = prevalence * (1 - missed) * miss + (1 - prevalence) * (1 - alarmed) * alarm
        expect_close(
            expect_number(answer(healthy, faulty, threshold, prevalence, alarm, miss)),
            right,
            otherwise="the cost is not that of the formula above: which rate belongs to which"
            " price, and how often does each case come?",
            likely={
                "the two prices are swapped.": swapped,
                "a mistake is a healthy score above the threshold or a faulty one not above it;"
                " yours are the right answers.": turned,
                "weigh false alarms with 1 - prevalence: most checks find a healthy machine.": (
                    prevalence * missed * miss + alarmed * alarm
                ),
                "the prevalence is missing: faults are rare.": missed * miss + alarmed * alarm,
            },
        )


def knows_the_ends(answer, rng):
    """Always alarming, never alarming, and a score exactly at the threshold."""
    healthy, faulty = rng.uniform(1, 2, 10), rng.uniform(1, 2, 10)
    expect_close(
        expect_number(answer(healthy, faulty, 5.0, 0.1, 2.0, 50.0)),
        5.0,
        otherwise="a threshold above all scores misses every fault.",
    )
    expect_close(
        expect_number(answer(healthy, faulty, 0.0, 0.1, 2.0, 50.0)),
        1.8,
        otherwise="a threshold below all scores alarms at every check.",
    )
    at = np.array([3.0])
    expect_close(
        expect_number(answer(at, at, 3.0, 0.5, 8.0, 10.0)),
        5.0,
        otherwise="an alarm is a score above the threshold: one that equals it raises none.",
    )


EXERCISES = (
    Exercise(
        id="outer_race_Hz",
        title="The rhythm of a damaged bearing",
        points=(
            Point("follows the geometry", follows_the_geometry),
            Point("uses the contact angle", uses_the_angle),
        ),
    ),
    Exercise(
        id="power_to_dB",
        title="Powers in decibels",
        points=(
            Point("is ten logarithms", is_ten_logarithms),
            Point("has a floor", also_fixed(has_a_floor, 3)),
        ),
    ),
    Exercise(
        id="stack_windows",
        title="Windows of five frames",
        points=(
            Point("stacks frames in order", stacks_in_order),
            Point("takes a single window", takes_a_single_window),
        ),
        forbidden=("tinylab.signal.log_mel.windows", "tinylab.data.machines.windows"),
    ),
    Exercise(
        id="anomaly_score",
        title="From errors to a score",
        points=(
            Point("averages squares", averages_squares),
            Point("is zero for a perfect copy", is_zero_for_a_perfect_copy),
        ),
        forbidden=(
            "tinylab.scoring.anomaly.window_errors",
            "tinylab.scoring.anomaly.score_recordings",
            "tinylab.compress.quantization.quantize.mean_squared_error",
        ),
    ),
    Exercise(
        id="auc_by_pairs",
        title="The AUC, pair by pair",
        points=(
            Point("counts pairs", counts_pairs),
            Point("halves ties", halves_ties),
        ),
        forbidden=("tinylab.scoring.anomaly.auc", "sklearn.metrics.roc_auc_score"),
    ),
    Exercise(
        id="cost_per_check",
        title="What a threshold costs",
        points=(
            Point("adds both mistakes", adds_both_mistakes),
            Point("knows the ends", knows_the_ends),
        ),
        forbidden=(
            "tinylab.scoring.alarm_cost.expected_cost",
            "tinylab.scoring.alarm_cost.rates",
        ),
    ),
)
