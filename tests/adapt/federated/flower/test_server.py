"""The server looks at an answer before it believes it; a stand-in for Flower's grid answers."""

from types import SimpleNamespace

import numpy as np
import pytest

from tests.adapt.federated.flower.test_job import job_of, users
from tinylab.adapt.federated.flower.server import GridFleet
from tinylab.adapt.federated.rounds import federate
from tinylab.adapt.federated.strategies import FedAvg


class Answer(dict):
    """A reply's content as Flower gives it: records by name, arrays with `numpy()`."""

    def __init__(self, change, **counts):
        array = SimpleNamespace(numpy=lambda: change)
        super().__init__(arrays={"change": array}, metrics=counts)


def fleet_of(monkeypatch, tmp_path, answer):
    """Devices that answer what `answer(client)` gives; (code, reason) stands for an error reply."""

    def exchange(self, asked, limit_s):
        for client in asked:
            content = answer(client)
            failed = isinstance(content, tuple)
            code, reason = content if failed else (0, "")
            error = SimpleNamespace(reason=reason, code=code)
            yield (
                client,
                SimpleNamespace(has_error=lambda f=failed: f, error=error, content=content),
            )

    data = users(3)
    monkeypatch.setattr(GridFleet, "_meet", lambda self: {0: 10, 1: 11, 2: 12})
    monkeypatch.setattr(GridFleet, "_message", lambda self, node, content, kind: None)
    monkeypatch.setattr(GridFleet, "_exchange", exchange)
    monkeypatch.setattr("tinylab.adapt.federated.flower.server._content", lambda task, row: None)
    return GridFleet(None, job_of(data, FedAvg(share=1.0)), tmp_path)


def run(fleet):
    return federate(FedAvg(share=1.0), fleet, fleet.job.start, rounds=1)[1][1]


def test_broken_answers_are_named_and_the_sound_ones_are_used(monkeypatch, tmp_path):
    sound = Answer(np.ones(24, np.float32), examples=3, steps=2)
    answers = [sound, Answer(np.ones(24, np.float32)), (5, "Node Unavailable")]
    done = run(fleet_of(monkeypatch, tmp_path, lambda client: answers[client]))
    assert done.clients == ("user 0",)
    assert "no update: KeyError" in done.dropouts["user 1"]
    assert done.dropouts["user 2"] == "Node Unavailable"
    answers[1] = Answer(np.full(24, np.nan, np.float32), examples=3, steps=2)
    done = run(fleet_of(monkeypatch, tmp_path, lambda client: answers[client]))
    assert "not finite" in done.refused["user 1"]


def test_a_fault_that_hits_all_devices_stops_the_run(monkeypatch, tmp_path):
    fleet = fleet_of(monkeypatch, tmp_path, lambda client: (2, "a slip in train()"))
    with pytest.raises(RuntimeError, match="failed on every device in round 1; user 0: a slip in"):
        run(fleet)


def test_devices_that_are_gone_do_not_stop_the_run(monkeypatch, tmp_path):
    done = run(fleet_of(monkeypatch, tmp_path, lambda client: (5, "Node Unavailable")))
    assert done.clients == () and set(done.dropouts) == {"user 0", "user 1", "user 2"}
