"""Packed states come back as they were: read by a reader of its own, as the page does."""

import base64
import json
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.explore.widget.saved.columns import Columns

NUMBERS = st.floats(-1e6, 1e6, width=32) | st.integers(-(10**9), 10**9)
LEAVES = st.none() | st.booleans() | st.text(max_size=3) | NUMBERS
VALUES = st.sampled_from("abc").flatmap(lambda _: LEAVES | st.lists(NUMBERS, max_size=3))
TREES = st.recursive(
    VALUES,
    lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
    | st.lists(st.dictionaries(st.sampled_from("uv"), inner, min_size=1, max_size=2), min_size=1,
               max_size=3),
    max_leaves=8,
)  # fmt: skip
STATES = st.dictionaries(st.sampled_from("pqr"), TREES, min_size=1, max_size=3)


def state_of(columns, shape, number):
    """The state at a position of the grid, by numpy's own unravelling."""
    positions = np.unravel_index(number, shape)
    state = {}
    for column in columns:
        axes = column["axes"]
        index = np.array(column["index"]).reshape([shape[axis] for axis in axes])
        which = index[tuple(positions[axis] for axis in axes)]
        if which >= 0:
            put(state, column["path"], column["values"][which])
    return state


def put(tree, path, value):
    for key, following in zip(path, path[1:], strict=False):
        empty = [] if isinstance(following, int) else {}
        tree = at(tree, key, empty)
    at(tree, path[-1], None)
    tree[path[-1]] = value


def at(tree, key, empty):
    if isinstance(tree, list):
        tree.extend({} for _ in range(len(tree), key + 1)) if empty is not None else None
        while len(tree) <= key:
            tree.append(empty)
        return tree[key]
    return tree.setdefault(key, empty)


def close(a, b):
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(close(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(close, a, b))
    if isinstance(a, float) and isinstance(b, (int, float)):
        return math.isclose(a, b, rel_tol=1e-6)
    return a == b


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([(1,), (3,), (2, 2), (2, 1, 3)]), st.data())
def test_every_state_comes_back(shape, data):
    few = data.draw(st.lists(STATES, min_size=1, max_size=3))
    states = [data.draw(st.sampled_from(few)) for _ in range(math.prod(shape))]
    columns = Columns()
    for state in states:
        columns.add(state)
    packed = json.loads(json.dumps(columns.packed(shape)))
    for number, state in enumerate(states):
        assert close(state, state_of(packed, shape, number))


def test_a_value_is_kept_once_over_the_controls_it_depends_on():
    columns = Columns()
    for a in range(4):
        for b in range(3):
            columns.add({"same": "x", "of_a": a * 10, "of_b": [b, b], "of_both": a == b})
    packed = {column["path"][0]: column for column in columns.packed((4, 3))}
    assert packed["same"] == {"path": ["same"], "values": ["x"], "axes": [], "index": [0]}
    assert packed["of_a"]["axes"] == [0] and packed["of_a"]["values"] == [0, 10, 20, 30]
    assert packed["of_b"]["axes"] == [1] and packed["of_b"]["index"] == [0, 1, 2]
    assert packed["of_both"]["axes"] == [0, 1] and len(packed["of_both"]["values"]) == 2


def test_arrays_are_as_fine_as_a_screen_and_whole_numbers_stay_exact():
    columns = Columns()
    wave = np.linspace(-1, 1, 20)
    array = {"dtype": "float64", "shape": [20], "bytes": wave.tobytes()}
    columns.add({"y": array, "x": [1 / 3, 123_456_789_012]})
    y, x = columns.packed((1,))
    stored = y["values"][0]
    decoded = np.frombuffer(base64.b64decode(stored["base64"]), stored["dtype"])
    np.testing.assert_allclose(decoded, wave, rtol=1e-6)
    assert x["values"][0] == [0.3333333, 123_456_789_012]


def test_a_state_without_a_figure_has_none_of_its_values():
    columns = Columns()
    columns.add({"text": "fine", "drawing": {"x": 1}})
    columns.add({"text": "not to be shown"})
    packed = columns.packed((2,))
    assert state_of(packed, (2,), 0) == {"text": "fine", "drawing": {"x": 1}}
    assert state_of(packed, (2,), 1) == {"text": "not to be shown"}
