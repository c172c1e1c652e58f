"""Grad-CAM against finite differences, and what its overlay shows."""

import keras
import numpy as np
import pytest
from keras import layers

from tinylab.models.grad_cam import grad_cam, overlay
from tinylab.models.networks.mobilenet import mobilenet_v1


@pytest.fixture(scope="module")
def bright_spot_model():
    """A network whose class 1 is the mean of one map, class 0 of the other."""
    inputs = keras.Input((8, 8, 3))
    maps = layers.Conv2D(2, 1, activation="relu", use_bias=False, name="maps")(inputs)
    features = layers.Flatten()(layers.AveragePooling2D(8)(maps))
    model = keras.Model(inputs, layers.Dense(2, activation="softmax", name="out")(features))
    model.get_layer("maps").set_weights([np.array([[[[1, 0], [0, 1], [0, 0]]]], np.float32)])
    model.get_layer("out").set_weights(
        [np.array([[1, -1], [-1, 1]], np.float32), np.zeros(2, np.float32)]
    )
    return model


def test_it_points_at_what_speaks_for_the_class(bright_spot_model):
    images = np.zeros((1, 8, 8, 3), np.float32)
    images[0, 1, 2, 1] = 1  # green speaks for class 1
    images[0, 6, 5, 0] = 1  # red for class 0
    for label, spot in ((1, (1, 2)), (0, (6, 5))):
        heat = grad_cam(bright_spot_model, images, label, layer="maps")[0]
        assert np.unravel_index(heat.argmax(), heat.shape) == spot
        assert heat.max() == pytest.approx(1) and heat.min() == 0


def test_nothing_for_the_class_is_no_heat(bright_spot_model):
    red = np.zeros((1, 8, 8, 3), np.float32)
    red[..., 0] = 1
    assert np.all(grad_cam(bright_spot_model, red, 1, layer="maps") == 0)


def test_the_gradient_is_that_of_the_score(bright_spot_model):
    """The weight of a map is the derivative of the score by its mean: here 1 over the positions."""
    images = np.random.default_rng(0).random((2, 8, 8, 3), np.float32)
    heat = grad_cam(bright_spot_model, images, 1, layer="maps")
    expected = np.maximum(images[..., 1] - images[..., 0], 0)
    assert heat == pytest.approx(expected / expected.max(axis=(1, 2), keepdims=True), abs=1e-5)


def test_it_reads_mobilenet():
    images = np.random.default_rng(1).random((2, 96, 96, 3), np.float32)
    heat = grad_cam(mobilenet_v1(), images)
    assert heat.shape == (2, 96, 96) and np.all((0 <= heat) & (heat <= 1 + 1e-6))
    shown = overlay(images, heat)
    assert shown.shape == images.shape and shown.dtype == np.uint8


def test_unknown_layers_and_classes_are_refused(bright_spot_model):
    images = np.zeros((1, 8, 8, 3), np.float32)
    with pytest.raises(ValueError, match="label"):
        grad_cam(bright_spot_model, images, 2, layer="maps")
    with pytest.raises(ValueError, match="layer"):
        grad_cam(bright_spot_model, images, 1, layer="nowhere")


def test_a_sequential_model_with_a_model_in_it():
    keras.utils.set_random_seed(0)
    body = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3, name="eyes")])
    head = [layers.GlobalAveragePooling2D(), layers.Dense(2, activation="softmax", name="end")]
    model = keras.Sequential([keras.Input((8, 8, 3)), body, *head])
    pictures = np.random.default_rng(0).uniform(size=(3, 8, 8, 3))
    assert grad_cam(model, pictures, layer="eyes").shape == (3, 8, 8)
    with pytest.raises(ValueError, match="no layer 'end' with a map: pass layer=..., one of eyes$"):
        grad_cam(model, pictures, layer="end")
