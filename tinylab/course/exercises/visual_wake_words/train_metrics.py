"""Exercises on judging a detector in notebooks/source/02_visual_wake_words/1_train.py."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import expect_close, expect_number

__all__ = ["EXERCISES"]


def ranks_pairs(answer, rng):
    """The share of pairs in which the person has the higher score."""
    for _ in range(3):
        labels = rng.permutation(np.repeat([0, 1], [23, 14]))
        scores = rng.normal(size=37) + labels
        better = np.greater.outer(scores[labels > 0], scores[labels < 1])
        right = better.mean()
        expect_close(
            expect_number(answer(labels, scores)),
            right,
            otherwise="the area is the share of pairs (person, no person) that are in the right"
            " order.",
            likely={
                "that is the wrong way round: the person should have the higher score.": 1 - right,
                "that is an accuracy; the area needs no threshold.": (
                    (scores > 0.5) == labels
                ).mean(),
                "divide by the number of pairs.": right * 23 * 14,
            },
        )


def counts_ties_half(answer, rng):
    """Equal scores are half right: a model that says the same of everything has 0.5."""
    labels = np.array([0, 1, 0, 1, 1])
    expect_close(
        expect_number(answer(labels, np.full(5, 0.3))),
        0.5,
        otherwise="a model that gives every picture the same score has an area of 0.5: ties count"
        " half.",
    )
    scores = np.array([0.1, 0.1, 0.4, 0.4, 0.9])
    expect_close(
        expect_number(answer(labels, scores)),
        (0.5 + 1 + 1 + 0 + 0.5 + 1) / 6,
        otherwise="a pair with equal scores counts half.",
    )


def separates_perfectly(answer, rng):
    """1 for a perfect order, 0 for the opposite; only the order counts."""
    labels = np.array([0, 0, 1, 1])
    expect_close(
        expect_number(answer(labels, np.array([0.1, 0.2, 0.3, 0.9]))),
        1.0,
        otherwise="a perfect order must give 1.",
    )
    expect_close(
        expect_number(answer(labels, np.array([0.9, 0.8, 0.2, 0.1]))),
        0.0,
        otherwise="the opposite order must give 0.",
    )
    scores = rng.uniform(0.01, 1, 30)
    known = np.repeat([0, 1], 15)
    expect_close(
        expect_number(answer(known, scores)),
        expect_number(answer(known, np.log(scores))),
        otherwise="only the order of the scores may count, not their size.",
    )


def follows_bayes(answer, rng):
    """Precision at any prevalence."""
    for _ in range(5):
        recall, false_alarms, prevalence = (
            rng.uniform(0.3, 0.99),
            rng.uniform(0.01, 0.4),
            rng.uniform(0.005, 0.6),
        )
        hits, wrong = recall * prevalence, false_alarms * (1 - prevalence)
        expect_close(
            expect_number(answer(recall, false_alarms, prevalence)),
            hits / (hits + wrong),
            otherwise="imagine 1,000 pictures, and count those that wake the device: how many"
            " with people, how many without?",
            likely={
                "that holds only where half the pictures show a person; weigh with the"
                " prevalence.": (recall / (recall + false_alarms)),
                "false alarms come from pictures without a person: weigh them with 1 -"
                " prevalence.": (hits / (hits + false_alarms)),
                "that is the share of wake-ups among all pictures.": hits + wrong,
                "the prevalence belongs to the hits, 1 - prevalence to the false alarms.": (
                    recall
                    * (1 - prevalence)
                    / (recall * (1 - prevalence) + false_alarms * prevalence)
                ),
            },
            rtol=1e-6,
        )


def is_low_when_rare(answer, rng):
    """One picture in 1,000: most wake-ups of a good detector are for nothing."""
    expect_close(
        expect_number(answer(0.9, 0.1, 0.001)),
        0.0009 / (0.0009 + 0.0999),
        otherwise="recall 0.9, false alarms 0.1, one person in 1,000 pictures: precision 0.0089.",
        rtol=1e-4,
    )
    expect_close(
        expect_number(answer(0.7, 0.0, 0.2)),
        1.0,
        otherwise="without false alarms the precision is 1.",
    )


EXERCISES = (
    Exercise(
        id="pair_order",
        title="The area under the ROC curve",
        points=(
            Point("ranks pairs", ranks_pairs),
            Point("counts ties half", counts_ties_half),
            Point("separates perfectly", separates_perfectly),
        ),
        forbidden=(
            "sklearn.metrics.roc_auc_score",
            "tinylab.scoring.anomaly.auc",
            "tinylab.scoring.rates.area_under_curve",
        ),
    ),
    Exercise(
        id="precision_in_use",
        title="How often a wake-up is right",
        points=(
            Point("follows Bayes", follows_bayes),
            Point("is low when people are rare", is_low_when_rare),
        ),
        forbidden=("tinylab.scoring.rates.precision_at",),
    ),
)
