"""Fronts and hypervolumes: Optuna's own, and laws."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from optuna._hypervolume import compute_hypervolume

from tinylab.search.pareto import hypervolume, non_dominated

POINTS = arrays(float, st.tuples(st.integers(1, 20), st.just(2)), elements=st.integers(0, 9))


@settings(max_examples=80, deadline=None)
@given(POINTS)
def test_as_optuna(points):
    reference = np.array([7.5, 8.5])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inside = points[(points < reference).all(axis=1)]
        theirs = compute_hypervolume(inside, reference) if len(inside) else 0.0
    assert hypervolume(points, reference) == pytest.approx(theirs)


@settings(max_examples=80, deadline=None)
@given(POINTS)
def test_the_front_is_what_counts(points):
    kept = non_dominated(points)
    assert kept.any()
    assert hypervolume(points[kept], (10, 10)) == pytest.approx(hypervolume(points, (10, 10)))
    for point in points[~kept]:
        beats = (points[kept] <= point).all(axis=1) & (points[kept] < point).any(axis=1)
        assert beats.any()
    assert non_dominated(points[kept]).all()


@settings(max_examples=80, deadline=None)
@given(POINTS)
def test_two_costs_are_sorted_and_more_are_compared_with_the_same_answer(points):
    third = np.column_stack([points, np.zeros(len(points))])
    assert non_dominated(points).tolist() == non_dominated(third).tolist()


def test_what_costs_without_limit_stays_where_nothing_else_costs_less():
    endless = [[0, np.inf], [1, np.inf], [1, 2]]
    assert non_dominated(endless).tolist() == [True, False, True]


def test_equal_points_stay():
    assert non_dominated([[1, 2], [1, 2], [2, 2]]).tolist() == [True, True, False]


@pytest.mark.parametrize("points", [[1.0, 2.0], [[np.nan, 1.0]]])
def test_what_are_no_points(points):
    with pytest.raises(ValueError, match="numbers of shape"):
        non_dominated(points)


def test_a_hypervolume_of_three_costs_is_refused():
    with pytest.raises(ValueError, match="two costs, not of 3"):
        hypervolume(np.ones((2, 3)), (2, 2, 2))
