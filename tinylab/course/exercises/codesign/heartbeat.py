"""Exercises of notebooks/source/04_codesign/4_heartbeat.py."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import (
    also_fixed,
    expect,
    expect_array,
    expect_close,
    expect_number,
)
from tinylab.scoring.f1 import threshold_for_recall

__all__ = ["EXERCISES"]


def _beats_of_patients(rng) -> np.ndarray:
    """Names of patients, one a beat: a few patients with many beats and many with few."""
    names = np.array([f"patient {number}" for number in rng.permutation(40)[:20]])
    return np.repeat(names, rng.integers(3, 40, len(names)))


def _chosen(answer, patients, share, seed) -> np.ndarray:
    mask = expect_array(answer(patients, share, seed), shape=patients.shape)
    expect(mask.dtype == bool, "return True and False for every beat: an array of bool.")
    return mask


def keeps_patients_whole(answer, rng):
    """No patient has beats on both sides."""
    for seed in range(3):
        patients = _beats_of_patients(rng)
        mask = _chosen(answer, patients, 0.25, seed)
        both = set(patients[mask]) & set(patients[~mask])
        expect(
            not both,
            f"{len(both)} of {len(set(patients))} patients have beats on both sides: draw patients,"
            " not beats.",
        )


def takes_the_share_of_patients(answer, rng):
    """A share of the patients, not of the beats."""
    patients = _beats_of_patients(rng)
    for share, wanted in ((0.1, 2), (0.25, 5), (0.5, 10)):
        chosen = len(set(patients[_chosen(answer, patients, share, 1)]))
        expect(
            chosen == wanted,
            f"{share:.0%} of 20 patients are {wanted}; {chosen} have beats that are True.",
        )


def draws_by_the_seed(answer, rng):
    """The same seed draws the same patients; other seeds draw others."""
    patients = _beats_of_patients(rng)
    masks = [_chosen(answer, patients, 0.25, seed) for seed in (1, 2, 3, 4, 1)]
    expect(bool(np.all(masks[0] == masks[-1])), "the same seed must draw the same patients.")
    expect(
        any(np.any(mask != masks[0]) for mask in masks),
        "four seeds drew the same patients: draw at random, by the seed.",
    )


def compares_with_the_last_interval(answer, rng):
    """The interval that just ended over the one before it."""
    times, rr = _times(rng)
    got = expect_array(answer(times), shape=(len(times), 2))[:, 0]
    right = np.ones(len(times))
    right[2:] = rr[1:] / rr[:-1]
    ahead, upside = np.ones(len(times)), np.ones(len(times))
    ahead[1:-1] = rr[1:] / rr[:-1]
    upside[2:] = rr[:-1] / rr[1:]
    expect_close(
        got,
        right,
        otherwise="the first column is the interval that ended with a beat over the one before it,"
        " and 1 for the first two beats.",
        likely={
            "you use the interval after the beat: the next beat has not come yet.": ahead,
            "that is upside down: an early beat must give less than 1.": upside,
        },
    )


def compares_with_the_recent_mean(answer, rng):
    """The interval that just ended over the mean of up to eight before it."""
    times, rr = _times(rng)
    got = expect_array(answer(times), shape=(len(times), 2))[:, 1]

    def column(mean_before) -> np.ndarray:
        values = np.ones(len(times))
        values[2:] = [rr[k] / mean_before(k) for k in range(1, len(rr))]
        return values

    expect_close(
        got,
        column(lambda k: rr[max(0, k - 8) : k].mean()),
        otherwise="the second column is the interval that ended with a beat over the mean of the"
        " up to eight intervals before it.",
        likely={
            "the mean has the interval itself in it: an early beat then looks less early.": column(
                lambda k: rr[max(0, k - 7) : k + 1].mean()
            ),
            "that is the mean of the whole recording: most of it lies in the future.": column(
                lambda k: rr.mean()
            ),
            "that is the mean of all earlier intervals; only the last eight are asked for.": column(
                lambda k: rr[:k].mean()
            ),
        },
    )


def _times(rng) -> tuple[np.ndarray, np.ndarray]:
    rr = rng.uniform(0.4, 1.2, size=25)
    return np.concatenate([[0.5], 0.5 + np.cumsum(rr)]), rr


def knows_nothing_of_later_beats(answer, rng):
    """Whatever comes after a beat, its features stay."""
    times, _ = _times(rng)
    whole = expect_array(answer(times), shape=(len(times), 2))
    for cut in (3, 10, 20):
        part = expect_array(answer(times[:cut]), shape=(cut, 2))
        expect(
            bool(np.allclose(part, whole[:cut])),
            "the features of early beats change with later ones: the device cannot wait for them.",
        )
    few = expect_array(answer(times[:1]), shape=(1, 2))
    expect(bool(np.all(few == 1)), "for a single beat both features are 1.")


def counts_every_class_alike(answer, rng):
    """Mean of the classes' F1."""
    for _ in range(3):
        labels = np.concatenate([np.zeros(80, int), rng.integers(0, 3, size=30), [0, 1, 2]])
        answers = np.where(rng.random(len(labels)) < 0.7, labels, rng.integers(0, 3, len(labels)))
        precision, recall, f1 = _per_class(labels, answers)
        expect_close(
            expect_number(answer(labels, answers)),
            f1.mean(),
            otherwise="work out F1 = 2 P R / (P + R) of each class, then take the mean.",
            likely={
                "that is the accuracy: normal beats outvote all others.": np.mean(
                    labels == answers
                ),
                "that is the mean recall: whoever gives false alarms must lose something.": (
                    recall.mean()
                ),
                "that is the mean precision.": precision.mean(),
                "take F1 of each class first, then the mean.": _f1(precision.mean(), recall.mean()),
                "that weighs the classes by their numbers; they count alike.": np.average(
                    f1, weights=np.bincount(labels, minlength=3)
                ),
            },
        )


