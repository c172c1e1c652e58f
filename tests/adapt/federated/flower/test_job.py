"""A job survives its files; devices need little; a missing engine is one sentence."""

import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from tinylab.adapt.federated.flower import deployment
from tinylab.adapt.federated.flower.app import write_app
from tinylab.adapt.federated.flower.client import job_folder
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
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT, timeout=600
    )
    assert run.stdout == "fine\n", run.stderr


def test_an_app_to_run_elsewhere_and_a_device_with_files_of_its_own(tmp_path):
    data = users(2)
    write_app(job_of(data, FedAvg(share=1.0)), data, tmp_path / "server")
    files = {path.name for path in (tmp_path / "server" / "job").iterdir()}
    assert files == {"job.json", "start.npz", "client_0.npz", "client_1.npz"}
    settings = (tmp_path / "server" / "app" / "pyproject.toml").read_text()
    parts = re.findall(r'"(engine\.\w+):(\w+)"', settings)
    assert len(parts) == 2
    for module, name in parts:
        text = (tmp_path / "server" / "app" / f"{module.replace('.', '/')}.py").read_text()
        assert f"{name} = " in text
    server = SimpleNamespace(node_config={}, run_config={"job": "/on/the/server"})
    device = SimpleNamespace(node_config={"job": "/here"}, run_config=server.run_config)
    assert (str(job_folder(server)), str(job_folder(device))) == ("/on/the/server", "/here")
