"""RAM of training some weights only, on a device that runs the network in int8.

The rules, for a device that takes the examples one by one:

- each trained weight is kept in float32, with its gradient, added up over the examples;
- a trained kernel keeps its share of its input channels, one byte a value;
- every ReLU that a gradient passes keeps one bit a value;
- on top comes the larger of two work areas: input and output of the widest layer in int8, or the
  gradients of input and output of the widest layer that a gradient passes, in float32.

Frozen weights stay in flash. The sum is an upper bound: the work area is free while the first
activations are saved, and the bits of a ReLU whose output is kept could be had from that output.
`tinylab.adapt.fine_tuning.memory` counts the other extreme, all weights and activations in
float32.

Nothing here imports Keras.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.adapt.fine_tuning.saved_activations import size
from tinylab.adapt.fine_tuning.scopes import kind, selection

__all__ = ["SHARES", "Unit", "base_bytes", "plan_bytes", "units"]

SHARES = (0.25, 0.5, 1.0)
"""Shares of a pointwise kernel's input channels that may be trained."""


@dataclass(frozen=True)
class Unit:
    """A convolution or dense layer with its bias, as one operator on the device.

    Attributes
    ----------
    name : str
        Of the layer that holds the kernel.
    bias : str
        `layer/role` of the bias: the layer's own, or `beta` of the batch norm folded into it.
    kind : str
        Such as `DepthwiseConv2D`.
    block : int
        How many blocks from the end it lies: 1 for the last, 0 for the classifier.
    kernel_weights, biases, input_channels : int
    input_values, output_values : int
        Values of one example's input and output.
    """

    name: str
    bias: str
    kind: str
    block: int
    kernel_weights: int
    biases: int
    input_channels: int
    input_values: int
    output_values: int

    @property
    def shares(self) -> tuple[float, ...]:
        """Shares of the kernel that a plan may choose; small kernels are trained whole."""
        return (1.0,) if self.kind.startswith("Depthwise") or self.input_channels < 8 else SHARES

    def channels(self, share: float) -> int:
        """Input channels that a share stands for: the first so many."""
        return math.ceil(share * self.input_channels)

    def kernel_bytes(self, share: float) -> int:
        """RAM for training this share of the kernel: weights, gradients, saved input."""
        part = self.channels(share) / self.input_channels
        return math.ceil(8 * part * self.kernel_weights) + math.ceil(part * self.input_values)


def units(model) -> tuple[Unit, ...]:
    """The operators of a model with weights, in forward order, the classifier last.

    Parameters
    ----------
    model : keras.Model
        A chain (no layer with two inputs) with ReLU after every unit but the last.

    Raises
    ------
    ValueError
        The model is no such chain.
    """
    trained, listed = selection(model, "all"), []
    for layer in model.layers:
        if isinstance(layer.input, (list, tuple)) and len(layer.input) > 1:
            raise ValueError(
                f"layer {layer.name!r} has {len(layer.input)} inputs: a chain is needed"
            )
        roles = trained.get(layer.name, ())
        if "kernel" in roles:
            listed.append([layer, None])
        biases = [role for role in roles if role != "kernel"]
        if biases and listed:
            listed[-1][1] = f"{layer.name}/{biases[0]}"
    if len(listed) < 2 or any(bias is None for _, bias in listed):
        raise ValueError(
            "every layer with a kernel needs a bias of its own or a batch norm after it"
        )
    blocks = _blocks_from_the_end([layer for layer, _ in listed])
    return tuple(
        _unit(layer, bias, block) for (layer, bias), block in zip(listed, blocks, strict=True)
    )


def _blocks_from_the_end(layers: list) -> list[int]:
    """As `scopes.blocks` counts: a pointwise convolution belongs to the depthwise before it."""
    starts = [
        kind(layer).startswith("Depthwise") or max(getattr(layer, "kernel_size", (2,))) > 1
        for layer in layers[:-1]
    ]
    numbers = np.cumsum([True, *starts[1:]])
    return [int(numbers[-1] + 1 - number) for number in numbers] + [0]


def _unit(layer, bias: str, block: int) -> Unit:
    biases = layer.output.shape[-1]
    return Unit(
        name=layer.name,
        bias=bias,
        kind=kind(layer),
        block=block,
        kernel_weights=size(layer.kernel.shape),
        biases=int(biases),
        input_channels=int(layer.input.shape[-1]),
        input_values=size(layer.input.shape[1:]),
        output_values=size(layer.output.shape[1:]),
    )


def base_bytes(all_units: Sequence[Unit], first_bias: int) -> int:
    """RAM of training the classifier and the biases from unit `first_bias` on, and no kernel.

    Raises
    ------
    ValueError
        No unit has this place.
    """
    if not 0 <= first_bias < len(all_units):
        raise ValueError(f"first_bias={first_bias}: the model has units 0 to {len(all_units) - 1}")
    passed, classifier = all_units[first_bias:], all_units[-1]
    forward = max(unit.input_values + unit.output_values for unit in all_units)
    below = [4 * unit.input_values for unit in passed]
    below[0] = 0  # no gradient is needed below the lowest trained unit
    backward = max(
        4 * unit.output_values + under for unit, under in zip(passed, below, strict=True)
    )
    signs = sum(math.ceil(unit.output_values / 8) for unit in passed[:-1])
    weights = 8 * (sum(unit.biases for unit in passed) + classifier.kernel_weights)
    return max(forward, backward) + signs + weights + classifier.input_values


def plan_bytes(all_units: Sequence[Unit], first_bias: int, kernels: Mapping[str, float]) -> int:
    """RAM of a training step, in bytes, by the rules at the head of this module.

    Parameters
    ----------
    all_units : sequence of Unit
    first_bias : int
    kernels : mapping of str to float
        Share of the input channels of each trained kernel, the classifier's left out.

    Raises
    ------
    ValueError
        A kernel below `first_bias`, or of no unit.
    """
    above = {unit.name: unit for unit in all_units[first_bias:-1]}
    strangers = set(kernels) - set(above)
    if strangers:
        raise ValueError(
            f"{', '.join(sorted(strangers))}: not among the units from {first_bias} on"
        )
    added = sum(above[name].kernel_bytes(share) for name, share in kernels.items())
    return base_bytes(all_units, first_bias) + added
