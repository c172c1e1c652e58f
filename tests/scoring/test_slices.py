"""Accuracy by slice: the shares, their intervals, and when a spread is more than chance."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score

from tinylab.scoring.intervals import share_interval, wilson_interval
from tinylab.scoring.slices import accuracy_by


def test_shares_are_scikit_learns_and_the_worst_comes_first():
    rng = np.random.default_rng(0)
    truth, answers = rng.integers(0, 3, (2, 300))
    values = rng.choice(["near", "far", "hidden"], 300)
    report = accuracy_by(values, truth == answers)
    for part in report.slices:
        chosen = values == part.name
        assert part.share.mean == pytest.approx(accuracy_score(truth[chosen], answers[chosen]))
        assert part.examples == chosen.sum()
    means = [part.share.mean for part in report.slices]
    assert means == sorted(means)
    assert report.overall.mean == pytest.approx(accuracy_score(truth, answers))


def test_intervals_count_groups_where_a_slice_has_several():
    right = np.tile([True, True, True, False], 30)
    voices = np.repeat(["a", "b", "c", "d"], 30)
    values = np.where(np.isin(voices, ["a", "b", "c"]), "engine 1", "engine 2")
    several, alone = sorted(accuracy_by(values, right, voices).slices, key=lambda part: part.name)
    assert several.groups == 3 and alone.groups == 1
    expected = share_interval(right[:90], voices[:90])
    assert several.share == expected
    assert (alone.share.low, alone.share.high) == wilson_interval(int(right[90:].sum()), 30)


def test_a_real_difference_is_no_chance_and_an_even_one_is():
    even, uneven = [[45, 5], [45, 5]], [[49, 1], [30, 20]]
    for table, expected in ((even, 1.0), (uneven, None)):
        right = np.concatenate([[True] * a + [False] * b for a, b in table])
        values = np.repeat(["one", "two"], 50)
        chance = accuracy_by(values, right).chance
        oracle = stats.chi2_contingency(np.array(table), correction=False).pvalue
        assert chance == pytest.approx(expected if expected is not None else oracle)
    assert chance < 0.001


def test_all_right_is_no_difference():
    report = accuracy_by(["a", "b"] * 20, np.ones(40, bool))
    assert report.chance == 1.0
    assert all(part.share.high == 1.0 for part in report.slices)


def test_examples_without_a_value_and_small_slices_are_left_out():
    values = ["", *["a"] * 10, *["b"] * 10, "c"]
    report = accuracy_by(values, np.ones(22, bool), smallest=2)
    assert {part.name for part in report.slices} == {"a", "b"}
    assert report.overall.repeats == 20


@pytest.mark.parametrize(
    ("values", "right", "message"),
    [
        (["a", "b"], [True], "one right or wrong"),
        (["a", "a"], [True, False], "two are needed"),
        ([], [], "two are needed"),
        (["", ""], [True, True], "two are needed"),
    ],
)
def test_what_cannot_be_compared_is_refused(values, right, message):
    with pytest.raises(ValueError, match=message):
        accuracy_by(values, right)
