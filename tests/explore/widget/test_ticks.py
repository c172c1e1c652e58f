"""A logarithmic axis keeps two labels or more."""

import numpy as np
import plotly.graph_objects as go
import pytest

from tinylab.explore.widget.figure.ticks import LogTicks


def figure(step, **axis) -> go.Figure:
    drawn = go.Figure(go.Scatter(y=[0, 1, 2]))
    return drawn.update_layout(xaxis={"type": "log", "dtick": step, **axis})


@pytest.mark.parametrize(
    "step, values, chosen",
    [
        (1, [3, 40, 500], 1),  # 10 and 100
        (1, [30, 40, 500], "D2"),  # 100 alone, but 50, 100, 200 and 500
        (1, [21, 30, 40], None),
        ("D2", [30, 40, 110], "D2"),  # 50 and 100
        ("D2", [21, 30, 40], None),
        (1, [np.nan, 0, -5], 1),  # nothing to see
        (1, [1, np.nan, 10], 1),
    ],
)
def test_a_step_stays_where_it_leaves_two_labels(step, values, chosen):
    drawn = figure(step)
    ticks = LogTicks(drawn)
    drawn.data[0].x = values
    ticks.choose(drawn)
    assert drawn.layout.xaxis.dtick == chosen


def test_the_step_comes_back_with_a_wider_span():
    drawn = figure(1)
    ticks = LogTicks(drawn)
    for values, step in (([21, 30], None), ([2, 3000], 1)):
        drawn.data[0].x = values
        ticks.choose(drawn)
        assert drawn.layout.xaxis.dtick == step


def test_decades_are_enough_on_a_long_axis():
    drawn = figure("D2")
    ticks = LogTicks(drawn)
    drawn.data[0].x = [1, 20_000]
    ticks.choose(drawn)
    assert drawn.layout.xaxis.dtick == 1


def test_a_fixed_range_counts_instead_of_the_values():
    drawn = figure(1, range=[0, 3])
    ticks = LogTicks(drawn)
    drawn.data[0].x = [2, 3]
    ticks.choose(drawn)
    assert drawn.layout.xaxis.dtick == 1


def test_other_axes_are_left_alone():
    drawn = figure(0.25, type="linear")
    LogTicks(drawn).choose(drawn)
    assert drawn.layout.xaxis.dtick == 0.25