def survives_an_empty_class(answer, rng):
    """A class that is never right has 0; one that never occurs does not count."""
    never = expect_number(answer(np.array([0, 0, 1, 2]), np.array([0, 0, 0, 0])))
    expect_close(
        never,
        _f1(0.5, 1.0) / 3,
        otherwise="a class of which no beat is answered right has an F1 of 0, and counts.",
        likely={"a class that is always missed counts, with an F1 of 0.": _f1(0.5, 1.0)},
    )
    absent = expect_number(answer(np.array([0, 0, 2, 2]), np.array([0, 2, 2, 2])))
    expect_close(
        absent,
        (_f1(1.0, 0.5) + _f1(2 / 3, 1.0)) / 2,
        otherwise="a class that neither occurs nor is answered does not count.",
        likely={
            "a class that neither occurs nor is answered does not count: you counted it as 0.": (
                _f1(1.0, 0.5) + _f1(2 / 3, 1.0)
            )
            / 3
        },
    )


def _per_class(labels, answers) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    right = np.array([np.sum((labels == k) & (answers == k)) for k in range(3)])
    precision = right / np.maximum(np.bincount(answers, minlength=3), 1)
    recall = right / np.maximum(np.bincount(labels, minlength=3), 1)
    return precision, recall, np.array([_f1(*pair) for pair in zip(precision, recall)])


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def weighs_rare_classes_more(answer, rng):
    """Proportional to the counts to the power of -power."""
    for power in (0.5, 1.0):
        labels, counts = _labels(rng)
        got = expect_array(answer(labels, power), shape=(3,))
        wanted = (counts / counts.sum()) ** -power
        expect_close(
            got / got[0],
            wanted / wanted[0],
            otherwise="compare two classes: their weights are not in the ratio that the power of"
            " their numbers of beats gives.",
            likely={
                "that is the other way round: frequent classes weigh more.": wanted[0] / wanted,
                "the power is missing: 0.5 is the square root, between equal and inverse.": (
                    counts[0] / counts
                ),
            },
        )
    labels, _ = _labels(rng)
    flat = expect_array(answer(labels, 0.0), shape=(3,))
    expect(bool(np.allclose(flat, flat[0])), "with a power of 0 all classes weigh the same.")


