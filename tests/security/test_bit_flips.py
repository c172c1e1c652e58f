"""Flipped bits against two's complement, and against what a reader finds in the changed file."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylab.deploy.litert import convert
from tinylab.graph import read_tflite
from tinylab.security.bit_flips import Flip, flipped, random_flips, weight_table


@pytest.fixture(scope="module")
def table(trained, test_data):
    return weight_table(convert(trained, "int8", test_data[0][:50]))


@given(value=st.integers(-128, 127), bit=st.integers(0, 7))
def test_a_flip_is_worth_a_power_of_two(value, bit):
    there = flipped(np.array([value], np.int8), [Flip(0, bit)])
    worth = -128 if bit == 7 else 1 << bit
    change = int(there[0]) - value
    assert change in (worth, -worth)
    assert flipped(there, [Flip(0, bit)])[0] == value


def test_the_table_is_what_the_file_holds(table):
    weights = [
        table.graph.tensors[table.graph.ops[index].inputs[1]].values.ravel()
        for index in table.operators
    ]
    np.testing.assert_array_equal(table.values, np.concatenate(weights))
    assert table.program(table.values) == table.content
    assert [table.layer_of(start) for start in table.starts[:-1]] == list(range(len(weights)))


def test_a_changed_program_holds_the_changed_weight(table):
    flips = [Flip(3, 7), Flip(len(table) - 1, 0)]
    values = flipped(table.values, flips)
    again = weight_table(table.program(values))
    np.testing.assert_array_equal(again.values, values)
    assert (again.values != table.values).sum() == 2
    assert len(read_tflite(again.content).ops) == len(table.graph.ops)


def test_random_flips_are_different_bits(table):
    flips = random_flips(len(table), 200, seed=1)
    assert len(set(flips)) == 200 and {flip.bit for flip in flips} == set(range(8))
    assert {flip.bit for flip in random_flips(len(table), 50, seed=1, bits=[7])} == {7}
    assert flips == random_flips(len(table), 200, seed=1)


def test_a_weight_has_eight_bits():
    with pytest.raises(ValueError, match="bits 0 to 7, not 8"):
        flipped(np.zeros(2, np.int8), [Flip(0, 8)])


def test_float_programs_are_refused(trained):
    with pytest.raises(ValueError, match="float32 weights: convert to int8"):
        weight_table(convert(trained, "float32"))
