"""The quantizable blocks of a Keras model: convolution or dense layer, batch norm and ReLU.

On a device a block is one operator: the batch norm is folded into the weights, the ReLU into the
clipping of the output. So folding, simulation and quantization-aware training all work block by
block.
"""

from collections.abc import Callable
from dataclasses import dataclass

import keras

from tinylab.models.surgery.nested import flattened

__all__ = ["Block", "copy_layer", "find_blocks", "fresh_copy", "rebuild", "with_quantizers"]

LINEAR_LAYERS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.Dense)
FUSED_ACTIVATIONS = ("linear", "relu", "relu6")
OTHER_LAYERS = (
    keras.layers.Activation,
    keras.layers.Add,
    keras.layers.AveragePooling2D,
    keras.layers.BatchNormalization,
    keras.layers.Concatenate,
    keras.layers.Dropout,
    keras.layers.Flatten,
    keras.layers.GlobalAveragePooling2D,
    keras.layers.GlobalMaxPooling2D,
    keras.layers.InputLayer,
    keras.layers.MaxPooling2D,
    keras.layers.ReLU,
    keras.layers.Reshape,
    keras.layers.Softmax,
    keras.layers.SpatialDropout2D,
    keras.layers.ZeroPadding2D,
)
_REMEDIES = {
    "Conv1D": "build it as Conv2D with a window of (k, 1) on inputs of shape (time, 1, channels)",
    "GlobalAveragePooling1D": "build the model with 2D layers on inputs of (time, 1, channels)",
    "MaxPooling1D": "build the model with 2D layers on inputs of (time, 1, channels)",
    "SeparableConv1D": "build it as SeparableConv2D on inputs of shape (time, 1, channels)",
    "LeakyReLU": "use ReLU",
    "Rescaling": "divide the inputs before the model",
    "Normalization": "normalize the inputs before the model",
    "LSTM": "convert the float model: only its int8 program is made, by litert.convert",
    "GRU": "convert the float model: only its int8 program is made, by litert.convert",
}


@dataclass(frozen=True)
class Block:
    """A layer with weights and what is folded into it.

    Parameters
    ----------
    layer : Conv2D, DepthwiseConv2D or Dense
    batch_norm : BatchNormalization or None
    activation : "linear", "relu" or "relu6"
        What is fused with the layer.
    tail : str
        The layer's own activation where it cannot be fused ("softmax", ...), else "linear".
    """

    layer: keras.Layer
    batch_norm: keras.Layer | None
    activation: str
    tail: str = "linear"


def find_blocks(model: keras.Model) -> tuple[dict[str, Block], frozenset[str]]:
    """The blocks of a model by the name of their layer, and the names of the layers folded into
    them.

    Raises
    ------
    ValueError
        If a layer is of a kind that cannot be quantized here, or is used twice; it is named.
    """
    consumers = readers_of(model)
    blocks, absorbed = {}, set()
    for layer in model.layers:
        _check_supported(layer)
        if isinstance(layer, LINEAR_LAYERS):
            block, folded = _block(layer, consumers, model)
            blocks[layer.name] = block
            absorbed.update(folded)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization) and layer.name not in absorbed:
            raise ValueError(
                f"batch normalization {layer.name!r} does not directly follow a linear convolution "
                "or dense layer of its own, so it cannot be folded: put it between the layer and "
                "its activation, and train again"
            )
    return blocks, frozenset(absorbed)


def rebuild(
    model: keras.Model, build: Callable[[keras.Layer, object], object], name: str | None = None
) -> keras.Model:
    """A new model: `build(layer, inputs)` is called for every layer in order and returns its
    outputs.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, each layer used once.
    build : callable
        Gets a layer of `model` and the new symbolic inputs; it must not call the old layer itself,
        but a copy or a replacement.
    name : str, optional
    """
    new = {
        id(t): keras.Input(batch_shape=t.shape, dtype=t.dtype, name=t.name) for t in model.inputs
    }
    inputs = [new[id(t)] for t in model.inputs]
    for layer in model.layers:
        if not isinstance(layer, keras.layers.InputLayer):
            sources = keras.tree.map_structure(lambda t: new[id(t)], layer.input)
            new[id(layer.output)] = build(layer, sources)
    outputs = [new[id(t)] for t in model.outputs]
    return keras.Model(_alone(inputs), _alone(outputs), name=name or model.name)


def fresh_copy(model: keras.Model) -> keras.Model:
    """A copy with weights, whose layers belong to no other model, so that its graph can be read.

    Inner models and separable convolutions are taken apart, see `nested.flattened`.
    """
    flat = flattened(model)
    if flat is not model:
        return flat
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


