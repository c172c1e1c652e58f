"""Adversarial fine-tuning: more right answers under attack, and the model given stays as it is."""

import numpy as np
import pytest

from tinylab.security.adversarial_training import FineTuning, fine_tuned
from tinylab.security.inputs import Range, loss_gradient, pgd

pytestmark = pytest.mark.training

WIDE = Range(-20, 20)
EPSILON = 0.4


def right(model, x, y) -> float:
    return float((model.predict(x, verbose=0).argmax(axis=1) == y).mean())


@pytest.fixture(scope="module")
def tuned(trained, training_data):
    x, y = training_data[0][:600], training_data[1][:600]
    before = [np.asarray(one) for one in trained.get_weights()]
    models = {
        epsilon: fine_tuned(trained, x, y, FineTuning(epsilon, epochs=4), WIDE)
        for epsilon in (0.0, EPSILON)
    }
    for old, new in zip(before, trained.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    return models


def test_training_on_attacks_helps_against_them(tuned, test_data):
    x, y = test_data[0][:200], test_data[1][:200]
    left = {
        epsilon: right(model, pgd(loss_gradient(model), x, y, EPSILON, steps=5, within=WIDE), y)
        for epsilon, model in tuned.items()
    }
    assert left[EPSILON] > left[0.0] + 0.05


def test_clean_answers_are_mostly_kept(tuned, test_data):
    x, y = test_data
    assert right(tuned[EPSILON], x, y) > right(tuned[0.0], x, y) - 0.1


def test_the_seed_decides(trained, training_data):
    x, y = training_data[0][:100], training_data[1][:100]
    made = [fine_tuned(trained, x, y, FineTuning(0.1, epochs=1, batch_size=50)) for _ in "ab"]
    for one, other in zip(*(model.get_weights() for model in made), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
