"""FedAvg against central training; the draw; clients that fail, and updates that are refused."""

import numpy as np
import pytest

from tinylab.adapt import dense_training
from tinylab.adapt.dense_training import from_keras, loss_and_gradients
from tinylab.adapt.federated.messages import Dropout, Replies, Update, to_vector, to_weights
from tinylab.adapt.federated.rounds import federate
from tinylab.adapt.federated.strategies import FedAvg, FedProx
from tinylab.adapt.federated.trainers import Client, TrainerFleet, proximal_penalty

OWN_RECIPE = {"recipe": None, "share": 1.0}


@pytest.fixture(scope="module")
def start(small_autoencoder):
    return from_keras(small_autoencoder)


@pytest.fixture(scope="module")
def clients():
    rng = np.random.default_rng(0)
    sizes = (5, 20, 11)
    return [
        Client(f"machine {k}", (k + rng.normal(size=(size, 12))).astype(np.float32))
        for k, size in enumerate(sizes)
    ]


def trainer(epochs=1, batch_size=1000, learning_rate=0.05):
    def fit(weights, client, *, penalty, seed):
        return dense_training.train(
            weights,
            client.x,
            epochs=epochs,
            batch_size=batch_size,
            optimizer="sgd",
            learning_rate=learning_rate,
            penalty=penalty,
            seed=seed,
        )

    return fit


def distance(a, b):
    return np.sqrt(sum(np.sum((x - y) ** 2) for x, y in zip(a, b)))


