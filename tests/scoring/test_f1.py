"""Macro F1 against scikit-learn, and an interval over patients."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_recall_fscore_support

from tinylab.scoring.f1 import (
    class_margin,
    class_scores,
    macro_f1_interval,
    threshold_for_recall,
)

LABELS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(LABELS)
def test_as_scikit_learn(pairs):
    labels, answers = np.array(pairs).T
    mine = class_scores(labels, answers, 3)
    theirs = precision_recall_fscore_support(labels, answers, labels=range(3), zero_division=0)
    np.testing.assert_allclose([mine.precision, mine.recall, mine.f1], theirs[:3])
    # Without a list of labels, scikit-learn counts those that occur on either side.
    assert mine.macro_f1 == pytest.approx(f1_score(labels, answers, average="macro"))


def test_whoever_always_says_normal_has_a_third():
    labels = np.repeat([0, 1, 2], [90, 5, 5])
    assert class_scores(labels, np.zeros(100, int)).macro_f1 == pytest.approx(2 * 0.9 / 1.9 / 3)


def test_patients_alike_leave_no_doubt_and_patients_apart_do():
    labels = np.tile([0, 0, 1, 2], 30)
    patients = np.repeat(np.arange(30), 4)
    alike = np.tile([0, 0, 1, 0], 30)
    low, high = macro_f1_interval(labels, alike, patients)
    assert low == pytest.approx(high)
    good = np.where(patients % 2, labels, 0)
    low, high = macro_f1_interval(labels, good, patients)
    assert high - low > 0.15
    assert low < class_scores(labels, good).macro_f1 < high


def test_one_patient_is_no_interval():
    with pytest.raises(ValueError, match="at least two"):
        macro_f1_interval([0, 1], [0, 1], ["a", "a"])


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1), st.integers(1, 20))
def test_no_higher_threshold_reaches_the_recall(pairs, twentieths):
    scores, positive = (np.array(column) for column in zip(*pairs))
    recall = twentieths / 20
    if not positive.any():
        with pytest.raises(ValueError, match="positive examples"):
            threshold_for_recall(scores, positive, recall)
        return
    threshold = threshold_for_recall(scores, positive, recall)
    own = scores[positive]
    assert np.mean(own >= threshold) >= recall - 1e-9
    assert np.mean(own > threshold) < recall


def test_a_class_leads_where_it_is_answered():
    scores = np.random.default_rng(0).dirichlet(np.ones(3), 200)
    for number in range(3):
        leads = class_margin(scores, number) > 0
        np.testing.assert_array_equal(leads, scores.argmax(axis=1) == number)
