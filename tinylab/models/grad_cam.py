"""Where a network looks: Grad-CAM heat maps, and the picture under one.

Source: Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
Localization" (2017).
"""

import keras
import numpy as np
import tensorflow as tf

from tinylab.models.surgery.nested import flattened

__all__ = ["grad_cam", "overlay"]

_MAP_AXES = 4  # examples, rows, columns, channels
_WARM = np.array(((0.0, 0.45, 0.70), (0.94, 0.89, 0.26), (0.84, 0.37, 0.0)))  # Okabe-Ito


def grad_cam(
    model: keras.Model, images: np.ndarray, label: int = 1, *, layer: str = "block11_pointwise_relu"
) -> np.ndarray:
    """Heat maps of what speaks for a class.

    The channels of a layer, each weighted by the mean gradient of the class's score with respect to
    it, are added up; what speaks against the class is cut off.

    Parameters
    ----------
    model : keras.Model
        Ends in a softmax. The gradient is that of the score before it, which does not vanish when
        the network is sure.
    images : float array (n, height, width, 3) in 0..1
    label : int
        The class.
    layer : str
        A layer with maps of at least 2 x 2; the default of MobileNetV1 at 96 pixels gives 6 x 6.

    Returns
    -------
    float32 array (n, height, width) in 0..1
        Each map's largest value is 1, unless nothing speaks for the class.

    Raises
    ------
    ValueError
        If the layer is unknown or has no map, the class does not exist, or the last layer is not
        `Dense` with a bias.
    """
    model = flattened(model)
    classes, last = model.output_shape[-1], model.layers[-1]
    if not 0 <= label < classes:
        raise ValueError(f"label must lie in 0..{classes - 1}, got {label}")
    if not isinstance(last, keras.layers.Dense) or not last.use_bias:
        raise ValueError(f"the last layer {last.name!r} must be Dense with a bias")
    both = keras.Model(model.inputs[0], [_map_of(model, layer), last.input])
    kernel, bias = last.kernel, last.bias
    images = tf.constant(np.asarray(images, np.float32))
    with tf.GradientTape() as tape:
        maps, features = both(images, training=False)
        score = tf.linalg.matvec(features, kernel[:, label]) + bias[label]
    gradient = tape.gradient(score, maps)
    weight = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    heat = tf.nn.relu(tf.reduce_sum(weight * maps, axis=-1, keepdims=True))
    heat = tf.image.resize(heat, images.shape[1:3], "bilinear")[..., 0].numpy()
    peak = heat.max(axis=(1, 2), keepdims=True)
    return np.divide(heat, peak, out=np.zeros_like(heat), where=peak > 0)


def _map_of(model: keras.Model, layer: str):
    """What a layer gives, if that is a map."""
    layers = [each for each in model.layers[:-1] if not isinstance(each, keras.layers.InputLayer)]
    maps = {each.name: each.output for each in layers if len(each.output.shape) == _MAP_AXES}
    if layer not in maps:
        raise ValueError(f"no layer {layer!r} with a map: pass layer=..., one of {', '.join(maps)}")
    return maps[layer]


def overlay(images: np.ndarray, heat: np.ndarray, strength: float = 0.6) -> np.ndarray:
    """Pictures with their heat maps over them: blue is cold, yellow warm, vermilion hot.

    Parameters
    ----------
    images : float array (n, height, width, 3) in 0..1
    heat : float array (n, height, width) in 0..1
    strength : float
        How much of the picture the hottest places hide.

    Returns
    -------
    uint8 array (n, height, width, 3)
    """
    heat = np.asarray(heat)[..., None]
    low, high = np.clip(2 * heat, 0, 1), np.clip(2 * heat - 1, 0, 1)
    colour = (_WARM[0] * (1 - low) + _WARM[1] * low) * (1 - high) + _WARM[2] * high
    share = strength * (0.3 + 0.7 * heat)
    grey = np.asarray(images).mean(axis=-1, keepdims=True)
    return np.round(255 * ((1 - share) * grey + share * colour)).astype(np.uint8)