def keeps_the_mean_beat_at_one(answer, rng):
    """The mean over beats, not over classes, is 1."""
    labels, counts = _labels(rng)
    got = expect_array(answer(labels, 0.7), shape=(3,))
    mean = float(np.sum(got * counts) / counts.sum())
    expect(
        abs(mean - 1) < 1e-6 or abs(got.mean() - 1) > 1e-6,
        "the mean over the classes is 1; over the beats it must be, or the learning rate changes.",
    )
    expect_close(mean, 1.0, otherwise=f"the mean weight of a beat is {mean:.3g}; it must be 1.")


def _labels(rng) -> tuple[np.ndarray, np.ndarray]:
    counts = np.array([rng.integers(300, 500), rng.integers(10, 40), rng.integers(50, 90)])
    return rng.permutation(np.repeat(np.arange(3), counts)), counts


def reaches_the_recall(answer, rng):
    """At least the recall asked for, and no lower a threshold than needed."""
    for recall in (0.5, 0.9, 0.95):
        # Numbers of which no share is whole, nor that of the steps between: rounding shows.
        positive = rng.permutation(np.arange(150) < rng.choice((37, 43, 47, 53)))
        scores = np.round(rng.random(150) * 0.6 + 0.3 * positive, 6)
        got = expect_number(answer(scores, positive, recall))
        own, wanted = scores[positive], threshold_for_recall(scores, positive, recall)
        reached = np.mean(own >= got)
        expect(
            got != np.quantile(own, 1 - recall) or got == wanted,
            "a quantile lies between two beats, and may miss the recall: take a beat's own score.",
        )
        expect(
            reached >= recall - 1e-9,
            f"at that threshold {reached:.1%} of the positive beats are found, not {recall:.0%};"
            " a score that equals the threshold is an alarm.",
        )
        expect_close(
            got,
            wanted,
            otherwise="the recall is reached, but at a lower threshold than needed: that costs"
            " false alarms.",
            likely={
                "one beat too many: sort the positive scores and count from the highest.": max(
                    own[own < wanted], default=wanted
                )
            },
        )


def takes_ties_and_ends(answer, rng):
    """Equal scores are found together; a recall of 1 takes the lowest."""
    scores = np.array([0.9, 0.5, 0.5, 0.5, 0.1, 0.8])
    positive = np.array([True, True, True, True, True, False])
    for recall, wanted in ((0.2, 0.9), (0.4, 0.5), (0.8, 0.5), (1.0, 0.1)):
        expect_close(
            expect_number(answer(scores, positive, recall)),
            wanted,
            otherwise=f"of positive scores 0.9, 0.5, 0.5, 0.5, 0.1 a recall of {recall:g} needs a"
            f" threshold of {wanted:g}.",
        )


EXERCISES = (
    Exercise(
        id="split_by_patient",
        title="Keep patients apart",
        points=(
            Point("keeps patients whole", keeps_patients_whole),
            Point("takes the share of patients", also_fixed(takes_the_share_of_patients, 4)),
            Point("draws by the seed", draws_by_the_seed),
        ),
    ),
    Exercise(
        id="interval_ratios",
        title="How early is a beat?",
        points=(
            Point("compares with the last interval", compares_with_the_last_interval),
            Point("compares with the recent mean", compares_with_the_recent_mean),
            Point("knows nothing of later beats", knows_nothing_of_later_beats),
        ),
    ),
    Exercise(
        id="macro_f1",
        title="A score in which rare classes count",
        points=(
            Point("counts every class alike", counts_every_class_alike),
            Point("survives an empty class", survives_an_empty_class),
        ),
        forbidden=("tinylab.scoring.f1.class_scores",),
    ),
    Exercise(
        id="tempered_weights",
        title="Weights between equal and inverse",
        points=(
            Point("weighs rare classes more", weighs_rare_classes_more),
            Point("keeps the mean beat at 1", keeps_the_mean_beat_at_one),
        ),
        forbidden=(
            "tinylab.models.losses.class_weights",
            "tinylab.models.losses.tempered_weights",
        ),
    ),
    Exercise(
        id="threshold_for_recall",
        title="A threshold that misses few",
        points=(
            Point("reaches the recall", reaches_the_recall),
            Point("takes ties and both ends", takes_ties_and_ends),
        ),
        forbidden=("tinylab.scoring.f1.threshold_for_recall",),
    ),
)
