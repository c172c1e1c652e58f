"""The layers of a Keras model as a few hundred bytes of JSON, and back.

Only layers of a fixed list are built, with arguments of a fixed list, so that a file from elsewhere
can hold nothing but a network.
"""

import json
import zlib

import keras
import numpy as np

from tinylab.models.surgery.blocks import LINEAR_LAYERS

__all__ = ["pack_architecture", "unpack_architecture"]

FIELDS = {
    "Activation": ("activation",),
    "Add": (),
    "AveragePooling2D": ("pool_size", "strides", "padding"),
    "Concatenate": ("axis",),
    "Conv2D": (
        "filters",
        "kernel_size",
        "strides",
        "padding",
        "dilation_rate",
        "use_bias",
        "activation",
    ),
    "Dense": ("units", "use_bias", "activation"),
    "DepthwiseConv2D": (
        "kernel_size",
        "strides",
        "padding",
        "depth_multiplier",
        "dilation_rate",
        "use_bias",
        "activation",
    ),
    "Flatten": (),
    "GlobalAveragePooling2D": ("keepdims",),
    "GlobalMaxPooling2D": ("keepdims",),
    "MaxPooling2D": ("pool_size", "strides", "padding"),
    "ReLU": ("max_value",),
    "Reshape": ("target_shape",),
    "Softmax": ("axis",),
    "ZeroPadding2D": ("padding",),
}
ACTIVATIONS = ("linear", "relu", "relu6", "sigmoid", "softmax", "tanh")
LEFT_OUT = (keras.layers.Dropout, keras.layers.SpatialDropout2D)  # nothing at inference
LARGEST_JSON_BYTES = 1_000_000
LARGEST_WEIGHTS = (
    20_000_000  # far above any microcontroller; a damaged file must not fill the memory
)


def pack_architecture(model: keras.Model) -> bytes:
    """The layers of a model with one input and one output, as compressed JSON.

    Raises
    ------
    ValueError
        If a layer is not of the fixed list; it is named.
    """
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ValueError("the model must have one input and one output")
    places = {id(model.inputs[0]): 0}
    layers = []
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        sources = [places[id(tensor)] for tensor in keras.tree.flatten(layer.input)]
        if isinstance(layer, LEFT_OUT):
            places[id(layer.output)] = sources[0]
            continue
        layers.append([type(layer).__name__, layer.name, sources, _fields(layer)])
        places[id(layer.output)] = len(layers)
    described = {
        "name": model.name,
        "input": [model.inputs[0].name, list(model.inputs[0].shape[1:])],
        "layers": layers,
        "output": places[id(model.outputs[0])],
    }
    return zlib.compress(json.dumps(described, separators=(",", ":")).encode(), 9)


def unpack_architecture(data: bytes) -> keras.Model:
    """A new model with the layers that were packed; its weights are yet to be set.

    Raises
    ------
    ValueError
        If the data describe anything but a network of the listed layers.
    """
    try:
        described = json.loads(_inflate(data))
        name, shape = described["input"]
        tensors = [keras.Input(tuple(shape), name=name)]
        weights = 0
        for kind, layer_name, sources, fields in described["layers"]:
            inputs = [tensors[index] for index in sources]
            layer = _layer(kind, layer_name, fields)
            weights += _kernel_size(layer, inputs[0])
            if weights > LARGEST_WEIGHTS:
                raise ValueError(f"it would have more than {LARGEST_WEIGHTS:,} weights")
            tensors.append(layer(inputs if len(inputs) > 1 else inputs[0]))
        return keras.Model(tensors[0], tensors[described["output"]], name=described["name"])
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, zlib.error) as error:
        raise ValueError(f"the network cannot be built ({error})") from error


def _fields(layer: keras.Layer) -> dict:
    kind = type(layer).__name__
    if kind not in FIELDS:
        advice = "; fold it first" if kind == "BatchNormalization" else ""
        raise ValueError(f"layer {layer.name!r} is a {kind}, which cannot be stored here{advice}")
    config = layer.get_config()
    if config.get("activation", "linear") not in ACTIVATIONS:
        raise ValueError(f"layer {layer.name!r} has the activation {config['activation']!r}")
    if config.get("groups", 1) != 1:
        raise ValueError(f"layer {layer.name!r} has {config['groups']} groups")
    return {field: config[field] for field in FIELDS[kind]}


def _layer(kind: str, name: str, fields: dict) -> keras.Layer:
    if kind not in FIELDS or set(fields) != set(FIELDS[kind]):
        raise ValueError(f"a layer {kind!r} with {sorted(fields)} is not known")
    if fields.get("activation", "linear") not in ACTIVATIONS:
        raise ValueError(f"an activation {fields['activation']!r} is not known")
    return getattr(keras.layers, kind)(name=name, **fields)


def _kernel_size(layer: keras.Layer, inputs) -> int:
    """Weights of the kernel that a layer is about to make."""
    if not isinstance(layer, LINEAR_LAYERS):
        return 0
    outputs = next(
        getattr(layer, name)
        for name in ("filters", "units", "depth_multiplier")
        if hasattr(layer, name)
    )
    return int(np.prod(getattr(layer, "kernel_size", (1,)))) * int(inputs.shape[-1]) * int(outputs)


def _inflate(data: bytes) -> bytes:
    worker = zlib.decompressobj()
    text = worker.decompress(data, LARGEST_JSON_BYTES)
    if worker.unconsumed_tail or not worker.eof:
        raise ValueError("its description is damaged or too long")
    return text
