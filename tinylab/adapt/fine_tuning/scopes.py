"""Which weights an adaptation trains: the named scopes, and the weights of each layer in them.

Reads a built Keras model through its public attributes only, so nothing here imports Keras.

Cai, Gan, Zhu and Han, "TinyTL: Reduce Memory, Not Parameters for Efficient On-Device Learning"
(NeurIPS 2020) compare the scopes below under the names FT-Last, TinyTL-B and FT-Full.
"""

import re

__all__ = [
    "ROLES",
    "SCOPES",
    "blocks",
    "kind",
    "last_layer",
    "roles",
    "scopes",
    "selection",
    "tensors",
    "trainable_variables",
]

SCOPES = (
    "last_layer",
    "bias_only",
    "last_1_block",
    "last_2_blocks",
    "last_3_blocks",
    "last_4_blocks",
    "all",
)
"""The scopes of the reference DS-CNN, from the fewest weights to all of them."""

ROLES = ("kernel", "bias", "beta")
_CONVOLUTIONS = {"Conv1D", "Conv2D", "DepthwiseConv1D", "DepthwiseConv2D"}


def kind(layer) -> str:
    """Class name of a Keras layer, such as `Conv2D`."""
    return type(layer).__name__


def roles(layer) -> tuple[str, ...]:
    """Weights of `layer` that a scope may train, by their Keras names (a subset of `ROLES`)."""
    return tuple(role for role in ROLES if getattr(layer, role, None) is not None)


def tensors(value) -> list:
    """Symbolic tensors of `layer.input` or `layer.output`, always as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def blocks(model) -> list[list]:
    """Layers of each block before the classifier, in forward order.

    A block starts at a depthwise convolution, at a convolution wider than 1x1 and at a dense
    layer, and runs up to the next such layer: in a DS-CNN the first convolution is one block and
    each depthwise separable pair is another.
    """
    groups: list[list] = []
    last = last_layer(model)
    for layer in model.layers[: model.layers.index(last)]:
        if _starts_block(layer) or (kind(layer) in _CONVOLUTIONS and not groups):
            groups.append([])
        if groups:
            groups[-1].append(layer)
    return groups


def last_layer(model):
    """Return the last layer that has a kernel: the classifier.

    Raises
    ------
    ValueError
        No layer of the model has a kernel.
    """
    for layer in reversed(model.layers):
        if "kernel" in roles(layer):
            return layer
    raise ValueError("the model has no dense or convolution layer to adapt")


def scopes(model) -> tuple[str, ...]:
    """Names of the scopes that make sense for `model`, from the fewest blocks to all."""
    depth = len(blocks(model))
    some = tuple(f"last_{k}_block{'s' if k > 1 else ''}" for k in range(1, depth))
    return ("last_layer", "bias_only", *some, "all")


def selection(model, scope: str) -> dict[str, tuple[str, ...]]:
    """Return the weights that `scope` trains: layer name -> roles, in forward order.

    Parameters
    ----------
    model : keras.Model
        Functional or sequential, built.
    scope : str
        `last_layer`: kernel and bias of the classifier.
        `bias_only`: every bias, and the classifier (TinyTL-B).
        `last_k_blocks` (k = 1, 2, ...): every kernel and bias of the last k blocks, and the
        classifier.
        `all`: every kernel and bias.
        The model is trained as it is deployed, with batch norm folded into the layer before: its
        `beta` is that layer's bias, and its gamma only rescales a kernel.

    Returns
    -------
    dict
        Only layers with something to train.

    Raises
    ------
    ValueError
        Unknown scope, or more blocks than the model has.
    """
    last = last_layer(model)
    if scope == "bias_only":
        chosen = {layer.name: _bias_roles(model, layer) for layer in model.layers}
        chosen[last.name] = roles(last)
    else:
        layers = [*_scope_blocks(model, scope), last]
        chosen = {layer.name: _kernel_and_bias(model, layer) for layer in layers}
    return {layer.name: chosen[layer.name] for layer in model.layers if chosen.get(layer.name)}


def trainable_variables(model, scope: str) -> list:
    """Keras variables that `scope` trains, in forward order."""
    chosen = selection(model, scope)
    return [
        getattr(model.get_layer(name), role) for name, names in chosen.items() for role in names
    ]


def _scope_blocks(model, scope: str) -> list:
    if scope == "last_layer":
        return []
    if scope == "all":
        return list(model.layers)
    match = re.fullmatch(r"last_([1-9]\d*)_blocks?", scope)
    if not match:
        raise ValueError(f"unknown scope {scope!r}: pass one of {', '.join(scopes(model))}")
    groups, count = blocks(model), int(match[1])
    if count > len(groups):
        raise ValueError(f"{scope!r}: the model has {len(groups)} blocks before its last layer")
    return [layer for block in groups[-count:] for layer in block]


def _starts_block(layer) -> bool:
    if kind(layer) not in _CONVOLUTIONS:
        return kind(layer) == "Dense"
    return kind(layer).startswith("Depthwise") or max(layer.kernel_size) > 1


def _kernel_and_bias(model, layer) -> tuple[str, ...]:
    kernel = tuple(role for role in roles(layer) if role == "kernel")
    return kernel + _bias_roles(model, layer)


def _bias_roles(model, layer) -> tuple[str, ...]:
    if kind(layer) == "BatchNormalization":
        return tuple(role for role in roles(layer) if role == "beta")
    followers = [other for other in model.layers if _reads(other, layer)]
    folded = any(kind(other) == "BatchNormalization" for other in followers)
    return () if folded or "bias" not in roles(layer) else ("bias",)


def _reads(consumer, producer) -> bool:
    made = {id(tensor) for tensor in tensors(producer.output)}
    return consumer is not producer and any(
        id(tensor) in made for tensor in tensors(consumer.input)
    )
