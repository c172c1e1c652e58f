"""Metrics against scikit-learn and scipy."""

import numpy as np
import pytest
from sklearn import metrics as oracle

from tinylab.scoring import classification


@pytest.fixture
def answers():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, 300)
    scores = rng.random((300, 5)) + np.eye(5)[labels] * 0.6
    return labels, scores


def test_equal_to_scikit_learn(answers):
    labels, scores = answers
    predicted = scores.argmax(axis=1)
    confusion = oracle.confusion_matrix(labels, predicted)
    recall = oracle.recall_score(labels, predicted, average=None)
    for given_as in (scores, predicted):
        result = classification.report(labels, given_as)
        np.testing.assert_array_equal(result.confusion, confusion)
        np.testing.assert_allclose(result.recall, recall)
        assert result.accuracy == pytest.approx(oracle.accuracy_score(labels, predicted))
        assert classification.accuracy(labels, given_as) == pytest.approx(result.accuracy)


def test_two_columns_are_two_classes_and_one_is_a_probability():
    assert classification.predicted_classes([[0.2, 0.8], [0.6, 0.4]]).tolist() == [1, 0]
    assert classification.predicted_classes([[0.2], [0.5], [0.6], [1]]).tolist() == [0, 1, 1, 1]
    assert classification.predicted_classes([3, 0]).tolist() == [3, 0]


def test_a_class_without_examples_has_no_recall():
    result = classification.report([0, 0, 2], [0, 2, 2], classes=4)
    np.testing.assert_array_equal(result.recall, [0.5, np.nan, 1.0, np.nan])
    assert result.confusion.shape == (4, 4)


def test_report_reads_as_a_sentence():
    text = str(classification.report([0, 1, 1, 1], [0, 1, 1, 0]))
    assert text == "75.0% of 4 right (95 % interval 30.1% to 95.4%)"


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="one prediction for each label"):
        classification.accuracy([0, 1], [0])
    with pytest.raises(ValueError, match="at least one"):
        classification.accuracy([], [])
    with pytest.raises(ValueError, match="class indices"):
        classification.accuracy([0], np.zeros((1, 2, 3)))
    with pytest.raises(ValueError, match=r"0\.\.1"):
        classification.confusion_matrix([0, 2], [0, 1], classes=2)
    with pytest.raises(ValueError, match=r"0\.\.1, found 3"):
        classification.confusion_matrix([0, 1], [0, 3], classes=2)
    for labels, answers in (([0, 1], [-1, 1]), ([-1, 1], [0, 1])):
        with pytest.raises(ValueError, match=r"0\.\.1"):
            classification.confusion_matrix(labels, answers)


def test_one_sigmoid_output_is_a_classifier_of_two():
    labels = np.array([0, 1, 1, 1])
    perfect = np.array([[0.1], [0.9], [0.6], [0.5]])
    assert classification.accuracy(labels, perfect) == 1.0
    assert classification.report(labels, perfect).recall.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("predictions", "says"),
    [
        (np.array([[3.0], [-2.0]]), "apply a sigmoid"),
        (np.array([0.2, 0.9]), r"pass scores as \(n, 1\)"),
        (np.array([[np.nan, 1.0], [0.0, 1.0]]), "not a number"),
        (np.zeros((2, 2, 2)), "got shape"),
        (np.zeros((2, 0)), "got shape"),
    ],
)
def test_predictions_that_are_no_answers_are_refused(predictions, says):
    with pytest.raises(ValueError, match=says):
        classification.accuracy(np.array([0, 1]), predictions)


def test_a_report_over_groups_says_how_many():
    labels, answers = [0, 1, 1, 1, 0, 0], [0, 1, 1, 0, 0, 0]
    alone = classification.report(labels, answers)
    grouped = classification.report(labels, answers, groups=[1, 1, 2, 2, 3, 3])
    assert grouped.groups == 3 and alone.groups is None
    assert str(grouped).endswith("over 3 groups)")