def with_quantizers(
    model: keras.Model,
    build_block: Callable[[Block, object], object],
    build_quantizer: Callable[[str], keras.Layer],
    name: str,
) -> keras.Model:
    """The model block by block, with a quantizer wherever an activation is stored on the device.

    Those are the model's inputs, the output of every block, and the outputs of the layers in
    between that have a range of their own.

    Parameters
    ----------
    model : keras.Model
        From `fresh_copy`.
    build_block : callable
        Gets a block and its symbolic inputs; returns the block's outputs before its tail.
    build_quantizer : callable
        Gets a name and returns a layer.
    name : str
        Of the new model.
    """
    blocks, absorbed = find_blocks(model)
    consumers = readers_of(model)
    entrances = {id(tensor) for tensor in model.inputs}

    def build(layer, inputs):
        if layer.name in absorbed:
            return inputs
        if id(layer.input) in entrances:
            inputs = build_quantizer(f"{layer.name}_input_quantizer")(inputs)
        if layer.name not in blocks:
            outputs = copy_layer(layer, inputs)
            needed = _has_own_range(layer, only_reader(layer, consumers, model))
            return build_quantizer(f"{layer.name}_quantizer")(outputs) if needed else outputs
        block = blocks[layer.name]
        outputs = build_quantizer(f"{layer.name}_quantizer")(build_block(block, inputs))
        if block.tail == "linear":
            return outputs
        return keras.layers.Activation(block.tail, name=f"{layer.name}_{block.tail}")(outputs)

    return rebuild(model, build, name=name)


def copy_layer(layer: keras.Layer, inputs):
    """Output of a fresh copy of `layer`, weights included, on new inputs."""
    copy = layer.__class__.from_config(layer.get_config())
    outputs = copy(inputs)
    copy.set_weights(layer.get_weights())
    return outputs


def _alone(tensors: list):
    return tensors[0] if len(tensors) == 1 else tensors


def readers_of(model: keras.Model) -> dict[int, list[keras.Layer]]:
    """The layers that read each tensor, by the tensor's identity."""
    readers: dict[int, list[keras.Layer]] = {}
    for layer in model.layers:
        # Keras has no public way to ask how often a layer was called.
        if len(layer._inbound_nodes) > 1:
            raise ValueError(
                f"layer {layer.name!r} is used more than once; each layer must have one place"
            )
        if not isinstance(layer, keras.layers.InputLayer):
            for source in keras.tree.flatten(layer.input):
                readers.setdefault(id(source), []).append(layer)
    return readers


def _block(layer, consumers, model) -> tuple[Block, list[str]]:
    """Follow the layer's only reader as long as it can be folded."""
    activation = _activation_name(layer.activation)
    if activation not in FUSED_ACTIVATIONS:
        return Block(layer, None, "linear", tail=activation), []
    batch_norm, absorbed, last = None, [], layer
    while activation == "linear":
        reader = only_reader(last, consumers, model)
        if isinstance(reader, keras.layers.BatchNormalization) and batch_norm is None:
            batch_norm = reader
        elif _fused_activation(reader) in ("relu", "relu6"):
            activation = _fused_activation(reader)
        else:
            break
        absorbed.append(reader.name)
        last = reader
    return Block(layer, batch_norm, activation), absorbed


def only_reader(layer, consumers, model):
    readers = consumers.get(id(layer.output), [])
    is_output = any(layer.output is t for t in model.outputs)
    return readers[0] if len(readers) == 1 and not is_output else None


def _fused_activation(layer) -> str | None:
    """Name of the activation that a layer computes, if it is nothing but an activation."""
    if isinstance(layer, keras.layers.Activation):
        return _activation_name(layer.activation)
    if isinstance(layer, keras.layers.ReLU) and not layer.negative_slope and not layer.threshold:
        return {None: "relu", 6.0: "relu6"}.get(layer.max_value)
    return None


def _has_own_range(layer, reader) -> bool:
    """Whether the output of a layer without weights has a range of its own on the device.

    Pooling and reshaping keep the range of their input, and softmax has a fixed one. A ReLU is
    fused with the addition before it, so the range is that of the ReLU.
    """
    if _fused_activation(layer) in ("relu", "relu6"):
        return True
    if isinstance(layer, keras.layers.Add):
        return _fused_activation(reader) not in ("relu", "relu6")
    return isinstance(layer, (keras.layers.Concatenate, keras.layers.GlobalAveragePooling2D))


def _activation_name(function) -> str:
    """Keras name of an activation function, such as "relu"."""
    return getattr(function, "__name__", type(function).__name__)


def _check_supported(layer) -> None:
    if not isinstance(layer, LINEAR_LAYERS + OTHER_LAYERS):
        supported = ", ".join(sorted(kind.__name__ for kind in LINEAR_LAYERS + OTHER_LAYERS))
        remedy = _REMEDIES.get(type(layer).__name__, f"supported are {supported}")
        raise ValueError(
            f"layer {layer.name!r} is a {type(layer).__name__}, which cannot be quantized here; "
            f"{remedy}"
        )
    if isinstance(layer, keras.layers.Conv2D) and layer.groups != 1:
        raise ValueError(f"layer {layer.name!r} has {layer.groups} groups; use DepthwiseConv2D")
    if isinstance(layer, keras.layers.ReLU) and _fused_activation(layer) is None:
        raise ValueError(f"layer {layer.name!r} is a leaky or thresholded ReLU; use ReLU or ReLU6")
