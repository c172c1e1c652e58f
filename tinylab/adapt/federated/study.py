"""Federated learning of one anomaly detector by several machines' own devices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from tinylab.adapt import dense_training
from tinylab.adapt.continual.methods import AdaptationSettings, scores, training_windows
from tinylab.adapt.dense_training import Penalty, Weights
from tinylab.adapt.federated.results import FederatedResults, FederatedRow
from tinylab.adapt.federated.rounds import Round, federate
from tinylab.adapt.federated.strategies import FedAvg
from tinylab.adapt.federated.trainers import Client, Trainer, TrainerFleet
from tinylab.cache import fingerprint, remembered
from tinylab.scoring.anomaly import auc

__all__ = ["LOCAL", "Site", "local_trainer", "sweep_federated"]

METHODS = ("FedAvg", "FedProx", "alone", "together")
LOCAL = AdaptationSettings(epochs=3, batch_size=32, learning_rate=1e-4, stride=2)


@dataclass(frozen=True, eq=False)
class Site:
    """A machine with its device, and recordings to measure with that no device learns from.

    Parameters
    ----------
    name : str
    normal : float32 array (recordings, frames, 128)
    test : float32 array (recordings, frames, 128)
    labels : int array
    """

    name: str
    normal: np.ndarray
    test: np.ndarray
    labels: np.ndarray


def local_trainer(recipe: AdaptationSettings = LOCAL) -> Trainer:
    """Training of an autoencoder on one client."""

    def fit(
        weights: Weights, client: Client, *, penalty: Penalty | None, seed: Sequence[int]
    ) -> Weights:
        return dense_training.train(
            weights,
            client.x,
            epochs=recipe.epochs,
            batch_size=recipe.batch_size,
            learning_rate=recipe.learning_rate,
            optimizer=recipe.optimizer,
            penalty=penalty,
            seed=seed,
        )

    return fit


def measure(weights: Weights, sites: Sequence[Site]) -> dict[str, float]:
    """AUC at every site, by name."""
    return {site.name: auc(site.labels, scores(weights, site.test)) for site in sites}


def sweep_federated(
    weights: Weights,
    sites: Sequence[Site],
    *,
    rounds: int = 6,
    mus: Sequence[float] = (0.1, 1.0),
    recipe: AdaptationSettings | Mapping[str, AdaptationSettings] = LOCAL,
    every: int = 1,
    cache: bool = True,
    progress: bool = True,
) -> FederatedResults:
    """FedAvg, FedProx with several pulls, every site alone, and all sites' sounds on one computer.

    Parameters
    ----------
    weights : tuple of arrays
        To start from.
    sites : sequence of Site
    rounds : int
        Alone and together train as many epochs as all rounds have.
    mus : sequence of float
    recipe : AdaptationSettings, or mapping of str to AdaptationSettings
        Of a client's training in one round: one for all methods, or one for each of "FedAvg",
        "FedProx", "alone" and "together", which differ in their learning rates alone.
    every : int
        Measure after every so many-th round only, and after the last.
    cache : bool
        Keep the outcome in the learner's work folder.
    progress : bool
    """
    each = recipe if isinstance(recipe, Mapping) else dict.fromkeys(METHODS, recipe)
    stride = each["alone"].stride
    clients = [Client(site.name, training_windows(site.normal, stride)) for site in sites]
    plan = [("FedAvg", 0.0), *(("FedProx", mu) for mu in mus), ("alone", 0.0), ("together", 0.0)]

    def rounds_of(
        method: str, members: Sequence[Client], judges: Sequence[Site], mu: float
    ) -> tuple[Round, ...]:
        fleet = TrainerFleet(members, local_trainer(each[method]), weights)
        strategy = FedAvg(recipe=None, share=1.0, mu=mu)
        figures = partial(measure, sites=judges)
        _, record = federate(
            strategy,
            fleet,
            weights,
            rounds=rounds,
            seed=each[method].seed,
            measure=figures,
            every=every,
        )
        return tuple(after for after in record if after.figures)

    def run(method: str, mu: float) -> FederatedRow:
        if method == "alone":
            own = zip(clients, sites)
            records = {
                client.name: rounds_of(method, [client], [site], 0.0) for client, site in own
            }
            columns = [
                [after.figures[name] for after in record] for name, record in records.items()
            ]
            return FederatedRow(method, mu, tuple(zip(*columns)), 0)
        members = [_joined(clients)] if method == "together" else clients
        record = rounds_of(method, members, sites, mu)
        auc_ = tuple(tuple(after.figures[site.name] for site in sites) for after in record)
        return FederatedRow(method, mu, auc_, 0 if method == "together" else record[-1].sent_bytes)

    def measure_all() -> FederatedResults:
        with tqdm(plan, disable=not progress) as bar:
            rows = []
            for method, mu in bar:
                bar.set_description(method)
                rows.append(run(method, mu))
        return FederatedResults(tuple(site.name for site in sites), tuple(rows))

    if not cache:
        return measure_all()
    arrays = [*weights]
    for site in sites:
        arrays += [site.normal, site.test, site.labels]
    options = [
        "a seed for each round and client",
        plan,
        sorted(each.items()),
        every,
        rounds,
        [site.name for site in sites],
    ]
    return remembered(f"federated-{fingerprint(arrays, options)}", measure_all, FederatedResults)


def _joined(clients: Sequence[Client]) -> Client:
    return Client("everyone", np.concatenate([client.x for client in clients]))
