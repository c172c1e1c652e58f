"""The bytes and the energy that each method of adapting takes on a device."""

import math

import numpy as np

from tinylab.adapt import dense_training
from tinylab.adapt.continual.results import AdaptationCost
from tinylab.adapt.fine_tuning.memory import memory_cost
from tinylab.cost.power.inference import energy
from tinylab.cost.timing.workload import FEATURES, Workload

__all__ = ["adaptation_cost", "float_energy_uJ", "training_macs"]

BACKWARD = 2
"""A backward pass multiplies twice: for the weights' gradients, and to pass the gradient on."""


def training_macs(macs: int, examples: int, epochs: int) -> int:
    """Multiply-accumulates of a training: one forward and one backward pass for each example."""
    return (1 + BACKWARD) * macs * examples * epochs


def float_energy_uJ(macs: int, board: str) -> float:
    """Energy of float32 multiply-accumulates of dense layers on a board, modelled."""
    features = np.zeros(len(FEATURES))
    features[FEATURES.index("dense_macs")] = macs
    return energy(Workload("training", "fp32", macs, features, features), board).energy_uJ


def adaptation_cost(
    method: str,
    model,
    *,
    setting: float,
    examples: int,
    epochs: int,
    batch_size: int,
    optimizer: str,
    board: str,
) -> AdaptationCost:
    """What adapting to one phase costs.

    Parameters
    ----------
    method : str
        One of `tinylab.adapt.continual.results.METHODS`.
    model : keras.Model
        Of dense layers.
    setting : float
        Windows of the replay buffer; ignored by the other methods.
    examples : int
        New windows.
    epochs, batch_size : int
        Replay adds as many old windows to each batch.
    optimizer : {"adam", "sgd"}
    board : str
        Of the cost model; it needs a published float32 latency of its core, and a power.
    """
    from tinylab.models.surgery.fold import fold_batch_norm

    weights = dense_training.from_keras(model)
    forward = dense_training.macs(weights)
    if method in ("none", "threshold"):
        # A threshold needs the scores of the new recordings: forward passes, weights in flash.
        total = forward * examples if method == "threshold" else 0
        return AdaptationCost(0, 0, total, float_energy_uJ(total, board) if total else 0.0, board)
    size = batch_size * (2 if method == "replay" else 1)
    step = memory_cost(fold_batch_norm(model), "all", batch_size=size, optimizer=optimizer)
    total = training_macs(forward, examples * (2 if method == "replay" else 1), epochs)
    extra = 0
    if method == "replay":
        extra = int(setting) * weights[0].shape[0]
    if method == "ewc":
        extra = 8 * dense_training.parameters(weights)
        steps = epochs * math.ceil(examples / batch_size)
        total += training_macs(forward, examples, 1) + steps * dense_training.parameters(weights)
    return AdaptationCost(step.total_bytes, extra, total, float_energy_uJ(total, board), board)
