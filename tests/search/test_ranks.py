"""Agreement of ranks: published values by hand, and an interval that narrows."""

import tracemalloc

import numpy as np
import pytest
from scipy.stats import kendalltau

from tinylab.search import ranks
from tinylab.search.ranks import rank_agreement


def test_by_hand():
    """Pairs of (1, 3, 2) and (1, 2, 3): two agree, one does not."""
    assert rank_agreement([1, 3, 2], [1, 2, 3]).tau == pytest.approx(1 / 3)
    assert rank_agreement([1, 1, 2], [1, 2, 3]).tau == pytest.approx(2 / np.sqrt(6))


def test_as_scipy():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 9, size=(2, 40)).astype(float)
    found = rank_agreement(a, b, seed=3)
    drawn = np.random.default_rng(3).integers(40, size=(300, 40))
    theirs = [kendalltau(a[one], b[one]).statistic for one in drawn]
    assert found.tau == pytest.approx(kendalltau(a, b).statistic)
    assert [found.low, found.high] == pytest.approx(np.quantile(theirs, [0.025, 0.975]))


def test_blocks_of_pairs_give_what_all_pairs_at_once_do(monkeypatch):
    a, b = np.random.default_rng(0).integers(0, 30, size=(2, 101)).astype(float)
    whole = rank_agreement(a, b)
    monkeypatch.setattr(ranks, "PAIRS_AT_ONCE", 1000)  # 12 blocks, the last one shorter
    assert rank_agreement(a, b) == whole


def test_memory_grows_with_the_items_not_with_the_pairs():
    """All pairs of 3,000 items are 72 MB in one matrix."""
    a = np.random.default_rng(0).normal(size=3000)
    tracemalloc.start()
    rank_agreement(a, a[::-1])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6


def test_more_items_leave_less_doubt():
    rng = np.random.default_rng(0)
    few, many = (
        rank_agreement(x, x + rng.normal(0, 0.5, len(x)))
        for x in (rng.normal(size=12), rng.normal(size=200))
    )
    assert few.low < few.tau < few.high and few.items == 12
    assert many.high - many.low < (few.high - few.low) / 2


def test_two_items_are_no_ranking():
    with pytest.raises(ValueError, match="three or more"):
        rank_agreement([1, 2], [2, 3])
