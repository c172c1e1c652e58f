"""Aggregation rules against scipy, and what each must withstand."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tinylab.adapt.federated import rules

ALL = [
    rules.weighted_mean,
    rules.plain_mean,
    rules.median,
    partial(rules.trimmed_mean, share=0.2),
    partial(rules.krum, attackers=2),
    partial(rules.multi_krum, attackers=2, keep=3),
    rules.norm_clipped_mean,
]


@pytest.fixture
def changes():
    return np.random.default_rng(0).normal(size=(11, 5))


EXAMPLES = np.arange(1, 12)


def test_the_means_are_numpys_and_scipys(changes):
    expected = np.average(changes, axis=0, weights=EXAMPLES)
    np.testing.assert_allclose(rules.weighted_mean(changes, EXAMPLES), expected)
    trimmed = stats.trim_mean(changes, 0.2, axis=0)
    np.testing.assert_allclose(rules.trimmed_mean(changes, EXAMPLES, 0.2), trimmed)
    np.testing.assert_allclose(rules.median(changes, EXAMPLES), np.median(changes, axis=0))


@pytest.mark.parametrize("rule", ALL)
@given(seed=st.integers(0, 10_000))
def test_who_comes_first_does_not_matter_and_agreement_is_kept(rule, seed):
    rng = np.random.default_rng(seed)
    changes, order = rng.normal(size=(11, 4)), rng.permutation(11)
    np.testing.assert_allclose(
        rule(changes, EXAMPLES), rule(changes[order], EXAMPLES[order]), atol=1e-9
    )
    same = np.tile(changes[:1], (11, 1))
    np.testing.assert_allclose(rule(same, EXAMPLES), changes[0], atol=1e-9)


def krum_by_hand(changes, attackers):
    """Blanchard et al.: the sum of squared distances to the n - f - 2 nearest others."""
    best, least = None, np.inf
    for i, one in enumerate(changes):
        far = sorted(np.sum((one - other) ** 2) for j, other in enumerate(changes) if j != i)
        if (score := sum(far[: len(changes) - attackers - 2])) < least:
            best, least = i, score
    return changes[best]


def test_krum_is_its_definition(changes):
    got = rules.krum(changes, EXAMPLES, attackers=3)
    np.testing.assert_array_equal(got, krum_by_hand(changes, 3))


@pytest.mark.parametrize("rule", ALL[2:6])
def test_robust_rules_ignore_two_that_shout_and_the_mean_does_not(rule, changes):
    shouted = changes.copy()
    shouted[[2, 7]] = 1e6
    assert np.linalg.norm(rule(shouted, EXAMPLES)) < 3
    assert np.linalg.norm(rules.weighted_mean(shouted, EXAMPLES)) > 1e4


def test_clipping_keeps_directions(changes):
    cut = rules.clipped(changes, 1.0)
    lengths = np.linalg.norm(changes, axis=1)
    np.testing.assert_allclose(np.linalg.norm(cut, axis=1), np.minimum(lengths, 1.0))
    cosines = np.sum(cut * changes, axis=1) / np.linalg.norm(cut, axis=1) / lengths
    np.testing.assert_allclose(cosines, 1)
    with pytest.raises(ValueError, match="below 0.5"):
        rules.trimmed_mean(changes, EXAMPLES, 0.5)
