"""Which activations a backward pass reads again, and how many bits of each must be kept.

The rules are those that the docstring of `tinylab.adapt.fine_tuning.memory` gives; nothing
here imports Keras.
"""

import math

from tinylab.adapt.fine_tuning.scopes import kind, roles, tensors

__all__ = ["SAME_VALUES", "saved_activations", "size"]

_FLOAT_BITS = 32
_INDEX_BITS = 8
SAME_VALUES = {"Dropout", "Flatten", "Reshape", "InputLayer"}
"""Layers that hand their input on unchanged when dropout is off."""

_READS_NOTHING = {
    "AveragePooling1D",
    "AveragePooling2D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling1D",
    "ZeroPadding2D",
    "Add",
    "Concatenate",
    "Rescaling",
    "Normalization",
}
_ACTIVATION_LAYERS = {"Activation", "ReLU", "Softmax"}
_KERNEL_LAYERS = {"Conv1D", "Conv2D", "DepthwiseConv1D", "DepthwiseConv2D", "Dense"}
_NO_ACTIVATION = {"linear"}
_MASKED = {"relu", "relu6"}
_FROM_OUTPUT = {"sigmoid", "tanh", "softmax"}


def saved_activations(model, trained: dict[str, tuple[str, ...]]) -> dict[str, dict[str, int]]:
    """What the backward pass reads again, in bits per example.

    Parameters
    ----------
    model : keras.Model
        Each of its layers is used once, in this model only.
    trained : dict
        From `tinylab.adapt.fine_tuning.scopes.selection`.

    Returns
    -------
    dict
        Layer name -> what is kept, in words -> bits. A tensor that two layers read is counted at
        the first of them; a ReLU's bits are not counted where its output is kept whole.

    Raises
    ------
    ValueError
        A layer or activation whose gradient is not known here.
    """
    same = _aliases(model)
    reached = _reached(model, trained)
    wanted = []
    for layer in model.layers:
        wanted += [(layer, *need) for need in _needs(layer, trained, reached)]
    wanted.append((_output_layer(model), model.outputs[0], _FLOAT_BITS, "output, for the loss"))
    whole = {same[id(tensor)] for _, tensor, bits, _ in wanted if bits == _FLOAT_BITS}
    saved: dict[str, dict[str, int]] = {}
    counted = set()
    for layer, tensor, bits, reason in wanted:
        root = same[id(tensor)]
        covered = bits == 1 and root in whole
        if covered or (root, bits) in counted:
            continue
        counted.add((root, bits))
        saved.setdefault(layer.name, {})[reason] = bits * size(tensor.shape[1:])
    return saved


def _needs(layer, trained: dict, reached: dict) -> list[tuple]:
    """Tensors that the backward pass of one layer reads: (tensor, bits per value, reason)."""
    own, name, output = trained.get(layer.name, ()), kind(layer), layer.output
    needs = []
    if "kernel" in own:
        needs.append((layer.input, _FLOAT_BITS, "input, for the kernel"))
    passes = bool(own) or reached[layer.name]
    if name in _ACTIVATION_LAYERS or name in _KERNEL_LAYERS:
        if passes:
            needs += _activation_needs(layer, output)
    elif name in ("MaxPooling1D", "MaxPooling2D"):
        needs += [(output, _INDEX_BITS, "index of each maximum")] if passes else []
    elif name not in SAME_VALUES | _READS_NOTHING | {"BatchNormalization"}:
        raise ValueError(
            f"no memory rule for layer {layer.name!r} of kind {name}: count a model without it, or "
            "train only the layers behind it"
        )
    return needs


def _activation_needs(layer, output) -> list[tuple]:
    activation = _activation(layer)
    if activation in _MASKED:
        return [(output, 1, "sign of each ReLU, 1 bit")]
    if activation in _FROM_OUTPUT:
        return [(output, _FLOAT_BITS, f"output, for {activation}")]
    if activation in _NO_ACTIVATION:
        return []
    raise ValueError(f"no memory rule for activation {activation!r} of layer {layer.name!r}")


def _activation(layer) -> str:
    fixed = {"ReLU": "relu", "Softmax": "softmax"}
    return fixed.get(kind(layer)) or layer.activation.__name__


def _reached(model, trained: dict) -> dict[str, bool]:
    """Layer name -> does a gradient have to flow below it, to a trained weight?"""
    makers = {id(tensor): layer for layer in model.layers for tensor in tensors(layer.output)}
    below: dict[str, bool] = {}
    for layer in model.layers:
        feeders = [makers.get(id(tensor)) for tensor in tensors(layer.input)]
        feeders = [feeder for feeder in feeders if feeder is not None and feeder is not layer]
        below[layer.name] = any(below[f.name] or f.name in trained for f in feeders)
    return below


def _aliases(model) -> dict[int, int]:
    """Tensor id -> id of the tensor whose values it shares (dropout off, flatten and reshape)."""
    same: dict[int, int] = {}
    for layer in model.layers:
        taken = tensors(layer.input)
        for tensor in taken:
            same.setdefault(id(tensor), id(tensor))
        shares = kind(layer) in SAME_VALUES and taken
        for tensor in tensors(layer.output):
            same[id(tensor)] = same[id(taken[0])] if shares else id(tensor)
    return same


def _output_layer(model):
    for layer in reversed(model.layers):
        if roles(layer) or kind(layer) in _ACTIVATION_LAYERS:
            return layer
    return model.layers[-1]


def size(shape) -> int:
    """Number of values in a tensor of this shape."""
    return math.prod(int(length) for length in shape)
