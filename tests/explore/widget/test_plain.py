"""Figures as the browser receives them."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tinylab.explore.widget.figure.plain import plain, plain_figure

KINDS = ("float64", "float32", "float16", "int64", "int32", "int8", "uint8", "uint64", "bool")


def received(value):
    """The value after the wire: buffers back to arrays, everything else through strict JSON."""
    if isinstance(value, dict) and "bytes" in value:
        return np.frombuffer(value["bytes"], value["dtype"]).reshape(value["shape"])
    return json.loads(json.dumps(value, allow_nan=False))


@given(
    st.sampled_from(KINDS).flatmap(
        lambda kind: arrays.arrays(kind, arrays.array_shapes(max_dims=2, max_side=30))
    )
)
@example(np.array([np.iinfo(np.int64).min]))
@example(np.array([np.iinfo(np.int32).min, np.iinfo(np.int32).max]))
def test_every_array_arrives_as_it_was_with_gaps_for_what_is_not_finite(array):
    got = np.array(received(plain(array)), dtype=object)
    for sent, arrived in zip(array.ravel(), got.ravel(), strict=True):
        if array.dtype.kind == "f" and not np.isfinite(sent):
            assert arrived is None
        else:
            assert float(arrived) == pytest.approx(float(sent))


def test_no_nan_reaches_json_from_any_corner_of_a_figure():
    figure = go.Figure(go.Scatter(x=[1.0, float("nan")], y=np.array([np.inf, 2.0])))
    figure.add_heatmap(z=np.full((8, 8), np.nan), zmin=np.float64("nan"))
    figure.update_layout(xaxis_range=[np.float32(1), np.float64(2)])
    sent = plain_figure(figure)
    assert json.loads(json.dumps(sent, allow_nan=False)) == sent
    assert sent["data"][0]["x"] == [1.0, None] and sent["data"][0]["y"] == [None, 2.0]


def test_large_arrays_travel_as_bytes_and_short_ones_as_text():
    figure = go.Figure(go.Heatmap(z=np.arange(64.0).reshape(8, 8), x=np.arange(8)))
    heatmap = plain_figure(figure)["data"][0]
    assert heatmap["z"]["shape"] == [8, 8] and len(heatmap["z"]["bytes"]) == 8 * 64
    assert heatmap["x"] == list(range(8))


def test_whole_numbers_too_large_for_the_browser_become_floats():
    sent = plain(np.full(20, 2**40))
    assert sent["dtype"] == "float64" and received(sent)[0] == 2**40
