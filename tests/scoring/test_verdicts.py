"""Verdicts on comparisons: against scipy's tests, by simulation, and at their edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from tinylab.scoring.verdicts import Verdict, compare, compare_statistic, rank

few = st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=12)


@given(few, st.integers(0, 99))
def test_without_groups_it_is_scipys_paired_t_interval(values, seed):
    others = np.random.default_rng(seed).normal(size=len(values))
    verdict = compare(values, others)
    expected = stats.ttest_rel(values, others).confidence_interval(0.95)
    assert (verdict.low, verdict.high) == pytest.approx(tuple(expected), rel=1e-6, abs=1e-6)


@given(few, st.integers(0, 99))
def test_turned_round_it_says_the_opposite(values, seed):
    others = np.random.default_rng(seed).normal(size=len(values))
    there, back = compare(values, others), compare(others, values)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert {"better": "worse", "worse": "better", "tie": "tie"}[there.outcome] == back.outcome


@given(few, st.integers(0, 99), st.integers(2, 5))
def test_copies_of_a_repeat_in_one_group_add_nothing(values, seed, times):
    others = np.random.default_rng(seed).normal(size=len(values))
    groups = np.repeat(np.arange(len(values)), times)
    copied = compare(np.repeat(values, times), np.repeat(others, times), groups=groups)
    once = compare(values, others)
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high), abs=1e-6)


@pytest.mark.parametrize(("wins", "losses"), [(5, 0), (6, 0), (9, 2), (10, 1), (0, 30), (7, 7)])
def test_rights_and_wrongs_are_judged_as_by_mcnemars_exact_test(wins, losses):
    mine = np.array([1] * wins + [0] * losses + [1] * 200)
    theirs = np.array([0] * wins + [1] * losses + [1] * 200)
    p = stats.binomtest(wins, wins + losses).pvalue
    assert (compare(mine, theirs).outcome == "tie") == (p > 0.05)


def test_intervals_over_groups_hold_the_truth_and_those_over_clips_do_not():
    rng, held, naive = np.random.default_rng(0), 0, 0
    groups = np.repeat(np.arange(13), 50)
    for _ in range(400):
        gap = 0.3 + rng.normal(0, 0.5, 13)[groups] + rng.normal(0, 1, len(groups))
        zero = np.zeros(len(groups))
        by_voice, by_clip = compare(gap, zero, groups=groups), compare(gap, zero)
        held += by_voice.low <= 0.3 <= by_voice.high
        naive += by_clip.low <= 0.3 <= by_clip.high
    assert 0.92 <= held / 400 <= 0.98
    assert naive / 400 < 0.7


def test_less_can_be_better():
    slow, quick = [10.0, 11.0, 10.5], [5.0, 5.2, 5.1]
    assert compare(quick, slow, higher_is_better=False).outcome == "better"
    assert compare(quick, slow).outcome == "worse"


def test_auc_is_compared_on_the_same_draws():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 400)
    good, poor = labels + rng.normal(0, 0.5, 400), labels + rng.normal(0, 3, 400)
    verdict = compare_statistic(roc_auc_score, labels, good, poor, resamples=80)
    assert verdict.outcome == "better"
    assert verdict.low < verdict.difference < verdict.high
    same = compare_statistic(roc_auc_score, labels, good, 2 * good, resamples=50)
    assert (same.low, same.high, same.outcome) == (0, 0, "tie")


def test_whole_groups_are_drawn():
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(6), 40)
    labels = np.tile([0, 1], 120)
    shift = rng.normal(0, 1, 6)[groups] * labels
    mine, theirs = labels + shift + rng.normal(0, 1, 240), labels + rng.normal(0, 1, 240)
    wide = compare_statistic(roc_auc_score, labels, mine, theirs, groups=groups, resamples=80)
    narrow = compare_statistic(roc_auc_score, labels, mine, theirs, resamples=80)
    assert wide.repeats == 6
    assert wide.high - wide.low > 1.3 * (narrow.high - narrow.low)


def test_a_winner_needs_to_beat_everyone():
    base = np.random.default_rng(3).normal(0.8, 0.02, 8)
    ranking = rank({"c": base - 0.1, "a": base + [0.01, -0.01] * 4, "b": base})
    assert ranking.winner is None
    assert set(ranking.best) == {"a", "b"}
    assert rank({"a": base, "c": base - 0.1 + [0.01, -0.01] * 4}).winner == "a"
    assert rank({"a": base, "c": base - 0.1}, higher_is_better=False).winner == "c"


def test_many_methods_of_equal_worth_seldom_have_a_winner():
    rng = np.random.default_rng(4)
    wins = sum(
        rank({str(i): rng.normal(size=10) for i in range(6)}).winner is not None for _ in range(200)
    )
    assert wins <= 14


def test_the_sentence_names_tie_and_winner():
    assert "tie" in Verdict(0.01, -0.01, 0.03, 5).sentence("A", "B")
    assert "(95% interval -1.0 to +3.0)" in Verdict(0.01, -0.01, 0.03, 5).sentence("A", "B")
    assert "A is better than B: +2.0 points" in Verdict(0.02, 0.01, 0.03, 5).sentence("A", "B")
    even = Verdict(-0.0002, -0.01, 0.01, 5).sentence("A", "B")
    assert "A against B: 0.0 points (95% interval -1.0 to +1.0)" in even
    assert "A is worse than B: -2.0 points" in Verdict(-0.02, -0.03, -0.01, 5).sentence("A", "B")


@pytest.mark.parametrize(
    ("values", "others", "groups", "says"),
    [
        ([1.0], [2.0], None, "at least two"),
        ([1.0, 2.0], [2.0], None, "as many of each"),
        ([1.0, np.nan], [1.0, 2.0], None, "not finite"),
        ([1.0, 2.0], [1.0, np.nan], None, "not finite"),
        ([1.0, 2.5], [1.0, 2.0], ["a", "a"], "at least two repeats"),
        ([1.0, 2.5], [1.0, 2.0], ["a"], "one group a pair"),
    ],
)
def test_what_cannot_be_compared_is_refused(values, others, groups, says):
    with pytest.raises(ValueError, match=says):
        compare(values, others, groups=groups)
