"""Four machines that learn together or alone: each way tuned on validation, then five draws.

`tinylab train ad-federated` runs `measure_machines`. The maker's model, from which all start, knows
machine 1 only. Learning rates and the pull of FedProx are chosen on the validation recordings, with
draws of their own; the test recordings, all 640 of them, are used once.
"""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from tinylab.adapt import dense_training
from tinylab.adapt.dense_training import Weights
from tinylab.adapt.federated.results import FederatedResults, MachineStudy
from tinylab.adapt.federated.study import LOCAL, Site, sweep_federated
from tinylab.data import machines
from tinylab.data.machines import flat_windows
from tinylab.files import replacing
from tinylab.models.networks.autoencoder import AutoencoderProfile, autoencoder, train_autoencoder

__all__ = ["DRAWS", "MUS", "RATES", "makers_weights", "measure_machines", "sites_of", "tuned"]

RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
MUS = (0.1, 1.0, 10.0, 100.0)
DRAWS = (1, 2, 3, 4, 5)
TUNING_DRAWS = (11,)
LEARNED_FROM, ROUNDS = 6, 6
METHODS = ("FedAvg", "FedProx", "alone", "together")


def makers_weights(seed: int = 0) -> Weights:
    """The model that the maker of the machines trained, on machine 1 alone."""
    keras.utils.set_random_seed(seed)
    maker = autoencoder()
    known = flat_windows(machines.load("train", machine=1).log_mel)[::3]
    train_autoencoder(maker, known, profile=AutoencoderProfile(8, batch_size=64), progress=False)
    return dense_training.from_keras(maker)


def sites_of(split: str, draw: int, limit: int | None = None) -> list[Site]:
    """The four machines: a few recordings to learn from, and those of a split to be judged on."""
    sites = []
    for number in machines.MACHINES:
        few = machines.load("train", machine=number, limit=LEARNED_FROM, seed=draw)
        judged = machines.load(split, machine=number, limit=limit)
        sites.append(Site(f"machine {number}", few.log_mel, judged.log_mel, judged.labels))
    return sites


def tuned(sweeps: dict[float, Sequence[FederatedResults]]) -> tuple[dict[str, float], float]:
    """The best learning rate of each method and the best pull, by the mean validation AUC.

    Parameters
    ----------
    sweeps : dict of float to sequence of FederatedResults
        By learning rate; one a draw.
    """
    best: dict[str, tuple[float, float, float]] = {}
    for rate, runs in sweeps.items():
        for row in runs[0].rows:
            reached = np.mean([run.row(row.method, row.mu).mean(run.rounds) for run in runs])
            best[row.method] = max(best.get(row.method, (0.0, 0.0, 0.0)), (reached, rate, row.mu))
    return {method: best[method][1] for method in METHODS}, best["FedProx"][2]


def measure_machines(
    *,
    rounds: int = ROUNDS,
    rates: Sequence[float] = RATES,
    mus: Sequence[float] = MUS,
    draws: Sequence[int] = DRAWS,
    limit: int | None = None,
    path: str | Path | None = None,
    progress: bool = True,
) -> MachineStudy:
    """Tune every way of learning on validation, then measure each with several draws.

    Parameters
    ----------
    rounds : int
        Alone and together train as many epochs as all rounds have.
    rates, mus : sequences of float
        What is tried on the validation recordings.
    draws : sequence of int
        Seeds of the recordings that the devices learn from, and of the training.
    limit : int, optional
        At most so many recordings of either kind to judge a machine by.
    path : path, optional
        Where the study is written as JSON.
    progress : bool
    """
    weights = makers_weights()
    options = {"rounds": rounds, "progress": progress, "cache": False}
    sweeps = {
        rate: [
            sweep_federated(
                weights,
                sites_of("validation", draw, limit),
                recipe=dataclasses.replace(LOCAL, learning_rate=rate, seed=draw),
                every=rounds,
                mus=mus,
                **options,
            )
            for draw in TUNING_DRAWS
        ]
        for rate in rates
    }
    chosen, mu = tuned(sweeps)
    runs = tuple(
        sweep_federated(
            weights,
            sites_of("test", draw, limit),
            recipe={
                method: dataclasses.replace(LOCAL, learning_rate=rate, seed=draw)
                for method, rate in chosen.items()
            },
            mus=_around(mu, mus),
            **options,
        )
        for draw in draws
    )
    tested = sum(len(site.labels) for site in sites_of("test", draws[0], limit))
    study = MachineStudy(runs, LEARNED_FROM, tested, chosen, mu)
    if path is not None:
        with replacing(Path(path)) as temporary:
            temporary.write_text(json.dumps(dataclasses.asdict(study)) + "\n", "utf-8")
    return study


def _around(mu: float, mus: Sequence[float]) -> tuple[float, ...]:
    """The chosen pull, a weaker and a stronger one, as far as they were tried."""
    at = sorted(mus).index(mu)
    return tuple(sorted(mus)[max(0, at - 1) : at + 2])