def test_one_full_batch_step_is_a_central_step(start, clients):
    """McMahan et al.: with one epoch of one batch, FedAvg is gradient descent on all data."""
    fleet = TrainerFleet(clients, trainer(), start)
    together, _ = federate(FedAvg(**OWN_RECIPE), fleet, start, rounds=1)
    everything = np.concatenate([client.x for client in clients])
    central = dense_training.train(
        start, everything, epochs=1, batch_size=1000, optimizer="sgd", learning_rate=0.05
    )
    for ours, theirs in zip(together, central, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_rounds_lower_the_common_loss(start, clients):
    everything = np.concatenate([client.x for client in clients])
    fleet = TrainerFleet(clients, trainer(3, 8), start)
    _, record = federate(
        FedAvg(**OWN_RECIPE),
        fleet,
        start,
        rounds=5,
        measure=lambda weights: {"loss": loss_and_gradients(weights, everything)[0]},
        every=2,
    )
    assert [done.number for done in record if done.figures] == [0, 2, 4, 5]
    assert record[-1].figures["loss"] < record[0].figures["loss"]
    assert all(done.clients == fleet.names for done in record[1:])
    assert record[1].sent_bytes == 6 * 4 * dense_training.parameters(start)


def test_a_pull_keeps_clients_near(start, clients):
    def stray(mu):
        fleet = TrainerFleet(clients[:1], trainer(5, 8), start)
        after, _ = federate(FedProx(**OWN_RECIPE, mu=mu), fleet, start, rounds=1)
        return distance(after, start)

    plain = TrainerFleet(clients[:1], trainer(5, 8), start)
    assert stray(0.0) == distance(federate(FedAvg(**OWN_RECIPE), plain, start, rounds=1)[0], start)
    assert stray(5.0) < stray(0.0)


def test_the_proximal_gradient_is_the_slope_of_its_term(start):
    rng = np.random.default_rng(2)
    moved = tuple(value + rng.normal(size=value.shape).astype(np.float32) for value in start)
    gradient = proximal_penalty(start, 0.7)(moved)
    assert sum(np.sum(g * (m - s)) for g, m, s in zip(gradient, moved, start)) == pytest.approx(
        0.7 * distance(moved, start) ** 2, rel=1e-4
    )


def test_a_dropout_is_reported_and_the_round_goes_on(start, clients):
    good = trainer()

    def sometimes(weights, client, *, penalty, seed):
        if client.name == "machine 1":
            raise Dropout("out of reach")
        return good(weights, client, penalty=penalty, seed=seed)

    fleet = TrainerFleet(clients, sometimes, start)
    after, record = federate(FedAvg(**OWN_RECIPE), fleet, start, rounds=1)
    assert record[1].dropouts == {"machine 1": "out of reach"}
    assert record[1].clients == ("machine 0", "machine 2")
    size = 4 * dense_training.parameters(start)
    assert (record[1].down_bytes, record[1].up_bytes) == (3 * size, 2 * size)
    rest = TrainerFleet(clients[::2], good, start)
    expected, _ = federate(FedAvg(**OWN_RECIPE), rest, start, rounds=1)
    assert all(np.allclose(a, b) for a, b in zip(after, expected))


def test_a_fault_in_a_trainer_reaches_whoever_wrote_it(start, clients):
    def faulty(weights, client, *, penalty, seed):
        return weights + 1

    with pytest.raises(TypeError, match="can only concatenate tuple"):
        fleet = TrainerFleet(clients, faulty, start)
        federate(FedAvg(**OWN_RECIPE), fleet, start, rounds=1)


def test_if_all_drop_out_nothing_changes(start, clients):
    def never(weights, client, *, penalty, seed):
        raise Dropout("asleep")

    fleet = TrainerFleet(clients, never, start)
    after, record = federate(FedAvg(**OWN_RECIPE), fleet, start, rounds=1)
    assert np.array_equal(to_vector(after), to_vector(start)) and len(record[1].dropouts) == 3


class Scripted:
    """Clients that answer what they were given to answer."""

    names = ("anna", "bert", "carl")

    def __init__(self, *answers):
        self.answers = answers

    def train(self, chosen, task):
        return Replies([Update(*answer, steps=1, sent_bytes=12) for answer in self.answers])


ZERO = (np.zeros(3, np.float32),)


@pytest.mark.parametrize(
    ("change", "examples", "reason"),
    [
        (np.array([1, np.nan, 0]), 4, "not finite"),
        (np.array([1, np.inf, 0]), 4, "not finite"),
        (np.ones((3, 2)), 4, "shape (3, 2), not (3,)"),
        (np.ones(1), 4, "shape (1,), not (3,)"),
        (np.ones(3), 0, "trained on 0 examples"),
        (np.ones(3), float("nan"), "trained on nan examples"),
        (np.ones(3), -2, "trained on -2 examples"),
    ],
)
def test_what_cannot_be_averaged_is_refused_by_name(change, examples, reason):
    fleet = Scripted(("carl", np.full(3, 2.0), 1), ("bert", change, examples))
    after, record = federate(FedAvg(share=1.0), fleet, ZERO, rounds=1)
    assert list(record[1].refused) == ["bert"] and reason in record[1].refused["bert"]
    assert record[1].clients == ("carl",)
    np.testing.assert_array_equal(after[0], [2, 2, 2])


def test_a_second_update_is_refused_and_a_stranger_stops_the_run():
    fleet = Scripted(("anna", np.ones(3), 1), ("anna", np.full(3, 9.0), 1))
    after, record = federate(FedAvg(share=1.0), fleet, ZERO, rounds=1)
    assert "second update" in record[1].refused["anna"]
    np.testing.assert_array_equal(after[0], [1, 1, 1])
    with pytest.raises(ValueError, match="'eve' answered"):
        federate(FedAvg(share=1.0), Scripted(("eve", np.ones(3), 1)), ZERO, rounds=1)


def test_the_order_of_the_answers_does_not_matter():
    rng = np.random.default_rng(5)
    answers = [(name, rng.normal(size=3).astype(np.float32), 7) for name in Scripted.names]
    forward, _ = federate(FedAvg(share=1.0), Scripted(*answers), ZERO, rounds=1)
    backward, _ = federate(FedAvg(share=1.0), Scripted(*answers[::-1]), ZERO, rounds=1)
    assert forward[0].tobytes() == backward[0].tobytes()


def test_vectors_and_weights_are_each_others_inverse():
    rng = np.random.default_rng(6)
    like = tuple(rng.normal(size=shape).astype(np.float32) for shape in [(3, 4), (4,), (4, 2)])
    row = to_vector(like)
    assert all(np.array_equal(a, b) for a, b in zip(to_weights(row, like), like))
    stack = to_weights(np.stack([row, 2 * row]), like)
    assert [part.shape for part in stack] == [(2, 3, 4), (2, 4), (2, 4, 2)]
    assert np.array_equal(stack[0][1], 2 * like[0])
    with pytest.raises(ValueError, match="do not fill a model of 24"):
        to_weights(row[1:], like)


def test_names_and_settings_are_checked(clients, start):
    with pytest.raises(ValueError, match="a name of its own"):
        fleet = TrainerFleet([clients[0], clients[0]], trainer(), start)
        federate(FedAvg(**OWN_RECIPE), fleet, start, rounds=1)
    with pytest.raises(ValueError, match="own recipe"):
        federate(FedAvg(), TrainerFleet(clients, trainer(), start), start, rounds=1)
    for wrong in ({"share": 0.0}, {"share": 1.5}, {"mu": -1.0}, {"draw": "often"}):
        with pytest.raises(ValueError):
            FedAvg(**wrong)
