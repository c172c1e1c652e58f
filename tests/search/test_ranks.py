"""Agreement of ranks: published values by hand, and an interval that narrows."""

import numpy as np
import pytest

from tinylab.search.ranks import rank_agreement


def test_by_hand():
    """Pairs of (1, 3, 2) and (1, 2, 3): two agree, one does not."""
    assert rank_agreement([1, 3, 2], [1, 2, 3]).tau == pytest.approx(1 / 3)
    assert rank_agreement([1, 1, 2], [1, 2, 3]).tau == pytest.approx(2 / np.sqrt(6))


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
