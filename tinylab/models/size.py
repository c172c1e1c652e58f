"""What a Keras model will cost on a device, counted from its layers before any conversion."""

import math

import keras

__all__ = ["folded_parameters", "multiply_accumulates"]

_FOLDED_AWAY = (keras.layers.BatchNormalization,)


def folded_parameters(model: keras.Model) -> int:
    """Parameters that remain once batch normalization is folded into the layer before it.

    Folding needs a bias to fold into; the convolutions of this package all have one.
    """
    layers = (layer for layer in _leaf_layers(model) if not isinstance(layer, _FOLDED_AWAY))
    return sum(layer.count_params() for layer in layers)


def multiply_accumulates(model: keras.Model) -> int:
    """Multiply-accumulate operations (MACs) of one inference, batch size 1.

    Convolutions (padding counted in full, as MLPerf Tiny does) and dense layers; additions of
    biases, activations, pooling and normalization are left out.
    """
    return sum(_macs(layer) for layer in _leaf_layers(model))


def _macs(layer) -> int:
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return math.prod(layer.output.shape[1:]) * math.prod(layer.kernel_size)
    if isinstance(layer, keras.layers.Conv2D):
        taps = math.prod(layer.kernel_size) * layer.input.shape[-1] // layer.groups
        return math.prod(layer.output.shape[1:]) * taps
    if isinstance(layer, keras.layers.Dense):
        return math.prod(layer.output.shape[1:]) * layer.input.shape[-1]
    return 0


def _leaf_layers(model: keras.Model):
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaf_layers(layer)
        else:
            yield layer
