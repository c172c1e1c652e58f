"""A federated run as files: what the server needs, and for each client its own examples only."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinylab.adapt.dense_training import Weights
from tinylab.adapt.federated.messages import LocalRecipe
from tinylab.adapt.federated.networks import Head, LastBlock, Network
from tinylab.adapt.federated.rounds import Round
from tinylab.adapt.federated.rules import weighted_mean
from tinylab.adapt.federated.stacked import ClientData
from tinylab.adapt.federated.strategies import (
    FedAdam,
    FedAvg,
    FedAvgM,
    FedProx,
    Scaffold,
)

__all__ = [
    "NETWORKS",
    "STRATEGIES",
    "Job",
    "network_of",
    "read_clients_data",
    "read_job",
    "read_outcome",
    "write_job",
    "write_outcome",
]

STRATEGIES: dict[str, type[FedAvg]] = {
    kind.__name__: kind for kind in (FedAvg, FedProx, FedAvgM, FedAdam, Scaffold)
}
NETWORKS: dict[str, type[Head] | type[LastBlock]] = {"Head": Head, "LastBlock": LastBlock}


@dataclass(frozen=True, eq=False)
class Job:
    """What is to be run.

    Parameters
    ----------
    strategy : FedAvg
        Or one of its kinds in `STRATEGIES`, with the weighted mean.
    network : str
        A key of `NETWORKS`.
    start : tuple of float32 arrays
    names : tuple of str
        Of all clients, in order.
    rounds, seed : int
    answer_s : float
        How long the server waits for the answers of a round.
    pause_s : float
        Every client waits so long before it trains, as a slow device would.
    """

    strategy: FedAvg
    network: str
    start: Weights
    names: tuple[str, ...]
    rounds: int
    seed: int = 0
    answer_s: float = 120.0
    pause_s: float = 0.0


def write_job(job: Job, data: ClientData, folder: Path) -> None:
    """Write a job, and every client's examples into a file of its own.

    Raises
    ------
    ValueError
        The strategy cannot be written down, or names and examples do not agree.
    """
    kind = type(job.strategy).__name__
    if STRATEGIES.get(kind) is not type(job.strategy) or job.strategy.rule is not weighted_mean:
        known = ", ".join(STRATEGIES)
        raise ValueError(f"over a network there are {known}, each with the weighted mean")
    if job.names != data.names or job.network not in NETWORKS:
        raise ValueError("the job's clients must be those of the data, and its network be known")
    options = dataclasses.asdict(job.strategy)
    options.pop("rule")
    stored = {
        "strategy": kind,
        "options": options,
        **{key: getattr(job, key) for key in ("network", "names", "rounds", "seed")},
        "answer_s": job.answer_s,
        "pause_s": job.pause_s,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "job.json").write_text(json.dumps(stored, indent=1), encoding="utf-8")
    np.savez(folder / "start.npz", *job.start)
    for client, count in enumerate(data.counts.tolist()):
        x, y = data.x[client, :count], data.y[client, :count]
        np.savez(folder / f"client_{client}.npz", x=x, y=y)


def read_job(folder: Path) -> Job:
    """Read what `write_job` wrote."""
    stored = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    options, kind = stored.pop("options"), stored.pop("strategy")
    options["recipe"] = LocalRecipe(**options["recipe"])
    strategy = STRATEGIES[kind](**options)
    names = tuple(stored.pop("names"))
    return Job(strategy=strategy, names=names, start=_arrays(folder / "start.npz"), **stored)


def read_clients_data(folder: Path, client: int) -> tuple[np.ndarray, np.ndarray]:
    """The examples of one client."""
    with np.load(folder / f"client_{client}.npz") as stored:
        return stored["x"], stored["y"]


def network_of(job: Job) -> Network:
    """The network that the clients train."""
    return NETWORKS[job.network]()


def write_outcome(weights: Weights, record: Sequence[Round], folder: Path) -> None:
    """Write weights and record; the record comes last, and says that both are whole."""
    np.savez(folder / "weights.npz", *weights)
    rounds = [dataclasses.asdict(done) for done in record]
    part = folder / "record.part"
    part.write_text(json.dumps(rounds), encoding="utf-8")
    part.replace(folder / "record.json")


def read_outcome(folder: Path) -> tuple[Weights, tuple[Round, ...]]:
    """Read what `write_outcome` wrote."""
    rounds = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    record = tuple(Round(**{**done, "clients": tuple(done["clients"])}) for done in rounds)
    return _arrays(folder / "weights.npz"), record


def _arrays(path: Path) -> Weights:
    with np.load(path) as stored:
        return tuple(stored[f"arr_{index}"] for index in range(len(stored.files)))
