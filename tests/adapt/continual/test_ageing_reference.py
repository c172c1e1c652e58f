"""The notebook's claim on the bundled model: naive training forgets the old job, replay does."""

import numpy as np
import pytest

from tinylab.adapt import dense_training
from tinylab.adapt.continual.methods import Phase, follow, scores
from tinylab.data import machines
from tinylab.models import checkpoints
from tinylab.scoring.anomaly import auc


@pytest.fixture(scope="module")
def phases():
    aged = []
    for name in machines.PHASES:
        normal, test = (
            machines.load_ageing("train", phase=name),
            machines.load_ageing("test", phase=name),
        )
        aged.append(Phase(name, normal.log_mel, test.log_mel, test.labels))
    return aged


@pytest.mark.training
def test_replay_keeps_what_naive_training_forgets(phases):
    model = checkpoints.load("anomaly_detection", "train", origin="reference").model
    weights = dense_training.from_keras(model)
    first, last = phases[0], phases[-1]

    def measured(weights, phase):
        return auc(phase.labels, scores(weights, phase.test))

    naive = follow("naive", weights, phases)[-1].weights
    replayed = follow("replay", weights, phases, setting=480)[-1].weights
    before = measured(weights, first)
    assert measured(naive, first) <= before - 0.1
    assert measured(replayed, first) >= 0.9 * before
    learned = [measured(adapted, last) for adapted in (naive, replayed)]
    assert np.min(learned) >= measured(weights, last) + 0.2
