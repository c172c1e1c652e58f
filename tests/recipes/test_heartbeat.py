"""The heart monitor's recipe, in little: it learns, and then finds more ventricular beats."""

import numpy as np
import pytest

from tinylab.data import heartbeats
from tinylab.models.training import TrainingProfile
from tinylab.recipes import heartbeat as recipe
from tinylab.scoring.f1 import class_scores


@pytest.mark.training
def test_a_short_training_learns_and_finds_more():
    beats = heartbeats.beat_inputs(heartbeats.load("train", patients=24))
    apart = np.isin(beats.patients, np.unique(beats.patients)[::4])
    profile = TrainingProfile(epochs=3, batch_size=64, learning_rate=4e-3)
    model = recipe.train_monitor(beats[~apart], profile)
    inputs = heartbeats.for_network(beats[apart])

    def scores():
        answers = model.predict(inputs, batch_size=1000, verbose=0)
        return class_scores(beats[apart].labels, answers, 3)

    before = scores()
    recipe.find_more(model, beats[apart])
    after = scores()
    always_normal = class_scores(beats[apart].labels, np.zeros(int(apart.sum()), int), 3)
    assert before.macro_f1 > always_normal.macro_f1 + 0.2
    assert after.recall[2] >= max(before.recall[2], recipe.RECALL)


def test_a_profile_that_is_not_there():
    with pytest.raises(ValueError, match="quick.*full"):
        recipe.train_reference("slow")
