"""Verdicts against targets; intervals against a bootstrap, scikit-learn and known sample sizes."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from tinylab.benchmark.quality import auc_interval, examples_needed, judge, percent
from tinylab.scoring.intervals import wilson_interval


@pytest.mark.parametrize(
    ("right", "verdict"),
    [(320, "misses"), (358, "cannot say"), (369, "cannot say"), (380, "meets")],
)
def test_verdicts_follow_the_interval(right, verdict):
    quality = judge("accuracy", right / 400, wilson_interval(right, 400), 400, 0.9)
    assert quality.verdict == verdict
    assert ("would" in str(quality)) == (verdict == "cannot say")


def test_one_point_at_ninety_percent_takes_3458_examples():
    # z^2 p (1 - p) / d^2 = 1.96^2 * 0.9 * 0.1 / 0.01^2 = 3457.4
    assert examples_needed(0.89, 0.9) == examples_needed(0.91, 0.9) == 3458


@settings(max_examples=40)
@given(share=st.integers(1, 999), target=st.integers(1, 99))
def test_so_many_examples_decide_and_one_fewer_does_not(share, target):
    share, target = share / 1000, target / 100
    assume(abs(share - target) >= 0.004)
    needed = examples_needed(share, target)
    for examples in (needed, needed - 1):
        if examples:
            low, high = wilson_interval(share * examples, examples)  # no whole count: the law alone
            assert (low <= target <= high) == (examples < needed)


def test_on_the_target_no_number_is_enough():
    quality = judge("accuracy", 0.9, wilson_interval(360, 400), 400, 0.9)
    assert quality.needed is None and "on which it lies" in str(quality)


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_no_share_no_answer(share):
    with pytest.raises(ValueError, match="pass a share in 0..1"):
        examples_needed(share, 0.9)


def scores_of(seed: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.repeat([0, 1], [60, 40])
    return labels, np.round(rng.normal(labels * shift, 1), 1)  # rounded: ties


@pytest.mark.parametrize(("seed", "shift"), [(0, 1.0), (1, 0.2), (2, 2.0)])
def test_area_and_interval_agree_with_resampling(seed, shift):
    labels, scores = scores_of(seed, shift)
    area, (low, high) = auc_interval(labels, scores)
    assert area == pytest.approx(roc_auc_score(labels, scores))
    rng = np.random.default_rng(3)
    parts = [np.flatnonzero(labels == kind) for kind in (0, 1)]
    draws = [np.concatenate([rng.choice(part, len(part)) for part in parts]) for _ in range(200)]
    areas = [roc_auc_score(labels[draw], scores[draw]) for draw in draws]
    assert (low, high) == pytest.approx(np.quantile(areas, (0.025, 0.975)), abs=0.04)


def test_a_perfect_area_still_has_an_interval():
    area, (low, high) = auc_interval(np.repeat([0, 1], 10), np.arange(20))
    assert area == 1 and 0.6 < low < 1 and high == 1


def test_an_area_needs_both_kinds():
    with pytest.raises(ValueError, match="not 3 normal and 1 anomalous"):
        auc_interval(np.array([0, 0, 0, 1]), np.arange(4))


def test_areas_need_more_recordings_as_the_gap_shrinks():
    wide = judge("AUC", 0.86, (0.80, 0.92), 100, 0.85)
    near = judge("AUC", 0.855, (0.80, 0.91), 100, 0.85)
    assert (wide.needed, wide.verdict) == (3600, "cannot say")
    assert near.needed > wide.needed


def test_halves_are_rounded_up_as_tables_do():
    assert [percent(share) for share in (0.8625, 0.895, 1.0)] == ["86.3", "89.5", "100.0"]
