"""The sweep of federated learning: its rows are what federating gives, and it is kept."""

import numpy as np
import pytest

from tinylab.adapt import dense_training
from tinylab.adapt.continual.methods import AdaptationSettings, training_windows
from tinylab.adapt.federated import study as module
from tinylab.adapt.federated.rounds import federate
from tinylab.adapt.federated.strategies import FedAvg
from tinylab.adapt.federated.study import Site, local_trainer, measure, sweep_federated
from tinylab.adapt.federated.trainers import Client, TrainerFleet

RECIPE = AdaptationSettings(epochs=1, batch_size=16, learning_rate=1e-3, stride=4)


@pytest.fixture(scope="module")
def sites():
    rng = np.random.default_rng(0)
    sites = []
    for number in range(3):
        spectrum = -30 + 8 * np.sin(np.arange(128) / 9 + number)
        test = (spectrum + rng.normal(0, 2, (8, 12, 128))).astype(np.float32)
        test[4:, :, 40:60] += 6
        normal = (spectrum + rng.normal(0, 2, (4 + number, 12, 128))).astype(np.float32)
        sites.append(Site(f"machine {number}", normal, test, np.repeat([0, 1], 4)))
    return sites


@pytest.fixture(scope="module")
def weights():
    rng = np.random.default_rng(1)
    shapes = [(640, 8), (8,), (8, 640), (640,)]
    return tuple((0.05 * rng.normal(size=shape)).astype(np.float32) for shape in shapes)


def test_rows_are_what_federating_gives(weights, sites, own_work_dir, monkeypatch):
    options = {"rounds": 2, "mus": (0.1, 1.0), "recipe": RECIPE, "progress": False}
    sweep = sweep_federated(weights, sites, **options)
    assert sweep.clients == ("machine 0", "machine 1", "machine 2")
    assert (sweep.mus, sweep.rounds) == ((0.1, 1.0), 2)
    clients = [Client(site.name, training_windows(site.normal, 4)) for site in sites]
    fleet = TrainerFleet(clients, local_trainer(RECIPE), weights)
    strategy = FedAvg(recipe=None, share=1.0)
    figures = {"measure": lambda now: measure(now, sites), "seed": RECIPE.seed}
    _, record = federate(strategy, fleet, weights, rounds=2, **figures)
    row = sweep.row("FedAvg")
    assert row.auc == tuple(tuple(done.figures.values()) for done in record)
    assert row.sent_bytes == 2 * 3 * 4 * dense_training.parameters(weights)
    assert row.worst(2) <= row.mean(2)
    assert sweep.row("alone").sent_bytes == sweep.row("together").sent_bytes == 0
    assert sweep.row("alone").auc[0] == pytest.approx(row.auc[0])
    monkeypatch.setattr(module, "federate", None)
    assert sweep_federated(weights, sites, **options) == sweep
    with pytest.raises(KeyError, match="'FedProx' with mu 9"):
        sweep.row("FedProx", 9)


def test_alone_is_training_on_ones_own(weights, sites):
    sweep = sweep_federated(
        weights, sites, rounds=1, mus=(0.1,), recipe=RECIPE, cache=False, progress=False
    )
    own = dense_training.train(
        weights,
        training_windows(sites[1].normal, 4),
        epochs=1,
        batch_size=16,
        learning_rate=1e-3,
        seed=(RECIPE.seed, 1, 0),
    )
    assert sweep.row("alone").auc[1][1] == measure(own, [sites[1]])["machine 1"]
