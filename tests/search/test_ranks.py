"""Agreement of ranks: published values by hand, and an interval that narrows."""

import numpy as np
import pytest
from scipy.stats import kendalltau

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
