"""A setting is chosen from a grid whose best value has worse neighbours on both sides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylab.models.tuning import Trial, best_of, tried


@given(st.floats(-5, 4), st.floats(-5, 5))
def test_the_top_of_a_hill_is_found_within_four_steps(first, top):
    grid = 10.0 ** (first + np.array([0, 1, 2]))
    trials = tried("rate", grid, lambda value: 1 - abs(np.log10(value) - top) / 20)
    values = [one.value for one in trials]
    assert values == sorted(values) and set(grid) <= set(values)
    if first - 3.5 < top < first + 5.5:
        assert abs(np.log10(best_of(trials)) - top) <= 0.51
    elif not first - 4.5 < top < first + 6.5:
        with pytest.warns(UserWarning, match="border"):
            best_of(trials)


def test_nothing_more_is_tried_when_the_best_lies_inside():
    asked = []
    trials = tried("rate", (1, 3, 9), lambda value: asked.append(value) or -abs(value - 3))
    assert asked == [1, 3, 9] and best_of(trials) == 3
    assert trials[0] == Trial("rate", 1, -2)


def test_of_equal_values_the_middle_one_is_taken():
    trials = tried("rate", (1, 3, 9), lambda value: 0.5)
    assert len(trials) == 3 and best_of(trials) == 3


@pytest.mark.parametrize("grid", [(), (1.0,), (1.0, 1.0), (3.0, 1.0), (0.0, 1.0)])
def test_a_grid_that_does_not_rise_is_refused(grid):
    with pytest.raises(ValueError, match="rises"):
        tried("rate", grid, float)
