"""Settings that mean nothing are refused in one sentence that names them, and so are odd states."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest

from tinylab.adapt.federated import rules
from tinylab.adapt.federated.compression import COMPRESSORS, CompressedFleet, few_bits
from tinylab.adapt.federated.keywords.users import draw_users
from tinylab.adapt.federated.keywords.vocabularies import balanced_vocabularies
from tinylab.adapt.federated.messages import LocalRecipe, Replies, Update
from tinylab.adapt.federated.networks import Head
from tinylab.adapt.federated.poison import ScalingFleet, with_shifted_labels
from tinylab.adapt.federated.privacy import PrivateFedAvg, epsilon, masked
from tinylab.adapt.federated.rounds import federate
from tinylab.adapt.federated.stacked import ClientData, StackedFleet, Stragglers
from tinylab.adapt.federated.strategies import FedAdam, FedAvg, FedAvgM, FedProx
from tinylab.adapt.federated.trainers import Client, TrainerFleet

NAN, START = math.nan, Head().start(3, 5)


def data(clients=4, labels=5):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(clients, 6, 3)).astype(np.float32)
    names = tuple("abcdefgh"[:clients])
    return ClientData(names, x, rng.integers(0, labels, (clients, 6)), np.full(clients, 6))


def run(strategy, **options):
    fleet = StackedFleet(Head(), data(), START)
    return federate(strategy, fleet, START, **{"rounds": 1, **options})


@pytest.mark.parametrize("value", [0, NAN, math.inf, -1, "0.1", True, None])
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("alpha", lambda v: balanced_vocabularies(v, 3, 3, np.random.default_rng(0))),
        ("alpha", draw_users),
        ("learning_rate", lambda v: LocalRecipe(learning_rate=v)),
        ("server_rate", lambda v: FedAvgM(server_rate=v)),
        ("server_rate", lambda v: FedAdam(server_rate=v)),
        ("floor", lambda v: FedAdam(floor=v)),
        ("clip", lambda v: PrivateFedAvg(clip=v)),
        ("noise", lambda v: epsilon(0.2, v, 30)),
    ],
)
def test_what_must_be_above_zero(name, make, value):
    if value is True and name == "alpha":
        value = False
    with pytest.raises(ValueError, match=f"{name} must be a finite number above 0, not "):
        make(value)


@pytest.mark.parametrize("value", [0, 1.5, 20, NAN, -0.1, "all"])
def test_no_more_clients_a_round_than_there_are(value):
    with pytest.raises(ValueError, match="share, of the clients in a round, .*above 0, at most 1"):
        FedAvg(share=value)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: FedProx(mu=NAN), "mu must be a finite number 0 or more"),
        (lambda: FedAvgM(momentum=1.0), "momentum must be .* 0 or more, below 1, not 1"),
        (lambda: FedAdam(decay_squares=2), "decay_squares must be .* below 1, not 2"),
        (lambda: PrivateFedAvg(noise=NAN), "noise must be a finite number 0 or more"),
        (lambda: PrivateFedAvg(rule=rules.median), "leave rule out"),
        (lambda: Stragglers(1.5), "share of slow clients must be .* at most 1, not 1.5"),
        (lambda: LocalRecipe(epochs=1.5), "epochs must be a whole number of 1 or more"),
        (lambda: LocalRecipe(batch_size=0), "batch_size must be a whole number"),
        (lambda: draw_users(0.1, users=0), "users must be a whole number of 1 or more"),
        (lambda: draw_users(0.1, clips=0), "clips must be a whole number of 1 or more"),
        (lambda: draw_users(0.1, seed=-1), "seed must be a whole number of 0 or more"),
        (lambda: few_bits(np.ones(3), 2.5), "bits must be a whole number"),
        (lambda: few_bits(np.ones(3), 17), "16 or fewer"),
        (lambda: rules.krum(np.ones((8, 2)), np.ones(8)), "needs 9 updates and got 8"),
        (lambda: rules.multi_krum(np.ones((9, 2)), np.ones(9), -1), "attackers must be a whole"),
        (lambda: with_shifted_labels(data(), [4], 5), "attackers are clients 0 to 3"),
        (lambda: with_shifted_labels(data(), [0], 3), "more than 3 words"),
        (lambda: ScalingFleet(StackedFleet(Head(), data(), START), [-1], 2), "attackers are"),
        (lambda: masked(np.ones((1, 3)), 0), "two updates or more"),
        (lambda: run(FedAvg(), rounds=1.5), "rounds must be a whole number"),
        (lambda: run(FedAvg(), every=0), "every must be a whole number"),
        (lambda: run(FedAvg(), seed=-1), "seed must be a whole number"),
        (lambda: StackedFleet(Head(), data(), Head().start(7, 5)), "takes 7 features .* have 3"),
        (lambda: StackedFleet(Head(), data(), Head().start(3, 4)), "labels up to 4"),
    ],
)
def test_every_other_setting(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"names": (), "x": np.ones((0, 4, 3)), "y": np.ones((0, 4), int)}, "1 or more clients"),
        ({"counts": np.array([4, 0])}, "each client needs 1 to 4 examples"),
        ({"counts": np.array([4, 5])}, "each client needs 1 to 4 examples"),
        ({"y": np.full((2, 4), -1)}, "labels must be whole numbers of 0 or more"),
        ({"y": np.ones((2, 4))}, "labels must be whole numbers of 0 or more"),
    ],
)
def test_clients_without_examples_are_no_clients(change, sentence):
    sound = {
        "names": ("a", "b"),
        "x": np.ones((2, 4, 3)),
        "y": np.ones((2, 4), int),
        "counts": np.array([4, 4]),
    }
    if "names" in change:
        sound["counts"] = np.zeros(0, int)
    with pytest.raises(ValueError, match=sentence):
        ClientData(**{**sound, **change})


@dataclass(frozen=True)
class Own(FedAvg):
    """A learner's strategy that draws, or aggregates, as it likes."""

    drawn: object = None
    after: object = None

    def sample(self, state):
        return super().sample(state) if self.drawn is None else self.drawn

    def aggregate(self, state, updates, names):
        if callable(self.after):
            return self.after(state)
        return super().aggregate(state, updates, names)


