"""A Keras model as a graph, through all passes, and back into LiteRT."""

import keras
import numpy as np
import pytest
from keras import layers

from tinylab.deploy.keras_graph import from_keras
from tinylab.graph.evaluate import evaluate
from tinylab.graph.passes import FoldBatchNorm, optimize
from tinylab.graph.writer import write_tflite


def randomize(model, seed=0):
    """Weights as after training: no bias and no statistic is zero."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        spread = rng.normal(0, 0.4, weight.shape)
        weight.assign(np.abs(spread) + 0.3 if "variance" in weight.path else spread)
    return model


@pytest.fixture(scope="module")
def convolutional():
    x = inputs = keras.Input((9, 8, 3))
    x = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
    x = layers.Conv2D(4, 3, strides=2)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    shortcut = x
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    x = layers.Activation("relu")(layers.BatchNormalization(scale=False)(x))
    x = layers.Add()([layers.Conv2D(4, 1)(x), shortcut])
    x = layers.MaxPooling2D(2)(layers.ReLU(6)(x))
    x = layers.Dropout(0.5)(layers.AveragePooling2D((2, 1))(x))
    x = layers.Flatten()(x)
    return randomize(keras.Model(inputs, layers.Dense(3, activation="softmax")(x), name="small"))


@pytest.fixture(scope="module")
def autoencoder():
    x = inputs = keras.Input((12,))
    for width in (8, 3, 8):
        x = layers.ReLU()(layers.BatchNormalization()(layers.Dense(width)(x)))
    return randomize(keras.Model(inputs, layers.Dense(12)(x), name="autoencoder"), 1)


def test_graph_computes_what_keras_does(convolutional):
    graph = from_keras(convolutional)
    x = np.random.default_rng(0).normal(size=(4, 9, 8, 3)).astype(np.float32)
    expected = convolutional(x, training=False).numpy()
    np.testing.assert_allclose(evaluate(graph, x), expected, atol=1e-5)


def test_passes_shrink_it_and_keep_the_result(convolutional):
    graph = from_keras(convolutional)
    result = optimize(graph)
    x = np.random.default_rng(1).normal(size=(4, 9, 8, 3)).astype(np.float32)
    np.testing.assert_allclose(evaluate(result.graph, x), evaluate(graph, x), atol=1e-5)
    names = [entry.name for entry in result.applied]
    assert names.count("fold batch norm") == 2 and names.count("fuse activation") == 3
    assert [op.kind for op in result.graph.ops] == [
        "pad",  # at the right and below, by one, is not same padding for 9 rows
        "conv2d",
        "depthwise_conv2d",
        "conv2d",
        "add",
        "max_pool2d",
        "average_pool2d",
        "fully_connected",
        "softmax",
    ]


def test_the_shrunk_graph_runs_in_litert(convolutional, reference):
    graph = optimize(from_keras(convolutional)).graph
    x = np.random.default_rng(2).normal(size=(3, 9, 8, 3)).astype(np.float32)
    np.testing.assert_allclose(reference(write_tflite(graph), x), evaluate(graph, x), atol=1e-5)


def test_the_dropped_bias_is_found(autoencoder, monkeypatch):
    """The published anomaly-detection model was made by a converter that folded batch norm without
    the layer's own bias. With fresh weights, whose biases are zero, nobody can tell."""
    from tinylab.graph.passes import fold_batch_norm

    graph = from_keras(autoencoder)
    x = np.random.default_rng(3).normal(size=(8, 12)).astype(np.float32)
    before = evaluate(graph, x)
    np.testing.assert_allclose(evaluate(optimize(graph).graph, x), before, atol=1e-5)

    def without_bias(graph, layer, channels):
        return graph.tensors[layer.inputs[1]].data.astype(np.float64), np.zeros(channels)

    monkeypatch.setattr(fold_batch_norm, "_parameters", without_bias)
    wrong = optimize(graph, [FoldBatchNorm()]).graph
    assert np.abs(evaluate(wrong, x) - before).max() > 0.05


def test_what_is_not_supported_is_named():
    inputs = keras.Input((4, 4, 2))
    transposed = keras.Model(inputs, layers.Conv2DTranspose(2, 3, name="up")(inputs))
    with pytest.raises(ValueError, match="'up' is a Conv2DTranspose"):
        from_keras(transposed)
    slope = keras.Model(inputs, layers.ReLU(negative_slope=0.1, name="leaky")(inputs))
    with pytest.raises(ValueError, match="'leaky'"):
        from_keras(slope)
    curved = keras.Model(inputs, layers.Conv2D(2, 3, activation="gelu", name="gelu")(inputs))
    with pytest.raises(ValueError, match="unknown activation 'gelu'"):
        from_keras(curved)
    two = keras.Model(inputs, [layers.ReLU()(inputs), layers.ReLU(6)(inputs)])
    with pytest.raises(ValueError, match="one input and one output"):
        from_keras(two)
