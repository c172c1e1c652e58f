"""The memory that training takes: the bytes of each layer of a model, for a scope and a batch.

Training needs four things in RAM that inference does not, or not all of: the weights (inference
can leave them in flash), a gradient for each trained weight, the optimizer's state, and the
activations that the backward pass reads again. The last is usually the largest, and which
activations are read depends on which weights are trained:

- the gradient of a kernel reads the layer's *input*;
- the gradient of a bias reads nothing;
- to pass a gradient on, a convolution reads only its kernel, a ReLU one bit per value (was it
  positive?), average pooling and reshaping nothing;
- below the lowest trained layer no gradient flows, so nothing is kept.

That is the observation of TinyTL (Cai et al., NeurIPS 2020): training biases instead of kernels
saves little in gradients and a great deal in activations.

Once a `MemoryCost` is made, `with_settings` answers in microseconds and without Keras.
"""

import dataclasses
import math
from dataclasses import dataclass

from tinylab.adapt.fine_tuning.saved_activations import saved_activations, size
from tinylab.adapt.fine_tuning.scopes import kind, selection

__all__ = ["OPTIMIZER_SLOTS", "LayerMemory", "MemoryCost", "memory_cost"]

OPTIMIZER_SLOTS = {"sgd": 0, "momentum": 1, "adam": 2}
"""Numbers that each optimizer keeps for every trained weight."""


@dataclass(frozen=True)
class LayerMemory:
    """One layer's share of the cost.

    `saved_bits_per_example` counts what backward reads again, a tensor shared by two layers at
    the first of them only; `saved` says in words what that is.
    """

    name: str
    kind: str
    weight_bytes: int
    gradient_bytes: int
    saved_bits_per_example: int
    saved: str

    def saved_activation_bytes(self, batch_size: int) -> int:
        """Bytes of saved activations for a batch."""
        return math.ceil(self.saved_bits_per_example * batch_size / 8)


@dataclass(frozen=True)
class MemoryCost:
    """RAM that one training step needs, with weights and activations in float32.

    `total_bytes` is the sum of the four parts. What any inference needs, input and output of its
    widest layer, is not in it: with saved activations the two overlap in part.
    """

    scope: str
    batch_size: int
    optimizer: str
    layers: tuple[LayerMemory, ...]

    @property
    def weight_bytes(self) -> int:
        """All weights of the model, trained or not."""
        return sum(layer.weight_bytes for layer in self.layers)

    @property
    def gradient_bytes(self) -> int:
        """One float32 for each trained weight."""
        return sum(layer.gradient_bytes for layer in self.layers)

    @property
    def optimizer_state_bytes(self) -> int:
        """Momentum, or Adam's two moments, of each trained weight."""
        return OPTIMIZER_SLOTS[self.optimizer] * self.gradient_bytes

    @property
    def saved_activation_bytes(self) -> int:
        """Activations that the backward pass of one batch reads again."""
        return sum(layer.saved_activation_bytes(self.batch_size) for layer in self.layers)

    @property
    def total_bytes(self) -> int:
        """Weights, gradients, optimizer state and saved activations."""
        return (
            self.weight_bytes
            + self.gradient_bytes
            + self.optimizer_state_bytes
            + self.saved_activation_bytes
        )

    def with_settings(self, *, batch_size: int | None = None, optimizer: str | None = None):
        """Return the same scope's cost for another batch size or optimizer."""
        size = self.batch_size if batch_size is None else batch_size
        name = self.optimizer if optimizer is None else optimizer
        _check_settings(size, name)
        return dataclasses.replace(self, batch_size=size, optimizer=name)

    def rows(self) -> list[dict]:
        """One dict a layer, in forward order, ready for a table."""
        slots = OPTIMIZER_SLOTS[self.optimizer]
        return [
            {
                "layer": layer.name,
                "kind": layer.kind,
                "weight_bytes": layer.weight_bytes,
                "gradient_bytes": layer.gradient_bytes,
                "optimizer_state_bytes": slots * layer.gradient_bytes,
                "saved_activation_bytes": layer.saved_activation_bytes(self.batch_size),
                "saved": layer.saved,
            }
            for layer in self.layers
        ]


def memory_cost(
    model, scope: str = "last_layer", *, batch_size: int = 1, optimizer: str = "sgd"
) -> MemoryCost:
    """Count what training `scope` of `model` keeps in memory, layer by layer.

    Batch norm is taken with frozen statistics and dropout off, as `finetune` trains. The loss is
    cross entropy after softmax (or squared error of a linear output): its gradient reads the
    model's output, counted at the last layer.

    Parameters
    ----------
    model : keras.Model
        Functional or sequential, built; no layer may appear in it twice.
    scope : str
        See `tinylab.adapt.fine_tuning.scopes.selection`.
    batch_size : int
        Examples per step.
    optimizer : {"sgd", "momentum", "adam"}
        0, 1 or 2 numbers of state per trained weight.

    Returns
    -------
    MemoryCost

    Raises
    ------
    ValueError
        Unknown scope, optimizer or layer kind; batch size below 1.
    """
    from tinylab.models.surgery.blocks import fresh_copy  # with Keras, which reading needs not

    _check_settings(batch_size, optimizer)
    # A copy's layers are used in one place only; the model's may be shared with another model.
    model = fresh_copy(model)
    trained = selection(model, scope)
    saved = saved_activations(model, trained)
    rows = tuple(_row(layer, trained, saved.get(layer.name, {})) for layer in model.layers)
    return MemoryCost(scope, batch_size, optimizer, rows)


def _check_settings(batch_size: int, optimizer: str) -> None:
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}: pass a whole number from 1")
    if optimizer not in OPTIMIZER_SLOTS:
        raise ValueError(
            f"unknown optimizer {optimizer!r}: pass one of {', '.join(OPTIMIZER_SLOTS)}"
        )


def _row(layer, trained: dict, saved: dict[str, int]) -> LayerMemory:
    gradient = sum(size(getattr(layer, role).shape) for role in trained.get(layer.name, ()))
    weights = sum(size(weight.shape) for weight in layer.weights)
    return LayerMemory(
        name=layer.name,
        kind=kind(layer),
        weight_bytes=4 * weights,
        gradient_bytes=4 * gradient,
        saved_bits_per_example=sum(saved.values()),
        saved=", ".join(saved),
    )
