"""FedAvg against a weighted mean and against central training; FedProx; clients that fail."""

import numpy as np
import pytest

from tinylab.adapt import dense_training
from tinylab.adapt.dense_training import from_keras, loss_and_gradients
from tinylab.adapt.federated.rounds import (
    Client,
    FedAvg,
    FedProx,
    federate,
    proximal_penalty,
    weighted_mean,
)


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


def loss_on(clients):
    everything = np.concatenate([client.x for client in clients])
    return lambda weights: {"loss": loss_and_gradients(weights, everything)[0]}


def distance(a, b):
    return np.sqrt(sum(np.sum((x - y) ** 2) for x, y in zip(a, b)))


def test_the_mean_is_numpys(start):
    rng = np.random.default_rng(1)
    models = [tuple(rng.normal(size=v.shape).astype(np.float32) for v in start) for _ in range(3)]
    for layer, got in enumerate(weighted_mean(models, [1, 2, 5])):
        right = np.average([model[layer] for model in models], axis=0, weights=[1, 2, 5])
        np.testing.assert_allclose(got, right, rtol=1e-5, atol=1e-6)
        assert got.dtype == np.float32


def test_one_full_batch_step_is_a_central_step(start, clients):
    """McMahan et al.: with one epoch of one batch, FedAvg is gradient descent on all data."""
    strategy = FedAvg(trainer(), loss_on(clients))
    together, _ = federate(strategy, clients, start, rounds=1)
    everything = np.concatenate([client.x for client in clients])
    central = dense_training.train(
        start, everything, epochs=1, batch_size=1000, optimizer="sgd", learning_rate=0.05
    )
    for ours, theirs in zip(together, central, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_rounds_lower_the_common_loss(start, clients):
    _, record = federate(FedAvg(trainer(3, 8), loss_on(clients)), clients, start, rounds=5)
    losses = [one.figures["loss"] for one in record]
    assert [one.number for one in record] == list(range(6))
    assert losses[-1] < losses[0]
    assert all(one.clients == tuple(client.name for client in clients) for one in record[1:])
    assert record[1].sent_bytes == 6 * 4 * dense_training.parameters(start)


def test_prox_without_a_pull_is_fedavg_and_a_pull_keeps_clients_near(start, clients):
    def stray(mu):
        strategy = FedProx(trainer(5, 8), loss_on(clients), mu=mu)
        fits = [strategy.fit(start, client, seed=3) for client in clients]
        return [distance(fit.weights, start) for fit in fits]

    plain = [FedAvg(trainer(5, 8), loss_on(clients)).fit(start, c, seed=3) for c in clients]
    assert stray(0.0) == [distance(fit.weights, start) for fit in plain]
    assert all(near < far for near, far in zip(stray(5.0), stray(0.0)))


def test_the_proximal_gradient_is_the_slope_of_its_term(start):
    rng = np.random.default_rng(2)
    moved = tuple(value + rng.normal(size=value.shape).astype(np.float32) for value in start)
    gradient = proximal_penalty(start, 0.7)(moved)
    assert sum(np.sum(g * (m - s)) for g, m, s in zip(gradient, moved, start)) == pytest.approx(
        0.7 * distance(moved, start) ** 2, rel=1e-4
    )


def test_a_failure_is_told_and_the_round_goes_on(start, clients):
    good = trainer()

    def sometimes(weights, client, *, penalty, seed):
        if client.name == "machine 1":
            raise ConnectionError("out of reach")
        return good(weights, client, penalty=penalty, seed=seed)

    after, record = federate(FedAvg(sometimes, loss_on(clients)), clients, start, rounds=1)
    assert record[1].failures == {"machine 1": "ConnectionError: out of reach"}
    assert record[1].clients == ("machine 0", "machine 2")
    assert record[1].sent_bytes == 5 * 4 * dense_training.parameters(start)
    expected, _ = federate(FedAvg(good, loss_on(clients)), clients[::2], start, rounds=1)
    assert all(np.allclose(a, b) for a, b in zip(after, expected))


def test_if_all_fail_nothing_changes(start, clients):
    def never(weights, client, *, penalty, seed):
        raise TimeoutError("asleep")

    after, record = federate(FedAvg(never, loss_on(clients)), clients, start, rounds=1)
    assert after is start and len(record[1].failures) == 3


def test_a_share_of_the_clients_is_drawn_fairly(clients):
    strategy, rng = FedAvg(trainer(), dict, share=1 / 3), np.random.default_rng(4)
    drawn = [strategy.sample(clients, rng) for _ in range(300)]
    assert all(len(one) == 1 for one in drawn)
    counts = [sum(one[0].name == client.name for one in drawn) for client in clients]
    assert min(counts) > 70
    with pytest.raises(ValueError, match="a name of its own"):
        federate(strategy, [clients[0], clients[0]], (), rounds=1)
