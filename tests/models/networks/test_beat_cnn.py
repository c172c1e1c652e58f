"""The heart monitor's network: its shape, and a class that is answered sooner."""

import keras
import numpy as np
import pytest

from tinylab.data.heartbeats import inputs
from tinylab.models.networks.beat_cnn import INPUTS, add_to_class, beat_cnn
from tinylab.models.size import folded_parameters, multiply_accumulates
from tinylab.scoring.f1 import class_margin

X = np.random.default_rng(0).normal(0, 1, (40, INPUTS, 1, 1)).astype(np.float32)


def test_it_is_as_small_as_it_says():
    """26 and 13 positions: 64 and 640 weights, 3,328 to the hidden neurons, 48 to the classes."""
    model = beat_cnn()
    assert INPUTS == inputs.INPUTS
    assert folded_parameters(model) == 64 + 640 + 3328 + 48 + (8 + 16 + 16 + 3)
    assert multiply_accumulates(model) == 26 * 64 + 13 * 640 + 3328 + 48 == 13_360


def test_adding_to_a_class_moves_its_margin_by_as_much():
    keras.utils.set_random_seed(0)
    model = beat_cnn()
    before = class_margin(model.predict(X, verbose=0), 2)
    add_to_class(model, 2, 1.5)
    after = class_margin(model.predict(X, verbose=0), 2)
    np.testing.assert_allclose(after, before + 1.5, atol=1e-4)


@pytest.mark.parametrize("wrong", [{"width": 0}, {"hidden": 0}, {"classes": 1}])
def test_nothing_smaller_than_a_network(wrong):
    with pytest.raises(ValueError, match="width >= 1"):
        beat_cnn(**wrong)
