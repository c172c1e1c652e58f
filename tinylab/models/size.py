"""What a Keras model will cost on a device, counted from its layers before any conversion."""

import math
from collections.abc import Iterator

import keras
from keras import layers

__all__ = ["folded_parameters", "multiply_accumulates"]

# Their multiplications, if any, are not those of weights: MLPerf Tiny leaves them out.
_WITHOUT_MACS = (
    layers.InputLayer,
    layers.Activation,
    layers.Add,
    layers.AveragePooling1D,
    layers.AveragePooling2D,
    layers.BatchNormalization,
    layers.Concatenate,
    layers.Cropping1D,
    layers.Cropping2D,
    layers.Dropout,
    layers.ELU,
    layers.Flatten,
    layers.GaussianNoise,
    layers.GlobalAveragePooling1D,
    layers.GlobalAveragePooling2D,
    layers.GlobalMaxPooling1D,
    layers.GlobalMaxPooling2D,
    layers.LeakyReLU,
    layers.MaxPooling1D,
    layers.MaxPooling2D,
    layers.Maximum,
    layers.Minimum,
    layers.Multiply,
    layers.Normalization,
    layers.Permute,
    layers.PReLU,
    layers.ReLU,
    layers.RepeatVector,
    layers.Rescaling,
    layers.Reshape,
    layers.Resizing,
    layers.Softmax,
    layers.SpatialDropout1D,
    layers.SpatialDropout2D,
    layers.Subtract,
    layers.UpSampling1D,
    layers.UpSampling2D,
    layers.ZeroPadding1D,
    layers.ZeroPadding2D,
)
_GATES = {layers.LSTM: 4, layers.GRU: 3, layers.SimpleRNN: 1}
_TAKES_NORM = (
    layers.Conv1D,
    layers.Conv2D,
    layers.Conv1DTranspose,
    layers.Conv2DTranspose,
    layers.DepthwiseConv1D,
    layers.DepthwiseConv2D,
    layers.SeparableConv1D,
    layers.SeparableConv2D,
    layers.Dense,
)


def folded_parameters(model: keras.Model) -> int:
    """Parameters that remain once batch norm is folded into the layer before it.

    A layer without biases gets some by that. Where the layer before is neither a convolution nor
    dense, batch norm cannot be folded, and keeps a scale and a shift for each channel.
    """
    return sum(_parameters(layer) for layer in _leaf_layers(model))


def multiply_accumulates(model: keras.Model) -> int:
    """Multiply-accumulate operations (MACs) of one inference, batch size 1.

    Convolutions (padding counted in full, as MLPerf Tiny does), dense and recurrent layers;
    additions of biases, activations, pooling and normalization are left out.

    Raises
    ------
    ValueError
        If the model holds a layer whose multiply-accumulates are not known, or whose input has no
        fixed size.
    """
    return sum(_macs(layer) for layer in _leaf_layers(model))


def _parameters(layer: keras.Layer) -> int:
    if not isinstance(layer, layers.BatchNormalization):
        return layer.count_params()
    channels, before = layer.input.shape[layer.axis], _layer_before(layer)
    if isinstance(before, _TAKES_NORM) and _is_linear(before):
        return 0 if before.use_bias else channels
    return 2 * channels


def _layer_before(layer: keras.Layer) -> keras.Layer:
    return layer.input._keras_history.operation


def _is_linear(layer: keras.Layer) -> bool:
    return layer.activation is keras.activations.linear


def _macs(layer: keras.Layer) -> int:
    if isinstance(layer, _WITHOUT_MACS):
        return 0
    macs = _known_macs(layer)
    if macs is None:
        raise ValueError(
            f"the multiply-accumulates of layer {layer.name!r} ({type(layer).__name__}) are not"
            " known: convert the model with tinylab.deploy.litert and count its graph with"
            " tinylab.graph.count"
        )
    return macs


def _known_macs(layer: keras.Layer) -> int | None:
    """Of the layers that multiply by weights; None for a layer that is not one of them."""
    if isinstance(layer, tuple(_GATES)):
        steps, inputs = _sizes(layer, layer.input.shape[1:])
        return steps * _GATES[type(layer)] * layer.units * (inputs + layer.units)
    if isinstance(layer, layers.Dense):
        return math.prod(_sizes(layer, layer.output.shape[1:])) * layer.input.shape[-1]
    if isinstance(layer, (layers.SeparableConv1D, layers.SeparableConv2D)):
        places = math.prod(_sizes(layer, layer.output.shape[1:-1]))
        wide = layer.input.shape[-1] * layer.depth_multiplier
        return places * wide * (math.prod(layer.kernel_size) + layer.filters)
    if isinstance(layer, (layers.DepthwiseConv1D, layers.DepthwiseConv2D)):
        return math.prod(_sizes(layer, layer.output.shape[1:])) * math.prod(layer.kernel_size)
    if isinstance(layer, (layers.Conv1DTranspose, layers.Conv2DTranspose)):
        read = math.prod(_sizes(layer, layer.input.shape[1:]))
        return read * layer.filters * math.prod(layer.kernel_size)
    if isinstance(layer, (layers.Conv1D, layers.Conv2D)):
        taps = math.prod(layer.kernel_size) * layer.input.shape[-1] // layer.groups
        return math.prod(_sizes(layer, layer.output.shape[1:])) * taps
    return None


def _sizes(layer: keras.Layer, shape: tuple) -> tuple[int, ...]:
    if None in shape:
        raise ValueError(
            f"layer {layer.name!r} has no fixed size {shape}: give the model's Input one"
        )
    return shape


def _leaf_layers(model: keras.Model) -> Iterator[keras.Layer]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaf_layers(layer)
        else:
            yield layer
