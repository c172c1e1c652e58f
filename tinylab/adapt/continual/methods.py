"""Continual learning: five ways for an anomaly detector to follow a machine that ages.

The phases come one after another, and each gives normal sound only. After each, the detector is
measured on *every* phase, so that what was forgotten shows. Five methods:

- `none`: nothing changes, not even the threshold.
- `threshold`: only the alarm's threshold is set anew, on the new normal sound.
- `naive`: the model is trained on the new sound.
- `replay`: each batch is half new sound and half windows out of a `Reservoir`.
- `ewc`: the model is trained on the new sound, its weights held by `tinylab.adapt.continual.ewc`.

The last three set the threshold anew, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.adapt import dense_training
from tinylab.adapt.continual.ewc import Anchor, anchor, ewc_penalty_gradient
from tinylab.adapt.continual.replay import Reservoir
from tinylab.adapt.continual.results import METHODS
from tinylab.adapt.dense_training import Weights
from tinylab.scoring.anomaly import score_recordings
from tinylab.signal.log_mel import windows

__all__ = ["AdaptationSettings", "Phase", "Step", "adapt", "follow"]

FALSE_ALARMS = 0.05
LOW_dB, HIGH_dB = -70.0, 30.0


@dataclass(frozen=True, eq=False)
class Phase:
    """One phase of a machine's life.

    Parameters
    ----------
    name : str
    normal : float32 array (recordings, frames, 128)
        Normal sound to adapt to.
    test : float32 array (recordings, frames, 128)
    labels : int array
        Of the test recordings: 0 normal, 1 anomalous.
    validation, validation_labels : arrays like `test` and `labels`, optional
        Other recordings, by which settings are chosen; without them none can be.
    """

    name: str
    normal: np.ndarray
    test: np.ndarray
    labels: np.ndarray
    validation: np.ndarray | None = None
    validation_labels: np.ndarray | None = None


@dataclass(frozen=True)
class AdaptationSettings:
    """How to adapt.

    Parameters
    ----------
    epochs, batch_size : int
    learning_rate : float
    optimizer : {"adam", "sgd"}
    stride : int
        Only every so many-th window of a recording is learned from: neighbours share four frames.
    seed : int
    """

    epochs: int = 6
    batch_size: int = 32
    learning_rate: float = 3e-4
    optimizer: str = "adam"
    stride: int = 4
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Step:
    """Where a method stands after a phase."""

    weights: Weights
    threshold: float


def adapt(
    method: str,
    weights: Weights,
    x: np.ndarray,
    *,
    recipe: AdaptationSettings = AdaptationSettings(),
    memory: Reservoir | None = None,
    held: Anchor | None = None,
    strength: float = 0.0,
) -> Weights:
    """Train on the new windows `x` by one of the methods; the weights are returned, not changed.

    Parameters
    ----------
    method : {"naive", "replay", "ewc"}
    weights : tuple of arrays
    x : float array (n, 640)
    recipe : AdaptationSettings
    memory : Reservoir
        For replay; the new windows are not added here.
    held : Anchor
        For EWC.
    strength : float
        Of the EWC penalty, in units of the mean squared error.
    """
    if method not in ("naive", "replay", "ewc"):
        raise ValueError(f"{method!r} does not train: pass naive, replay or ewc")
    rng = np.random.default_rng(recipe.seed)

    def batches():
        for _ in range(recipe.epochs):
            order = rng.permutation(len(x))
            for first in range(0, len(x), recipe.batch_size):
                batch = x[order[first : first + recipe.batch_size]]
                if method == "replay":
                    batch = np.concatenate([batch, memory.sample(len(batch))])
                yield batch

    penalty = None
    if method == "ewc":

        def penalty(now):
            return ewc_penalty_gradient(now, held, strength)

    return dense_training.train_steps(
        weights,
        batches(),
        learning_rate=recipe.learning_rate,
        optimizer=recipe.optimizer,
        penalty=penalty,
    )


def follow(
    method: str,
    weights: Weights,
    phases: Sequence[Phase],
    *,
    setting: float = 0.0,
    recipe: AdaptationSettings = AdaptationSettings(),
) -> list[Step]:
    """Take a model through all phases; the first is the one that it was trained for.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    weights : tuple of arrays
    phases : sequence of Phase
    setting : float
        Windows of the replay buffer, or strength of EWC.
    recipe : AdaptationSettings

    Returns
    -------
    list of Step
        One a phase.
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}: pass one of {', '.join(METHODS)}")
    x = training_windows(phases[0].normal, recipe.stride)
    memory = Reservoir(
        int(setting) if method == "replay" else 0,
        x.shape[1],
        low=LOW_dB,
        high=HIGH_dB,
        seed=recipe.seed,
    )
    memory.add(x)
    held = anchor(weights, x, seed=recipe.seed) if method == "ewc" else None
    steps = [Step(weights, threshold_for(weights, phases[0].normal))]
    for phase in phases[1:]:
        x = training_windows(phase.normal, recipe.stride)
        if method in ("naive", "replay", "ewc"):
            weights = adapt(
                method, weights, x, recipe=recipe, memory=memory, held=held, strength=setting
            )
        if method == "ewc":
            held = _joined(held, anchor(weights, x, seed=recipe.seed))
        memory.add(x)
        new = steps[-1].threshold if method == "none" else threshold_for(weights, phase.normal)
        steps.append(Step(weights, new))
    return steps


def training_windows(log_mel: np.ndarray, stride: int) -> np.ndarray:
    """Every `stride`-th window of each recording, float32 (n, 640)."""
    stacked = windows(log_mel)[:, ::stride]
    return stacked.reshape(-1, stacked.shape[-1])


def threshold_for(weights: Weights, normal: np.ndarray, share: float = FALSE_ALARMS) -> float:
    """The score that `share` of these normal recordings exceed."""
    return float(np.quantile(scores(weights, normal), 1 - share))


def scores(weights: Weights, log_mel: np.ndarray) -> np.ndarray:
    """Anomaly score of each recording."""
    return score_recordings(lambda x: dense_training.predict(weights, x), log_mel)


def _joined(old: Anchor, new: Anchor) -> Anchor:
    """Holds to the newest weights, as strong as old and new data together ask for."""
    return Anchor(new.weights, tuple(a + b for a, b in zip(old.fisher, new.fisher)))
