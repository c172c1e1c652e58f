"""Huffman coding against Shannon's limit, the optimum found by exhaustion, and its own inverse."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.compress.deep_compression.huffman import (
    canonical_codes,
    code_lengths,
    coded_bits,
    decode,
    encode,
    shannon_bits,
)

counts_lists = st.lists(st.integers(0, 1000), min_size=1, max_size=40).filter(any)


def coded(values, alphabet):
    lengths = code_lengths(np.bincount(values, minlength=alphabet))
    return encode(values, lengths), lengths


@given(st.lists(st.integers(0, 30), max_size=300))
def test_round_trip(values):
    values = np.array(values, np.int64)
    data, lengths = coded(values, 31)
    np.testing.assert_array_equal(decode(data, lengths, len(values)), values)


@given(counts_lists)
def test_within_one_bit_of_shannons_limit(counts):
    total = sum(counts)
    assert shannon_bits(counts) - 1e-6 <= coded_bits(counts) <= shannon_bits(counts) + total


@given(counts_lists.filter(lambda counts: sum(c > 0 for c in counts) > 1))
def test_kraft_holds_with_equality_and_codes_are_prefix_free(counts):
    lengths = code_lengths(counts)
    used = np.flatnonzero(lengths)
    assert sum(2.0 ** -lengths[used]) == 1
    codes = canonical_codes(lengths)
    words = sorted(format(int(codes[s]), f"0{lengths[s]}b") for s in used)
    assert not any(b.startswith(a) for a, b in itertools.pairwise(words))


@settings(max_examples=30)
@given(st.lists(st.integers(1, 60), min_size=2, max_size=5))
def test_no_prefix_code_is_shorter(counts):
    fits = [
        widths
        for widths in itertools.product(range(1, len(counts)), repeat=len(counts))
        if sum(2.0**-w for w in widths) <= 1
    ]
    assert coded_bits(counts) == min(np.dot(widths, counts) for widths in fits)


def test_entropy_is_scipys():
    stats = pytest.importorskip("scipy.stats")
    counts = np.array([5, 0, 9, 1, 30])
    assert shannon_bits(counts) == pytest.approx(45 * stats.entropy(counts, base=2))


def test_powers_of_two_reach_the_limit():
    counts = [8, 4, 2, 1, 1]
    assert list(code_lengths(counts)) == [1, 2, 3, 4, 4]
    assert coded_bits(counts) == shannon_bits(counts)


def test_canonical_example_of_rfc_1951():
    lengths = [3, 3, 3, 3, 3, 2, 4, 4]
    expected = [0b010, 0b011, 0b100, 0b101, 0b110, 0b00, 0b1110, 0b1111]
    assert list(canonical_codes(lengths)) == expected


def test_codes_as_long_as_fibonacci_counts_make_them():
    counts = [1, 1]
    while len(counts) < 30:
        counts.append(counts[-1] + counts[-2])
    lengths = code_lengths(counts)
    assert lengths.max() == 29
    values = np.arange(30)
    np.testing.assert_array_equal(decode(encode(values, lengths), lengths, 30), values)


def test_a_symbol_alone_takes_one_bit():
    data, lengths = coded(np.full(9, 3), 5)
    assert list(lengths) == [0, 0, 0, 1, 0] and len(data) == 2
    np.testing.assert_array_equal(decode(data, lengths, 9), np.full(9, 3))


@given(st.lists(st.integers(0, 9), min_size=20, max_size=60), st.integers(1, 5))
def test_data_that_end_too_early(values, cut):
    data, lengths = coded(np.array(values), 10)
    if len(data) > cut:
        with pytest.raises(ValueError, match="end too early|damaged"):
            decode(data[:-cut], lengths, len(values))


def test_what_makes_no_sense():
    with pytest.raises(ValueError, match="Kraft"):
        canonical_codes([1, 1, 1])
    with pytest.raises(ValueError, match="no code"):
        encode([0, 1], [1, 0])
    with pytest.raises(ValueError, match="left after the last symbol"):
        decode(bytes(5), [1, 1], 8)
    with pytest.raises(ValueError, match="damaged"):
        decode(b"\xff", [1, 2], 2)  # 11 is no code
    with pytest.raises(ValueError, match="cannot hold"):
        decode(b"", [0, 0], 3)
    with pytest.raises(ValueError, match="none below 0"):
        code_lengths([3, -1])
