"""Rates at thresholds and precision, against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import precision_score, roc_curve

from tinylab.scoring.rates import area_under_curve, precision_at, rates_at

LABELS = np.array([0, 0, 1, 1, 0, 1, 1, 0, 1, 0])
SCORES = np.array([0.1, 0.4, 0.4, 0.8, 0.2, 0.9, 0.35, 0.8, 0.5, 0.05])


def test_the_points_lie_on_the_curve_of_scikit_learn():
    alarms, recalls, thresholds = roc_curve(LABELS, SCORES, drop_intermediate=False)
    ours = rates_at(LABELS, SCORES, thresholds[1:])
    np.testing.assert_allclose(ours, (recalls[1:], alarms[1:]))
    assert np.trapezoid(recalls, alarms) == pytest.approx(area_under_curve(LABELS, SCORES))


def test_precision_of_the_same_examples():
    recalls, alarms = rates_at(LABELS, SCORES, [0.4, 0.8, 1.0])
    ours = precision_at(recalls, alarms, LABELS.mean())
    theirs = [precision_score(LABELS, SCORES >= t, zero_division=np.nan) for t in (0.4, 0.8, 1.0)]
    np.testing.assert_allclose(ours, theirs)


def test_rare_people_make_alarms_wrong():
    assert precision_at(0.9, 0.1, 0.01) == pytest.approx(0.009 / (0.009 + 0.099))


def test_both_labels_are_needed():
    with pytest.raises(ValueError, match="both labels"):
        rates_at([1, 1], [0.2, 0.3], [0.5])
