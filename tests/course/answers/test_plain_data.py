"""What crosses between an answer and its judge: values come back the same, no bytes do harm."""

import collections
import json
import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tinylab.course.answers.plain_data import NotPlain, decode, encode

LIMIT = 1_000_000
DTYPES = st.sampled_from(["b1", "i1", "u1", "i2", "i4", "i8", "u8", "f2", "f4", "f8", "c16", "U5"])
ARRAYS = DTYPES.flatmap(
    lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, min_side=0, max_side=4))
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | ARRAYS
    | st.sampled_from([np.float32(0.1), np.int8(-3), np.bool_(True), np.float64("nan")])
)
KEYS = st.text("abc", max_size=3) | st.integers()
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)


def same(value, other) -> bool:
    """Equal in type, content, sign of zero and NaN."""
    if type(value) is not type(other):
        return False
    if isinstance(value, (np.ndarray, np.generic)):
        shaped = value.dtype == other.dtype and value.shape == other.shape
        return shaped and value.tobytes() == other.tobytes()
    if isinstance(value, (list, tuple)):
        return len(value) == len(other) and all(map(same, value, other))
    if isinstance(value, dict):
        return list(value) == list(other) and all(same(value[key], other[key]) for key in value)
    if isinstance(value, float):
        signs = math.copysign(1, value) == math.copysign(1, other)
        return (math.isnan(value) and math.isnan(other)) or (value == other and signs)
    return value == other


@given(VALUES)
def test_values_come_back_as_they_went(value):
    assert same(decode(encode(value, LIMIT), LIMIT), value)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    try:
        decode(data, LIMIT)
    except NotPlain:
        pass


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["n", "b", "i", "f", "s", "l", "t", "d", "a", "g", "<f4", "AAAA", "|O"]),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=20,
)
TAGGED = st.tuples(st.sampled_from("nbifsltdag"), st.lists(JSON, max_size=3)).map(
    lambda t: [t[0], *t[1]]
)


@given(JSON | TAGGED)
def test_any_json_is_read_or_refused(tree):
    try:
        value = decode(json.dumps(tree).encode(), LIMIT)
    except NotPlain:
        return
    assert same(decode(encode(value, LIMIT), LIMIT), value)


@given(VALUES, st.data())
def test_a_damaged_message_is_read_or_refused(value, data):
    written = bytearray(encode(value, LIMIT))
    for _ in range(data.draw(st.integers(1, 4))):
        written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.integers(0, 255))
    try:
        decode(bytes(written), LIMIT)
    except NotPlain:
        pass


class Number(int):
    pass


class Flat(np.ndarray):
    pass


class Readable:
    def __array__(self, dtype=None, copy=None):
        return np.arange(3.0)


@pytest.mark.parametrize(
    "value",
    [
        Number(3),
        [Number(3)],
        np.zeros(2).view(Flat),
        object(),
        print,
        b"bytes",
        {1, 2},
        np.array([object()]),
        np.array(["2020-01-01"], "M8[D]"),
        np.zeros(2, [("a", "f4")]),
        1j,
        "\ud800",
        10**2000,
    ],
)
def test_what_is_no_plain_data_is_refused_with_a_sentence(value):
    with pytest.raises(NotPlain, match=r"\.$"):
        encode(value, LIMIT)


class Pair(NamedTuple):
    scale: float
    zero_point: int


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Pair(0.5, -3), (0.5, -3)),
        (collections.OrderedDict(a=1), {"a": 1}),
        (np.ma.masked_array([1.0, 2.0], [False, True]), np.array([1.0, 2.0])),
        (np.longdouble(0.5), np.float64(0.5)),
        (np.array([0.5, 1], np.longdouble), np.array([0.5, 1.0])),
        (np.array([0.5j], np.clongdouble), np.array([0.5j])),
        (np.matrix([[1, 2]]), np.array([[1, 2]])),
    ],
)
def test_types_made_of_plain_ones_become_these(value, plain):
    assert same(decode(encode(value, LIMIT), LIMIT), plain)


class Liar(tuple):
    """A named tuple whose own methods lie."""

    _fields = ("one",)

    def __iter__(self):
        return iter((42,))

    def __eq__(self, other):
        return True

    __hash__ = tuple.__hash__


def test_no_method_of_a_students_type_has_a_say():
    assert same(decode(encode(Liar((3,)), LIMIT), LIMIT), (3,))


def test_what_numpy_can_read_becomes_an_array():
    assert same(decode(encode(Readable(), LIMIT), LIMIT), np.arange(3.0))


def test_size_and_depth_are_limited():
    deep = []
    for _ in range(50):
        deep = [deep]
    with pytest.raises(NotPlain, match="nested"):
        encode(deep, LIMIT)
    with pytest.raises(NotPlain, match="larger"):
        encode(np.zeros(10_000), 50_000)
    with pytest.raises(NotPlain, match="larger"):
        decode(b" " * 101, 100)
    with pytest.raises(NotPlain):
        decode(b"[" * 900_000, LIMIT)


@pytest.mark.parametrize(
    "text",
    [
        '["a","|O",[1],"AAAA"]',
        '["a","<f4",[2],"AAAAAA=="]',
        '["a","<f4",[-1],""]',
        '["a","<f4",[1,1,1,1,1,1,1,1,1],"AAAAAA=="]',
        '["i",7]',
        '["i","1e9"]',
        '["i","' + "9" * 5000 + '"]',
        '["f",1.5]',
        '["f","NaN"]',
        "NaN",
        '{"i":"7","i":"8"}',
        '["d",[[["l",[]],["n"]]]]',
        '["n",1]',
        '["b",1]',
        '["g","<f4","AAAAAAAAAAA="]',
    ],
)
def test_near_misses_of_the_format_are_refused(text):
    with pytest.raises(NotPlain):
        decode(text.encode(), LIMIT)


def test_an_array_that_came_over_can_be_written_to():
    got = decode(encode(np.zeros(3), LIMIT), LIMIT)
    got += 1
    assert got.sum() == 3
