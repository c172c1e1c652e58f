"""Alone, federated, together and personalised on made-up features, and a law of the two figures."""

import numpy as np
import pytest

from tinylab.adapt.federated.keywords import comparison
from tinylab.adapt.federated.keywords.users import Setting
from tinylab.adapt.federated.keywords.vocabularies import balanced_vocabularies
from tinylab.adapt.federated.messages import LocalRecipe, Task, to_vector, to_weights
from tinylab.adapt.federated.networks import Head
from tinylab.adapt.federated.stacked import ClientData, train_one
from tinylab.adapt.federated.strategies import FedAvg

WORDS, FEATURES, USERS = 6, 8, 12


@pytest.fixture(scope="module")
def setting():
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 1.5, (WORDS, FEATURES))
    shares = balanced_vocabularies(0.1, USERS, WORDS, rng)
    y = np.stack([rng.choice(WORDS, 20, p=row / row.sum()) for row in shares])
    x = (centres[y] + rng.normal(size=(USERS, 20, FEATURES))).astype(np.float32)
    test_y = np.repeat(np.arange(WORDS), 50)
    test_x = (centres[test_y] + rng.normal(size=(300, FEATURES))).astype(np.float32)
    names = tuple(f"user {k}" for k in range(USERS))
    data = ClientData(names, x, y, np.full(USERS, 20))
    return Setting(Head(), Head().start(FEATURES, WORDS), data, shares, test_x, test_y)


def test_of_a_common_model_own_words_are_all_words_on_average(setting):
    rng = np.random.default_rng(1)
    weights = tuple(rng.normal(size=part.shape).astype(np.float32) for part in setting.start)
    outcome = comparison.measure_common(setting, weights)
    assert outcome.own_words == pytest.approx(outcome.all_words, abs=1e-6)
    assert outcome.own_worst_tenth <= outcome.own_words
    answers = setting.network.logits(weights, setting.x).argmax(axis=1)
    assert outcome.all_words == pytest.approx(np.mean(answers == setting.y))


def test_together_is_one_client_with_everything(setting):
    recipe = LocalRecipe(2, 10, 0.1)
    x, y = setting.data.x.reshape(-1, FEATURES), setting.data.y.reshape(-1)
    task = Task(to_vector(setting.start), 3, 0, recipe)
    change = train_one(setting.network, setting.start, x, y, task, 0)
    model = to_weights(task.weights + change, setting.start)
    expected = comparison.measure_common(setting, model)
    assert comparison.together(setting, recipe, seed=3) == expected


def test_the_lesson_in_small(setting):
    """Federated beats alone on all words; personalising moves own words up and all words down."""
    alone = comparison.alone(setting, LocalRecipe(50))
    weights, record = comparison.federated(FedAvg(share=0.5), setting, rounds=20, every=20)
    common = comparison.Outcome(**record[-1].figures)
    tuned = comparison.personalised(setting, weights, LocalRecipe(20))
    assert common.all_words > alone.all_words + 0.2
    assert comparison.together(setting, LocalRecipe(20, 50)).all_words > common.all_words - 0.05
    assert tuned.own_words > common.own_words and tuned.all_words < common.all_words
