"""The search for damaging bits against brute force, and the float twin against LiteRT."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.deploy.litert import LiteRTModel, convert
from tinylab.security.bit_flips import Flip, flipped, random_flips, weight_table
from tinylab.security.chosen_flips import choose_flips, float_twin, most_damaging


@pytest.fixture(scope="module")
def program(trained, test_data):
    return convert(trained, "int8", test_data[0][:100])


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), bits=st.sampled_from([range(8), range(7), (7,)]))
def test_most_damaging_is_the_best_of_all_bits(seed, bits):
    rng = np.random.default_rng(seed)
    values = rng.integers(-128, 128, 12).astype(np.int8)
    gradient = rng.normal(size=12)
    gains = {
        (weight, bit): gradient[weight]
        * (int(flipped(values, [Flip(weight, bit)])[weight]) - int(values[weight]))
        for weight in range(12)
        for bit in bits
    }
    weight, bit, gain = most_damaging(values, gradient, bits)
    assert gain == pytest.approx(max(gains.values())) == pytest.approx(gains[weight, bit])


def test_the_twin_answers_like_the_program(program, test_data):
    x, _ = test_data
    model, table = LiteRTModel(program), weight_table(program)
    parts = [
        tf.constant(table.graph.tensors[table.graph.ops[index].inputs[1]].values, tf.float32)
        for index in table.operators
    ]
    logits = float_twin(table.graph)(tf.constant(x[:200]), parts).numpy()
    shares = tf.nn.softmax(logits).numpy()
    np.testing.assert_allclose(shares, model.predict(x[:200]), atol=0.12)
    assert (logits.argmax(axis=1) == model.predict(x[:200]).argmax(axis=1)).mean() > 0.97


def test_chosen_bits_hurt_more_than_drawn_ones(program, test_data, training_data):
    x, y = test_data
    table = weight_table(program)

    def accuracy(content):
        return float((LiteRTModel(content).predict(x[:150]).argmax(axis=1) == y[:150]).mean())

    found = choose_flips(table, training_data[0][:64], training_data[1][:64], accuracy, count=4)
    drawn = flipped(table.values, random_flips(len(table), 4, seed=0))
    assert found.accuracy[-1] < accuracy(table.program(drawn)) - 0.15
    assert found.accuracy[-1] == accuracy(table.program(flipped(table.values, found.flips)))
    assert found.needed(2.0) == 1 and found.needed(-1.0) is None


def test_only_bits_that_may_be_flipped_are(program, training_data):
    table = weight_table(program)
    x, y = training_data[0][:32], training_data[1][:32]
    found = choose_flips(table, x, y, lambda content: 1.0, count=2, bits=range(6))
    assert all(flip.bit < 6 for flip in found.flips)
    once = choose_flips(table, x, y, lambda content: 0.1, count=5, stop_below=0.5)
    assert len(once.flips) == 1
