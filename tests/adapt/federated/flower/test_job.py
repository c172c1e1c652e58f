"""A job survives its files; devices need little; a missing engine is one sentence."""

import subprocess
import sys

import numpy as np
import pytest

from tinylab.adapt.federated.flower import deployment
from tinylab.adapt.federated.flower.job import (
    Job,
    read_clients_data,
    read_job,
    read_outcome,
    write_job,
    write_outcome,
)
from tinylab.adapt.federated.messages import LocalRecipe
from tinylab.adapt.federated.networks import Head
from tinylab.adapt.federated.rounds import federate
from tinylab.adapt.federated.rules import median
from tinylab.adapt.federated.stacked import ClientData, StackedFleet
from tinylab.adapt.federated.strategies import FedAvg, FedAvgM, Scaffold
from tinylab.paths import PROJECT


def users(count=3):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(count, 12, 5)).astype(np.float32)
    counts = np.array([12, 7, 9, 12])[:count]
    names = tuple(f"user {k}" for k in range(count))
    return ClientData(names, x, rng.integers(0, 4, (count, 12)), counts)


def job_of(data, strategy, **options):
    return Job(strategy, "Head", Head().start(5, 4), data.names, **{"rounds": 2, **options})


@pytest.mark.parametrize(
    "strategy",
    [FedAvgM(LocalRecipe(2, 3, 0.5), share=0.4, mu=0.1, momentum=0.7), Scaffold(share=1.0)],
)
def test_a_job_comes_back_and_clients_see_their_own_examples_only(tmp_path, strategy):
    data = users()
    write_job(job_of(data, strategy, seed=5, pause_s=1.5), data, tmp_path)
    back = read_job(tmp_path)
    assert (back.strategy, back.names, back.seed, back.pause_s) == (strategy, data.names, 5, 1.5)
    assert all(np.array_equal(a, b) for a, b in zip(back.start, Head().start(5, 4)))
    x, y = read_clients_data(tmp_path, 1)
    np.testing.assert_array_equal(x, data.x[1, :7])
    np.testing.assert_array_equal(y, data.y[1, :7])


def test_an_outcome_comes_back(tmp_path):
    data = users()
    fleet = StackedFleet(Head(), data, Head().start(5, 4))
    weights, record = federate(FedAvg(share=0.5), fleet, Head().start(5, 4), rounds=2)
    write_outcome(weights, record, tmp_path)
    back, rounds = read_outcome(tmp_path)
    assert rounds == record and all(np.array_equal(a, b) for a, b in zip(back, weights))


def test_what_cannot_travel_is_refused(tmp_path):
    data = users()
    with pytest.raises(ValueError, match="weighted mean"):
        write_job(job_of(data, FedAvg(rule=median)), data, tmp_path)
    with pytest.raises(ValueError, match="those of the data"):
        write_job(job_of(users(2), FedAvg()), data, tmp_path)


def test_without_the_engine_one_sentence_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("TINYLAB_FLOWER", str(tmp_path))
    data = users()
    with pytest.raises(RuntimeError, match=r"pip install -r requirements-flower\.txt"):
        deployment.run_on_flower(job_of(data, FedAvg()), data)


def test_a_device_needs_numpy_and_two_small_packages_only():
    code = """
import importlib.abc, sys
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        heavy = {"scipy", "pandas", "keras", "tensorflow", "cattrs", "soundfile", "plotly", "click"}
        if name.split(".")[0] in heavy:
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
import tinylab.adapt.federated.flower.client, tinylab.adapt.federated.flower.server
import tinylab.adapt.federated.privacy
print("fine")
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT, timeout=60
    )
    assert run.stdout == "fine\n", run.stderr
