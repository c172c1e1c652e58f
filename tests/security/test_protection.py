"""Protections: what each undoes, what it cannot, and that clipping and parity of all bits fail."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.security.protection import PROTECTIONS, faulty_weights

VALUES = np.random.default_rng(3).integers(-127, 128, 40).astype(np.int8)
LIMITS = np.full(40, 127, np.int16)
NAMES = tuple(PROTECTIONS)
BITS = 8


def after(name: str, positions, values=VALUES, limits=LIMITS) -> np.ndarray:
    return faulty_weights(PROTECTIONS[name], values, positions, limits)


@pytest.mark.parametrize("name", NAMES)
def test_without_faults_nothing_changes(name):
    np.testing.assert_array_equal(after(name, []), VALUES)


@pytest.mark.parametrize("name", NAMES)
def test_check_bits_are_what_they_cost(name):
    one = PROTECTIONS[name]
    assert one.make(VALUES.view(np.uint8)).shape == (40, one.check_bits)
    assert one.overhead == one.check_bits / 8


def test_the_costs_are_those_of_the_table():
    costs = {name: one.overhead for name, one in PROTECTIONS.items()}
    assert costs["parity of the top bit, zero"] == 0.125
    assert (costs["top bit three times"], costs["top two bits three times"]) == (0.25, 0.5)


@settings(max_examples=30)
@given(weights=st.sets(st.integers(0, 39), min_size=1), bit=st.sampled_from([6, 7]))
def test_three_times_undoes_single_flips_of_its_bits(weights, bit):
    faults = [BITS * weight + bit for weight in weights]
    np.testing.assert_array_equal(after("top two bits three times", faults), VALUES)
    left = after("top bit three times", faults)
    assert np.array_equal(left, VALUES) == (bit == 7)


@settings(max_examples=30)
@given(weights=st.sets(st.integers(0, 39), min_size=1), bit=st.integers(0, 7))
def test_parity_zeroes_what_it_cannot_trust(weights, bit):
    faults, hit = [BITS * weight + bit for weight in weights], sorted(weights)
    everything = after("parity of all eight bits, zero", faults)
    assert np.all(everything[hit] == 0)
    top = after("parity of the top bit, zero", faults)
    rest = np.setdiff1d(np.arange(40), hit)
    np.testing.assert_array_equal(top[rest], VALUES[rest])
    bare = after("nothing", faults)
    np.testing.assert_array_equal(top[hit], 0 if bit == 7 else bare[hit])


def test_two_flips_together_pass_every_check():
    first = BITS * 40
    pairs = {
        "parity of all eight bits, zero": [BITS * 5 + 7, first + 5],
        "parity of the top bit, zero": [BITS * 5 + 7, first + 5],
        "top bit three times": [BITS * 5 + 7, first + 10],
        "top two bits three times": [BITS * 5 + 7, first + 20],
    }
    for name, faults in pairs.items():
        np.testing.assert_array_equal(after(name, faults), after("nothing", faults[:1]), name)


def test_a_lone_check_bit_costs_a_weight_or_nothing():
    first = BITS * 40
    assert after("parity of the top bit, zero", [first + 5])[5] == 0
    np.testing.assert_array_equal(after("top bit three times", [first + 10]), VALUES)


def test_clipping_helps_only_where_the_range_is_small():
    wide = after("clip to the layer's range", [7])
    np.testing.assert_array_equal(wide, after("nothing", [7]))
    small = np.full(40, 3, np.int8)
    left = after("clip to the layer's range", [6], values=small, limits=np.full(40, 5, np.int16))
    assert left[0] == 5  # 67 without it


def test_positions_beyond_the_last_bit_are_refused():
    with pytest.raises(ValueError, match="positions up to 359"):
        after("parity of the top bit, zero", [360])
