"""The usual definitions on matrices small enough to do by hand."""

import numpy as np
import pytest

from tinylab.adapt.continual.forgetting import average_score, backward_transfer, forgetting

BY_HAND = np.array([[0.9, 0.5, 0.4], [0.7, 0.8, 0.5], [0.6, 0.9, 0.7]])


def test_by_hand():
    assert average_score(BY_HAND) == pytest.approx(2.2 / 3)
    assert backward_transfer(BY_HAND) == pytest.approx(((0.6 - 0.9) + (0.9 - 0.8)) / 2)
    assert forgetting(BY_HAND) == pytest.approx(((0.9 - 0.6) + (0.8 - 0.9)) / 2)


def test_the_two_differ_where_a_later_task_helped_first():
    matrix = np.array([[0.5, 0.0, 0.0], [0.9, 0.6, 0.0], [0.5, 0.6, 0.7]])
    assert backward_transfer(matrix) == pytest.approx(0.0)
    assert forgetting(matrix) == pytest.approx(0.2)


def test_two_tasks_are_enough():
    assert forgetting(np.array([[0.9, 0.1], [0.4, 0.8]])) == pytest.approx(0.5)


def test_nothing_forgotten():
    assert backward_transfer(np.full((4, 4), 0.8)) == forgetting(np.full((4, 4), 0.8)) == 0


@pytest.mark.parametrize("bad", [np.zeros((2, 3)), np.zeros((1, 1)), np.zeros(4)])
def test_other_shapes_are_refused(bad):
    with pytest.raises(ValueError, match="square matrix"):
        forgetting(bad)
