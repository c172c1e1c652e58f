"""Scores and their quality against scikit-learn, and the cost of thresholds against brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from tinylab.scoring import anomaly
from tinylab.scoring.alarm_cost import Economics, alarm_curve, cheapest, expected_cost, rates


@pytest.fixture
def scored():
    rng = np.random.default_rng(0)
    labels = np.tile([0, 1, 1], 60)
    return labels, rng.normal(labels, 0.8), np.repeat([1, 2, 3], 60)


def test_a_perfect_copy_scores_zero_and_an_offset_its_square():
    log_mel = np.random.default_rng(1).normal(-20, 5, (3, 12, 128)).astype(np.float32)
    assert anomaly.score_recordings(lambda x: x, log_mel).tolist() == [0, 0, 0]
    np.testing.assert_allclose(anomaly.score_recordings(lambda x: x + 3, log_mel), 9, rtol=1e-5)


def test_the_score_is_the_mean_over_windows():
    log_mel = np.random.default_rng(2).normal(size=(2, 9, 128)).astype(np.float32)
    expected = [
        np.mean([np.mean(recording[i : i + 5] ** 2) for i in range(5)]) for recording in log_mel
    ]
    got = anomaly.score_recordings(lambda x: 0 * x, log_mel)
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_report_is_the_mean_of_the_machines(scored):
    labels, scores, machines = scored
    report = anomaly.report(labels, scores, machines)
    parts = [machines == number for number in (1, 2, 3)]
    areas = [roc_auc_score(labels[part], scores[part]) for part in parts]
    partial = [roc_auc_score(labels[part], scores[part], max_fpr=0.1) for part in parts]
    assert report.machine_auc == pytest.approx(areas) and report.auc == pytest.approx(
        np.mean(areas)
    )
    assert report.pauc == pytest.approx(np.mean(partial)) and report.recordings == 180
    assert "machine 2" in str(report)


@pytest.mark.parametrize("function", [anomaly.auc, anomaly.partial_auc, alarm_curve])
def test_one_kind_alone_is_refused(function):
    with pytest.raises(ValueError, match="both of them present"):
        function([0, 0, 0], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="score"):
        function([0, 1], [1.0])


def test_the_curve_is_scikit_learns(scored):
    labels, scores, _ = scored
    curve = alarm_curve(labels, scores)
    alarms, hits, _ = roc_curve(labels, scores, drop_intermediate=False)
    np.testing.assert_allclose(curve.false_alarm_rate[::-1], alarms)
    np.testing.assert_allclose(1 - curve.miss_rate[::-1], hits)


samples = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9)), min_size=2, max_size=30).filter(
    lambda pairs: len({label for label, _ in pairs}) == 2
)
money = st.floats(0, 100)


@settings(max_examples=60)
@given(samples, money, money, st.floats(0, 1))
def test_no_threshold_is_cheaper_than_the_cheapest(pairs, alarm, miss, prevalence):
    labels, scores = (np.array(part) for part in zip(*pairs))
    economics = Economics(alarm, miss, prevalence)
    best = cheapest(alarm_curve(labels, scores), economics)
    assert rates(labels, scores, best.threshold) == pytest.approx(
        (best.false_alarm_rate, best.miss_rate)
    )
    for threshold in np.arange(-1.25, 11, 0.5):
        cost = expected_cost(*rates(labels, scores, threshold), economics)
        assert best.cost_per_check <= cost + 1e-9


def test_prices_move_the_threshold(scored):
    labels, scores, _ = scored
    curve = alarm_curve(labels, scores)
    dear, cheap = (cheapest(curve, Economics(1, miss, 0.05)).threshold for miss in (1000, 1))
    assert dear < cheap
    assert cheapest(curve, Economics(1, 1e9, 0.5)).miss_rate == 0
    assert cheapest(curve, Economics(1e9, 1, 0.5)).false_alarm_rate == 0


def test_senseless_prices_are_refused():
    with pytest.raises(ValueError, match="negative"):
        Economics(-1, 1, 0.1)
    with pytest.raises(ValueError, match="0..1"):
        Economics(1, 1, 1.1)
