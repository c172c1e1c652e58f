"""Exercises of 02_visual_wake_words/4_energy_latency: early exits and their confidence."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import expect, expect_array, expect_close, expect_number

__all__ = ["EXERCISES"]


def measures_in_bits(answer, rng):
    """Minus the sum of p log2 p, over the classes of each row."""
    for classes in (2, 3, 5):
        p = rng.dirichlet(np.ones(classes), size=6)
        bits = -(p * np.log(p)).sum(axis=1) / np.log(2)
        expect_close(
            expect_array(answer(p), shape=(6,)),
            bits,
            otherwise="that is not the entropy of a row: two equal probabilities must make 1 bit.",
            likely={
                "that is in nats: bits take the logarithm to base 2.": bits * np.log(2),
                "the sign is missing: the logarithm of a probability is negative.": -bits,
                "divide by nothing: one bit is one bit, however many classes there are.": (
                    bits / np.log2(classes)
                ),
                "weigh each logarithm by its probability.": -np.log2(p).sum(axis=1),
                "that is the surprise of the likeliest class alone; sum over all classes.": (
                    -np.log2(p.max(axis=1))
                ),
            },
        )


def knows_certainty(answer, rng):
    """A probability of zero adds nothing; equal probabilities are worst."""
    certain = np.zeros((3, 4))
    certain[np.arange(3), rng.integers(0, 4, 3)] = 1.0
    got = np.asarray(answer(certain), dtype=float)
    expect(
        got.shape == (3,) and bool(np.all(np.isfinite(got))),
        "a probability of 0 gave NaN or infinity: 0 * log(0) counts as 0.",
    )
    expect_close(got, np.zeros(3), otherwise="a certain answer has no entropy.", atol=1e-6)
    expect_close(
        expect_array(answer(np.full((2, 4), 0.25)), shape=(2,)),
        np.full(2, 2.0),
        otherwise="four equal probabilities make 2 bits.",
    )


def takes_the_first_sure_exit(answer, rng):
    """The first exit whose entropy is below the threshold."""
    for exits in (2, 3, 5):
        entropies = rng.uniform(0.05, 0.95, (40, exits))
        threshold = float(rng.uniform(0.4, 0.7))
        entropies[rng.random(40) < 0.4, 0] = threshold  # not below it: nobody leaves there
        sure = entropies < threshold
        sure[:, -1] = True
        surest = entropies.argmin(axis=1)
        places = np.where(entropies < threshold, np.arange(exits), -1).max(axis=1)
        last = np.where(places < 0, exits - 1, places)
        unsure = entropies > threshold
        unsure[:, -1] = True
        forgets = (entropies < threshold).argmax(axis=1)
        counts_equal = np.where(sure, True, entropies <= threshold).argmax(axis=1)
        expect_close(
            expect_array(answer(entropies, threshold), shape=(40,)),
            sure.argmax(axis=1),
            otherwise="each example leaves at the first exit whose entropy is below the threshold.",
            likely={
                "who is sure nowhere goes to the last exit; argmax of only False is 0.": forgets,
                "an entropy equal to the threshold is not below it.": counts_equal,
                "that is the surest exit; but who has left cannot look at the later ones.": surest,
                "that is the last sure exit: leave at the first.": last,
                "low entropy is sure: leave below the threshold, not above.": unsure.argmax(axis=1),
            },
        )


def knows_who_never_leaves(answer, rng):
    """Below threshold 0 nobody is; above all entropies everybody leaves at once."""
    entropies = rng.uniform(0, 1, (12, 4))
    expect_close(
        expect_array(answer(entropies, 0.0), shape=(12,)),
        np.full(12, 3),
        otherwise="at threshold 0 nobody is sure, so all go to the last exit.",
    )
    expect_close(
        expect_array(answer(entropies, 2.0), shape=(12,)),
        np.zeros(12),
        otherwise="when all are sure, all leave at the first exit, number 0.",
    )


def _bins(confidence, correct, bins):
    """Confidence, accuracy and count of every bin that is not empty."""
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    filled = np.unique(bin_of)
    sure = np.array([confidence[bin_of == number].mean() for number in filled])
    right = np.array([correct[bin_of == number].mean() for number in filled])
    return sure, right, np.array([(bin_of == number).sum() for number in filled])


def averages_the_gaps(answer, rng):
    """The gap of each bin, weighed by how many examples are in it."""
    for bins in (5, 10):
        confidence = np.concatenate([rng.uniform(0.5, 0.79, 60), rng.uniform(0.81, 0.99, 340)])
        correct = rng.uniform(size=400) < np.where(confidence > 0.8, 0.72, 0.78)
        sure, right, counts = _bins(confidence, correct, bins)
        gaps = np.abs(sure - right)
        expect_close(
            expect_number(answer(confidence, correct, bins)),
            float(gaps @ counts / 400),
            otherwise="that is not the average gap between confidence and accuracy: how much "
            "does each bin count?",
            likely={
                "weigh each bin by its examples: the plain mean lets a bin of two count like one of"
                " two hundred.": float(gaps.mean()),
                "gaps above and below cancel: take each bin's magnitude before you average.": abs(
                    float((sure - right) @ counts / 400)
                ),
                "that is the largest gap (the maximum calibration error), not the average.": float(
                    gaps.max()
                ),
                "divide the counts by the number of examples.": float(gaps @ counts),
            },
        )


def fills_the_last_bin(answer, rng):
    """A confidence of exactly 1 has a place; empty bins add nothing."""
    confidence, correct = np.array([1.0, 1.0, 1.0, 1.0]), np.array([True, True, True, False])
    got = np.asarray(answer(confidence, correct, 10), dtype=float)
    expect(
        got.shape == () and bool(np.isfinite(got)),
        "an empty bin gave NaN: the mean of nothing. Leave empty bins out.",
    )
    expect_close(
        float(got),
        0.25,
        otherwise="four answers of confidence 1, one of them wrong: the error is 0.25. The last bin"
        " includes 1.",
    )
    share = float(rng.uniform(0.55, 0.95))
    expect_close(
        expect_number(answer(np.full(20, share), np.arange(20) < 10, 10)),
        abs(share - 0.5),
        otherwise="with all examples in one bin the error is that bin's gap.",
    )


EXERCISES = (
    Exercise(
        id="prediction_entropy",
        title="How unsure is a prediction?",
        points=(
            Point("measures in bits", measures_in_bits),
            Point("knows certainty", knows_certainty),
        ),
        forbidden=("tinylab.early_exit.threshold.entropy_bits",),
    ),
    Exercise(
        id="leave_at",
        title="Who leaves by which exit",
        points=(
            Point("takes the first sure exit", takes_the_first_sure_exit),
            Point("knows who never leaves", knows_who_never_leaves),
        ),
        forbidden=("tinylab.early_exit.threshold.exit_taken",),
    ),
    Exercise(
        id="calibration_error",
        title="As sure as it is right?",
        points=(
            Point("averages the gaps", averages_the_gaps),
            Point("fills the last bin", fills_the_last_bin),
        ),
        forbidden=(
            "tinylab.scoring.confidence.reliability",
            "tinylab.scoring.confidence.expected_calibration_error",
        ),
    ),
)
