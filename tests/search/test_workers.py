"""Many workers on one study: one is killed, and no trial is lost."""

import os
import signal
import subprocess
import sys
import time

import optuna
import pytest

from tinylab.search.optuna_search import (
    GRACE_s,
    HEARTBEAT_s,
    heartbeats,
    new_study,
    storage_at,
    trial_states,
    work_on,
)
from tinylab.search.space import Space

SPACE = Space((2, 3), (16, 32))
WORKER = """
import sys, time
from tinylab.search.optuna_search import work_on
from tinylab.search.space import Space

def costs(one):
    time.sleep(float(sys.argv[3]))
    return float(sum(one.widths)), float(-one.depth)

work_on(sys.argv[1], "study", costs, Space((2, 3), (16, 32)), int(sys.argv[4]), int(sys.argv[2]))
"""


def start(url: str, seed: int, seconds: float, evaluations: int) -> subprocess.Popen:
    arguments = [str(value) for value in (url, seed, seconds, evaluations)]
    return subprocess.Popen([sys.executable, "-c", WORKER, *arguments])


def trials(url: str):
    return optuna.load_study(study_name="study", storage=storage_at(url)).get_trials()


def let_an_hour_pass(url: str) -> None:
    """As seen by the study's heartbeats: what is silent is silent for long."""
    with storage_at(url).engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE trial_heartbeats SET heartbeat = datetime(heartbeat, '-1 hour')"
        )


@pytest.mark.training  # it starts three processes and waits for a heartbeat
def test_a_killed_worker_loses_no_trial(tmp_path):
    url = f"sqlite:///{tmp_path / 'study.db'}"
    new_study(url, "study")
    victim = start(url, 1, 3600, 6)
    while not heartbeats(url):
        time.sleep(0.1)
    victim.kill()
    victim.wait()
    (left,) = trials(url)
    time.sleep(GRACE_s + HEARTBEAT_s)  # else the others may be done before it is missed
    others = [start(url, seed, 0.4, 6) for seed in (2, 3)]
    assert [other.wait() for other in others] == [0, 0]
    found = trials(url)
    states = [trial.state.name for trial in found]
    assert states.count("COMPLETE") >= 6 and "RUNNING" not in states
    assert found[left.number].state.name == "FAIL"
    retried = [t for t in found if t.system_attrs.get("failed_trial") == left.number]
    assert len(retried) == 1 and retried[0].state.name == "COMPLETE"
    assert [trial.number for trial in found] == list(range(len(found)))


@pytest.mark.training  # as above
def test_a_killed_worker_of_dask_loses_no_trial(tmp_path):
    """Two workers of a cluster, one evaluation without end; its worker is killed."""
    distributed = pytest.importorskip("distributed", reason="see requirements-scale.txt")
    url, held = f"sqlite:///{tmp_path / 'study.db'}", tmp_path / "held"
    new_study(url, "study")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    )
    with cluster, distributed.Client(cluster) as client:
        work = [
            client.submit(work_on, url, "study", _held_once(held), SPACE, 30, seed, pure=False)
            for seed in (1, 2)
        ]
        while not held.is_file() or not heartbeats(url):
            time.sleep(0.1)
        time.sleep(3)  # a worker that never told that it lives is missed by nobody
        os.kill(int(held.read_text()), signal.SIGKILL)
        client.gather(work)
    found = trials(url)
    states = [trial.state.name for trial in found]
    assert states.count("COMPLETE") >= 30 and "RUNNING" not in states
    (lost,) = [trial.number for trial in found if trial.state.name == "FAIL"]
    retried = [t for t in found if t.system_attrs.get("failed_trial") == lost]
    assert [trial.state.name for trial in retried] == ["COMPLETE"]


def _held_once(held):
    """Costs; the first worker to ask for any writes down its process and never answers."""

    def costs(one):
        try:
            with open(held, "x") as file:
                file.write(str(os.getpid()))
        except FileExistsError:
            time.sleep(0.3)
            return float(sum(one.widths)), float(-one.depth)
        while True:
            time.sleep(1)

    return costs


def test_workers_of_one_process_share_a_study(tmp_path):
    url = f"sqlite:///{tmp_path / 'study.db'}"
    new_study(url, "study")

    def costs(one):
        return float(sum(one.widths)), float(-one.depth)

    assert work_on(url, "study", costs, SPACE, 4, 1) == 4
    assert work_on(url, "study", costs, SPACE, 6, 2) == 2
    assert trial_states(url, "study") == ["complete"] * 6
    with pytest.raises(optuna.exceptions.DuplicatedStudyError):
        new_study(url, "study")