def fails(state):
    raise ZeroDivisionError("a slip of the learner's own")


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        (lambda state: None, "aggregate must return the new State, not None"),
        (lambda state: state.weights, "aggregate must return the new State, not array"),
        (lambda state: state, "must count the round"),
        (lambda state: replace(state, round=1, weights=np.zeros(3)), r"keep \(20,\) weights"),
        (lambda state: replace(state, round=1, weights=state.weights * NAN), "not finite after"),
    ],
)
def test_a_state_that_cannot_go_on_stops_the_run(after, sentence):
    with pytest.raises(ValueError, match=sentence):
        run(Own(after=after))


def test_a_slip_in_a_strategy_reaches_whoever_wrote_it():
    with pytest.raises(ZeroDivisionError, match="of the learner's own"):
        run(Own(after=fails))


@pytest.mark.parametrize("drawn", [[0, 4], [-1], [1, 1], [0.0], [[0]], "ab"])
def test_who_is_drawn_must_be_a_client(drawn):
    with pytest.raises(ValueError, match="sample must give indices from 0 to 3, each once"):
        run(Own(drawn=drawn))


def test_a_list_of_clients_will_do_and_a_rule_gives_a_number_a_weight():
    assert run(Own(drawn=[2, 0]))[1][1].clients == ("a", "c")
    with pytest.raises(ValueError, match=r"rule must give \(20,\) numbers, not \(\)"):
        run(FedAvg(rule=lambda changes, examples: 0.0))
    with pytest.raises(ValueError, match="arrays of finite numbers"):
        fleet = StackedFleet(Head(), data(), START)
        federate(FedAvg(), fleet, (START[0] * NAN, START[1]), rounds=1)


@pytest.mark.parametrize(
    ("trained", "sentence"),
    [
        (None, "trainer of 'a' must return weights, not None"),
        ((START[0].T, START[1]), r"shapes \[\(5, 3\), \(5,\)\], not \[\(3, 5\), \(5,\)\]"),
    ],
)
def test_a_trainer_returns_weights_of_the_shapes_it_was_given(trained, sentence):
    fleet = TrainerFleet([Client("a", np.ones((2, 3)))], lambda *a, **k: trained, START)
    with pytest.raises(ValueError, match=sentence):
        federate(FedAvg(recipe=None, share=1.0), fleet, START, rounds=1)


class OneBroken:
    """A client whose first update is not finite."""

    names = ("a",)

    def __init__(self):
        self.changes = iter([np.array([1.0, NAN]), np.array([1.0, 2.0])])

    def train(self, chosen, task):
        return Replies([Update("a", next(self.changes).astype(np.float32), 1, 1, 8)])


@pytest.mark.parametrize("name", sorted(set(COMPRESSORS) - {"32 bits"}))
def test_compression_hides_no_broken_update_and_does_not_remember_it(name):
    """Rounded to a few bits, NaN would look like an honest zero."""
    fleet = CompressedFleet(OneBroken(), COMPRESSORS[name])
    _, record = federate(FedAvg(share=1.0), fleet, (np.zeros(2, np.float32),), rounds=2)
    assert "not finite" in record[1].refused["a"]
    assert record[2].clients == ("a",) and np.isfinite(fleet.kept_["a"]).all()


def test_updates_that_overflow_are_refused_by_name_without_a_warning(recwarn):
    loud = replace(data(), x=np.float32(1e10) * data().x)
    fleet = StackedFleet(Head(), loud, START)
    strategy = FedAvg(LocalRecipe(learning_rate=1e30), share=1.0)
    weights, record = federate(strategy, fleet, START, rounds=1)
    assert all("not finite" in record[1].refused[name] for name in "abcd")
    assert all(np.array_equal(*parts) for parts in zip(weights, START))
    assert not [warning for warning in recwarn if warning.category is RuntimeWarning]
