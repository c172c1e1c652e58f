"""The real engine on loopback: the loop's weights, a killed device, a limit. `pytest -m flower`."""

import shutil
import subprocess
import time
from dataclasses import replace

import numpy as np
import psutil
import pytest

from tests.adapt.federated.flower.test_job import job_of, users
from tinylab.adapt.federated.flower.deployment import flower_environment, run_on_flower
from tinylab.adapt.federated.messages import to_vector, to_weights
from tinylab.adapt.federated.networks import Head
from tinylab.adapt.federated.rounds import federate
from tinylab.adapt.federated.stacked import ClientData, StackedFleet
from tinylab.adapt.federated.strategies import FedAvg, FedAvgM, Scaffold

pytestmark = pytest.mark.flower


@pytest.fixture(autouse=True)
def engine():
    """Skips where Flower is not installed; afterwards nothing that was started may be left."""
    try:
        flower_environment()
    except RuntimeError as missing:
        pytest.skip(str(missing))
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


def in_process(job, data):
    fleet = StackedFleet(Head(), data, job.start)
    return federate(job.strategy, fleet, job.start, rounds=job.rounds, seed=job.seed)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """A certificate authority, and a certificate of loopback: several_machines.md's commands."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make certificates with")
    folder = tmp_path_factory.mktemp("certificates")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    new = "-newkey rsa:2048 -nodes"
    for command in (
        f"req -x509 {new} -days 2 -subj /CN=course -keyout ca.key -out ca.pem",
        f"req {new} -subj /CN=server -keyout server.key -out server.csr",
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
        " -extfile names -out server.pem",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize(
    ("strategy", "secured"), [(FedAvgM(share=1.0), True), (Scaffold(share=0.5), False)]
)
def test_the_engine_gives_the_loops_weights(strategy, secured, request):
    data = users(2)
    job = job_of(data, strategy, seed=3, rounds=3)
    tls = request.getfixturevalue("certificates") if secured else None
    run = run_on_flower(job, data, certificates=tls)
    weights, record = in_process(job, data)
    assert [done.clients for done in run.record] == [done.clients for done in record]
    assert [done.down_bytes for done in run.record] == [done.down_bytes for done in record]
    for ours, theirs in zip(run.weights, weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_a_device_killed_in_a_round_neither_stops_nor_poisons_the_run():
    data = users(3)
    job = job_of(data, FedAvg(share=1.0), rounds=3, pause_s=8.0, answer_s=150.0)
    killed = []

    def kill_the_last_in_round_two(number, processes):
        if number == 2 and not killed:
            killed.append(number)
            time.sleep(2)
            processes.kill(2)

    run = run_on_flower(job, data, watch=kill_the_last_in_round_two, limit_s=600.0)
    assert [len(done.clients) for done in run.record] == [0, 3, 2, 2]
    assert "user 2" in run.record[2].dropouts
    first, _ = in_process(job_of(data, FedAvg(share=1.0), rounds=1), data)
    assert all(np.isfinite(part).all() for part in run.weights)
    rest = ClientData(data.names[:2], data.x[:2], data.y[:2], data.counts[:2])
    expected = first
    for number in (2, 3):  # rounds of the two that are left; a client's seeds do not change
        expected = _round_of(rest, expected, number)
    for ours, theirs in zip(run.weights, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def _round_of(data, weights, number):
    """One round of all clients with the seeds of that round."""
    strategy = FedAvg(share=1.0)
    state = strategy.start(to_vector(weights), len(data.names), 0)
    state = replace(state, round=number - 1)
    chosen = np.arange(len(data.names))
    replies = StackedFleet(Head(), data, weights).train(chosen, strategy.instruct(state, chosen))
    state = strategy.aggregate(state, replies.updates, data.names)
    return to_weights(state.weights, weights)


def test_a_limit_ends_it_in_clear_words():
    data = users(2)
    with pytest.raises(RuntimeError, match="the time was up .*longer limit or fewer nodes"):
        run_on_flower(job_of(data, FedAvg(share=1.0), pause_s=60.0), data, limit_s=15.0)
