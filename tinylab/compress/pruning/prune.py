"""Pruning a Keras model: masks onto its kernels, at once or by a schedule while it trains.

A pruned weight is a zero that stays zero. It saves bytes once the file is coded for it
(`tinylab.compress.deep_compression.file_format`); no microcontroller runs faster for it. What does
is removing whole channels: `tinylab.compress.pruning.channels`.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import keras
import numpy as np

from tinylab.compress.pruning.masks import (
    check_sparsity,
    model_masks,
    n_of_m_mask,
    polynomial_sparsity,
)
from tinylab.models.surgery.blocks import LINEAR_LAYERS, fresh_copy

__all__ = [
    "MaskKeeper",
    "Pruner",
    "PruningSchedule",
    "apply_masks",
    "kernels_of",
    "left_alone",
    "n_of_m_masks",
    "prune",
    "sparsity_of",
]


@dataclass(frozen=True)
class PruningSchedule:
    """How the sparsity rises while a model trains.

    Parameters
    ----------
    sparsity : float or mapping of layer name to float
        What is reached in the end; layers left out of a mapping stay whole.
    begin, end : float
        Where the rise begins and ends, as shares of the training, 0 to 1.
    initial : float
        Share of that sparsity which is there from the first step.
    scope : {"layer", "model"}
        See `tinylab.compress.pruning.masks.model_masks`.
    """

    sparsity: float | Mapping[str, float]
    begin: float = 0.0
    end: float = 0.7
    initial: float = 0.0
    scope: str = "layer"

    def __post_init__(self):
        named = isinstance(self.sparsity, Mapping)
        for share in self.sparsity.values() if named else [self.sparsity]:
            check_sparsity(share)
        if not 0 <= self.begin < self.end <= 1:
            raise ValueError("begin and end are shares of the training: 0 <= begin < end <= 1")

    def at(self, share: float) -> float | dict[str, float]:
        """The sparsity after a share of the training, 0 to 1."""
        risen = polynomial_sparsity(share, self.begin, self.end, 1.0, initial=self.initial)
        if isinstance(self.sparsity, Mapping):
            return {name: risen * final for name, final in self.sparsity.items()}
        return risen * self.sparsity


class MaskKeeper(keras.callbacks.Callback):
    """Keeps pruned weights at zero while a model trains; pass it as a callback.

    Parameters
    ----------
    masks : mapping of layer name to ndarray of bool
    """

    def __init__(self, masks: Mapping[str, np.ndarray]):
        super().__init__()
        self.masks = dict(masks)
        self._constants: list[tuple[keras.Variable, object]] = []

    def on_train_begin(self, logs=None):
        self.lay_on()

    def on_train_batch_end(self, batch, logs=None):
        for kernel, mask in self._constants:
            kernel.assign(kernel * mask)

    def on_train_end(self, logs=None):
        # A running average of the weights, if there is one, was taken over unpruned ones too.
        apply_masks(self.model, self.masks)

    def lay_on(self) -> None:
        """Prune the model by the present masks, from now on."""
        apply_masks(self.model, self.masks)
        self._constants = [
            (kernel_variable(self.model, name), keras.ops.convert_to_tensor(mask, "float32"))
            for name, mask in self.masks.items()
        ]


class Pruner(MaskKeeper):
    """Prunes the model that trains, as a schedule says; pass it as a callback.

    Parameters
    ----------
    schedule : PruningSchedule
    every : int
        Steps from one choice of masks to the next. The masks are laid on after every step: a
        weight that was removed too early may grow back only while the schedule still rises.

    Attributes
    ----------
    masks : dict of layer name to ndarray of bool
        The present masks.
    history : list of tuple (step, sparsity)
        Share of all masked kernels' weights that were zero, at every choice of masks.
    """

    def __init__(self, schedule: PruningSchedule, every: int = 20):
        super().__init__({})
        self.schedule, self.every = schedule, every
        self.history: list[tuple[int, float]] = []
        self._step = 0

    def on_train_begin(self, logs=None):
        self._steps = self.params["epochs"] * (self.params["steps"] or 1)
        self._choose()

    def on_train_batch_end(self, batch, logs=None):
        self._step += 1
        rising = self._step <= self.schedule.end * self._steps
        if rising and self._step % self.every == 0 or self._step == self._steps:
            self._choose()
        super().on_train_batch_end(batch, logs)

    def on_train_end(self, logs=None):
        self._choose()

    def _choose(self) -> None:
        share = min(self._step / self._steps, 1.0)
        sparsity = self.schedule.at(share)
        self.masks = model_masks(kernels_of(self.model), sparsity, scope=self.schedule.scope)
        self.lay_on()
        zeros = sum(int((~mask).sum()) for mask in self.masks.values())
        total = sum(mask.size for mask in self.masks.values())
        self.history.append((self._step, zeros / total))


def prune(
    model: keras.Model, sparsity: float | Mapping[str, float], *, scope: str = "layer"
) -> keras.Model:
    """Copy of a model whose smallest weights are zero, without training.

    Parameters
    ----------
    model : keras.Model
    sparsity : float or mapping of layer name to float
    scope : {"layer", "model"}
        See `tinylab.compress.pruning.masks.model_masks`.
    """
    copy = fresh_copy(model)
    rest = left_alone(copy)
    if rest:
        warnings.warn(f"these layers were not pruned: {', '.join(rest)}", stacklevel=2)
    apply_masks(copy, model_masks(kernels_of(copy), sparsity, scope=scope))
    return copy


def n_of_m_masks(model: keras.Model, n: int = 2, m: int = 4) -> dict[str, np.ndarray]:
    """Masks that keep n of every m weights, for all kernels but the depthwise ones.

    A depthwise output sums over nine weights only, and no sparse unit works on it.
    """
    return {
        name: n_of_m_mask(kernel, n, m)
        for name, kernel in kernels_of(model).items()
        if not isinstance(model.get_layer(name), keras.layers.DepthwiseConv2D)
    }


def kernels_of(
    model: keras.Model, wanted: Callable[[keras.Layer], bool] = lambda layer: True
) -> dict[str, np.ndarray]:
    """The kernels of convolutions, depthwise convolutions and dense layers, by layer name."""
    return {
        layer.name: np.asarray(layer.kernel)
        for layer in model.layers
        if isinstance(layer, LINEAR_LAYERS) and wanted(layer)
    }


def left_alone(model: keras.Model) -> tuple[str, ...]:
    """Layers with a kernel that pruning does not know, each with its kind."""
    return tuple(
        f"{layer.name} ({type(layer).__name__})"
        for layer in model.layers
        if layer.weights
        and not isinstance(layer, (*LINEAR_LAYERS, keras.layers.BatchNormalization))
    )


def apply_masks(model: keras.Model, masks: Mapping[str, np.ndarray]) -> None:
    """Set the weights to zero where their mask is False, in place."""
    for name, mask in masks.items():
        kernel = kernel_variable(model, name)
        if tuple(kernel.shape) != mask.shape:
            raise ValueError(
                f"the mask of {name!r} has shape {mask.shape}, its kernel {tuple(kernel.shape)}"
            )
        kernel.assign(np.where(mask, np.asarray(kernel), 0.0))


def sparsity_of(model: keras.Model) -> float:
    """Share of the kernels' weights that are zero."""
    kernels = kernels_of(model).values()
    zeros = sum(kernel.size - np.count_nonzero(kernel) for kernel in kernels)
    return zeros / sum(kernel.size for kernel in kernels)


def kernel_variable(model: keras.Model, name: str) -> keras.Variable:
    """The kernel of a layer, to assign to; a ValueError if the layer has none."""
    layer = model.get_layer(name)
    if not isinstance(layer, LINEAR_LAYERS):
        raise ValueError(f"layer {name!r} is a {type(layer).__name__}; it has no kernel to prune")
    return layer.kernel
