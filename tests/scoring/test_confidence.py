"""Calibration against scikit-learn, and on scores that are known to be too sure."""

import sys
import warnings

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import log_loss

from tinylab.scoring.confidence import (
    apply_temperature,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    reliability,
)


def boastful(examples=4000, classes=2, factor=3.0, seed=0):
    """Labels drawn from true probabilities; scores at 1 / factor of the temperature."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (examples, classes))
    probabilities = softmax(logits, axis=1)
    labels = (rng.uniform(size=(examples, 1)) > probabilities.cumsum(axis=1)).sum(axis=1)
    return softmax(factor * logits, axis=1), labels


class GivenScores(ClassifierMixin, BaseEstimator):
    """A classifier that has its logits as features, for scikit-learn to calibrate."""

    def fit(self, x, y):
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, x):
        return x

    def predict(self, x):
        return self.classes_[x.argmax(axis=1)]


@pytest.mark.skipif(
    sys.version_info < (3, 11), reason="scikit-learn for Python 3.10 fits no temperatures"
)
@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_the_temperature_is_scikit_learns(factor):
    scores, labels = boastful(classes=3, factor=factor)
    logits = np.log(scores)
    frozen = FrozenEstimator(GivenScores().fit(logits, labels))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        calibrated = CalibratedClassifierCV(frozen, method="temperature").fit(logits, labels)
    expected = calibrated.predict_proba(logits)
    ours = apply_temperature(scores, fit_temperature(scores, labels))
    np.testing.assert_allclose(ours, expected, atol=2e-3)
    assert fit_temperature(scores, labels) == pytest.approx(factor, rel=0.1)


def test_bins_are_those_of_the_calibration_curve():
    """For two classes at a threshold of one half, scikit-learn bins the probability of class 1."""
    rng = np.random.default_rng(1)
    sure = rng.uniform(0.5, 1, 2000)
    scores = np.stack([1 - sure, sure], axis=1)
    labels = (rng.uniform(size=2000) < sure**2).astype(int)
    diagram = reliability(scores, labels, bins=10)
    accuracy, confidence = calibration_curve(labels, sure, n_bins=10)
    np.testing.assert_allclose(diagram.accuracy[diagram.share > 0], accuracy)
    np.testing.assert_allclose(diagram.confidence[diagram.share > 0], confidence)
    assert diagram.error == pytest.approx(np.sum(diagram.share[5:] * np.abs(accuracy - confidence)))


def test_calibration_error_by_hand():
    scores = [[0.9, 0.1], [0.9, 0.1], [0.3, 0.7], [0.3, 0.7]]
    assert expected_calibration_error(scores, [0, 1, 1, 1]) == pytest.approx((0.4 + 0.3) / 2)
    assert expected_calibration_error([[1.0, 0.0]], [0]) == 0.0


def test_temperature_mends_what_was_too_sure():
    scores, labels = boastful()
    calibrated = apply_temperature(scores, fit_temperature(scores, labels))
    assert expected_calibration_error(scores, labels) > 0.1
    assert expected_calibration_error(calibrated, labels) < 0.03
    assert np.array_equal(calibrated.argmax(axis=1), scores.argmax(axis=1))
    assert negative_log_likelihood(calibrated, labels) == pytest.approx(
        log_loss(labels, calibrated)
    )


def test_temperature_one_changes_nothing():
    scores, _ = boastful(50)
    np.testing.assert_allclose(apply_temperature(scores, 1.0), scores, atol=1e-9)


def test_certainty_is_not_infinite():
    assert np.isfinite(negative_log_likelihood([[1.0, 0.0]], [1]))
    assert np.all(np.isfinite(apply_temperature([[1.0, 0.0]], 2.0)))


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="larger than 0, not 0"):
        apply_temperature([[0.5, 0.5]], 0)
    with pytest.raises(ValueError, match="one label for each example"):
        reliability([[0.5, 0.5]], [0, 1])
