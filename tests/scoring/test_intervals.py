"""Intervals against scipy, and over groups against a bootstrap of whole groups."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tinylab.scoring.intervals import (
    paired_interval,
    poisson_interval,
    share_interval,
    t_interval,
    wilson_interval,
)


@given(st.integers(1, 2000), st.floats(0, 1), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilsons_interval_is_that_of_scipy(examples, share, confidence):
    right = round(share * examples)
    expected = stats.binomtest(right, examples).proportion_ci(confidence, method="wilson")
    low, high = wilson_interval(right, examples, confidence)
    assert low == pytest.approx(expected.low, abs=1e-9)
    assert high == pytest.approx(expected.high, abs=1e-9)


def test_the_t_interval_is_that_of_scipy():
    values = np.random.default_rng(0).uniform(0.6, 0.9, 20)
    got = t_interval(values)
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (got.low, got.high) == pytest.approx((low, high)) and got.repeats == 20
    wide = t_interval(values, 0.99)
    assert wide.low < got.low < got.mean < got.high < wide.high


def test_pairs_remove_what_both_share():
    rng = np.random.default_rng(1)
    difficulty = rng.normal(0, 0.1, 25)
    mine, theirs = 0.8 + difficulty, 0.77 + difficulty + rng.normal(0, 0.01, 25)
    paired = paired_interval(mine, theirs)
    low, high = stats.ttest_rel(mine, theirs).confidence_interval(0.95)
    assert (paired.low, paired.high) == pytest.approx((low, high))
    assert paired.low > 0 and t_interval(mine).overlaps(t_interval(theirs))


def voices(rng, count: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Right or wrong of 60 clips by each of some voices, and the voice of each clip."""
    shares = 1 / (1 + np.exp(-(2.0 + rng.normal(0, spread, count))))
    groups = np.repeat(np.arange(count), 60)
    return rng.random(len(groups)) < shares[groups], groups


def test_over_groups_it_agrees_with_a_bootstrap_of_whole_groups():
    right, groups = voices(np.random.default_rng(2), 30, 0.8)
    interval = share_interval(right, groups)
    means = right.reshape(30, 60).mean(axis=1)
    rng = np.random.default_rng(3)
    drawn = means[rng.integers(0, 30, (4000, 30))].mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.012)
    assert interval.repeats == 30


def test_over_groups_it_holds_the_truth_where_clips_do_not():
    rng, held, naive, times = np.random.default_rng(4), 0, 0, 300
    truth = np.mean(1 / (1 + np.exp(-(2.0 + rng.normal(0, 1.0, 200_000)))))
    for _ in range(times):
        right, groups = voices(rng, 13, 1.0)
        by_voice, by_clip = share_interval(right, groups), share_interval(right)
        held += by_voice.low <= truth <= by_voice.high
        naive += by_clip.low <= truth <= by_clip.high
    assert 0.91 <= held / times <= 0.99
    assert naive / times < 0.75


def test_examples_that_are_groups_of_their_own_are_like_examples():
    right = np.array([1] * 80 + [0] * 20)
    grouped, alone = share_interval(right, np.arange(100)), share_interval(right)
    assert (grouped.low, grouped.high) == pytest.approx((alone.low, alone.high), abs=0.01)


def test_two_voices_say_little_and_all_right_is_not_certain():
    right, groups = np.array([1] * 85 + [0] * 15), np.repeat([0, 1], 50)
    two = share_interval(right, groups)
    assert two.high - two.low > 0.5
    perfect = share_interval(np.ones(100), np.repeat(np.arange(4), 25))
    assert perfect.high == 1.0 and perfect.low < 0.6


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: t_interval([0.5]), "at least two"),
        (lambda: t_interval([0.5, 0.6], 1.0), "confidence"),
        (lambda: paired_interval([0.5, 0.6], [0.5]), "as many of each"),
        (lambda: wilson_interval(3, 2), "right <= examples"),
        (lambda: wilson_interval(1, 2, 95), "confidence"),
        (lambda: share_interval([]), "some examples"),
        (lambda: share_interval([1, 0], ["a", "a"]), "at least two"),
        (lambda: share_interval([1, 0], ["a"]), "one group an example"),
    ],
)
def test_intervals_that_cannot_be_are_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


@pytest.mark.parametrize(
    ("events", "low", "high"), [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (10, 4.7954, 18.3904)]
)
def test_a_rates_interval_is_garwoods(events, low, high):
    """Values from the table of Garwood (1936), 95 %."""
    interval = poisson_interval(events, 2.0)
    assert interval.mean == events / 2
    assert (interval.low, interval.high) == pytest.approx((low / 2, high / 2), abs=1e-3)


@given(events=st.integers(0, 200), confidence=st.floats(0.5, 0.99))
def test_a_rates_interval_leaves_as_much_outside_as_it_says(events, confidence):
    interval = poisson_interval(events, 1.0, confidence)
    outside = (1 - confidence) / 2
    assert stats.poisson.cdf(events, interval.high) == pytest.approx(outside, abs=1e-6)
    if events:
        assert stats.poisson.sf(events - 1, interval.low) == pytest.approx(outside, abs=1e-6)


@pytest.mark.parametrize(
    ("events", "exposure"), [(-1, 1.0), (1.5, 1.0), (1, 0.0), (1, float("nan"))]
)
def test_a_rate_of_nothing_is_refused(events, exposure):
    with pytest.raises(ValueError, match="positive exposure"):
        poisson_interval(events, exposure)
