"""The integer arithmetic against LiteRT, bit for bit."""

import keras
import numpy as np
import pytest
from keras import layers

from tinylab.compress.quantization.integer_arithmetic import (
    LayerArithmetic,
    average_pool2d,
    conv2d,
    depthwise_conv2d,
    fully_connected,
)
from tinylab.deploy.litert import LiteRTModel, convert
from tinylab.graph import read_tflite


def int8_program(layer, shape, seed=0):
    """One layer with random weights as an int8 program, its graph, and random int8 inputs."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = keras.Sequential([keras.Input(shape), layer])
    model.set_weights([rng.normal(0, 0.5, w.shape) for w in model.get_weights()])
    content = convert(model, "int8", rng.normal(0.5, 2, (64, *shape)).astype(np.float32))
    return content, read_tflite(content), rng.integers(-128, 128, (40, *shape)).astype(np.int8)


def arithmetic(graph, op, rounding):
    """The constants of one operator, its weights and its bias, out of the graph."""
    source, weights, bias = (graph.tensors[i] for i in op.inputs[:3])
    result = graph.tensors[op.outputs[0]]
    layer = LayerArithmetic(
        float(source.quantization.scale[0]),
        int(source.quantization.zero_point[0]),
        weights.quantization.scale,
        float(result.quantization.scale[0]),
        int(result.quantization.zero_point[0]),
        {"none": "linear"}.get(
            op.attributes["fused_activation"], op.attributes["fused_activation"]
        ),
        rounding,
    )
    return layer, weights.data, bias.data


CASES = [
    (layers.Dense(7), (12,)),
    (layers.Dense(7, activation="relu"), (12,)),
    (layers.Conv2D(5, (4, 3), padding="same"), (9, 8, 3)),
    (layers.Conv2D(5, 3, strides=2, padding="same", activation="relu"), (9, 8, 3)),
    (layers.Conv2D(5, 3, strides=(2, 1), padding="valid", activation="relu6"), (9, 8, 3)),
    (layers.Conv2D(6, 1), (4, 4, 8)),
    (layers.DepthwiseConv2D(3, padding="same"), (9, 8, 4)),
    (layers.DepthwiseConv2D(3, strides=2, padding="same", activation="relu6"), (9, 8, 4)),
    (layers.DepthwiseConv2D(3, padding="valid", activation="relu"), (9, 8, 4)),
]


def run_ours(graph, x, rounding):
    (op,) = [op for op in graph.ops if op.kind.endswith(("conv2d", "fully_connected"))]
    layer, weights, bias = arithmetic(graph, op, rounding)
    if op.kind == "fully_connected":
        return fully_connected(x, weights, bias, layer)
    options = {
        "strides": (op.attributes["stride_h"], op.attributes["stride_w"]),
        "padding": op.attributes["padding"],
    }
    if op.kind == "conv2d":
        return conv2d(x, weights, bias, layer, **options)
    return depthwise_conv2d(x, weights[0], bias, layer, **options)


@pytest.fixture(scope="module", params=CASES, ids=lambda case: type(case[0]).__name__)
def program(request):
    return int8_program(*request.param)


def test_bit_for_bit_like_litert_reference_kernels(program):
    content, graph, x = program
    expected = LiteRTModel(content, exact=True).predict_quantized(x)
    rounding = "single" if graph.ops[-1].kind == "fully_connected" else "double"
    np.testing.assert_array_equal(run_ours(graph, x, rounding).reshape(expected.shape), expected)


def test_single_rounding_like_litert_fast_kernels(program):
    content, graph, x = program
    expected = LiteRTModel(content).predict_quantized(x)
    np.testing.assert_array_equal(run_ours(graph, x, "single").reshape(expected.shape), expected)


def test_average_pool_like_litert():
    content, _, x = int8_program(layers.AveragePooling2D((3, 2)), (9, 8, 4))
    expected = LiteRTModel(content, exact=True).predict_quantized(x)
    np.testing.assert_array_equal(average_pool2d(x, (3, 2)), expected)


@pytest.mark.parametrize(
    ("option", "message"),
    [({"rounding": "up"}, "rounding"), ({"activation": "tanh"}, "tanh")],
)
def test_unknown_options_are_refused(option, message):
    with pytest.raises(ValueError, match=message):
        LayerArithmetic(1.0, 0, np.ones(1), 1.0, 0, **option).output(np.ones((1, 2), np.int32))


def test_unknown_padding_is_refused():
    image, kernel = np.zeros((1, 4, 4, 1), np.int8), np.zeros((1, 3, 3, 1), np.int8)
    layer = LayerArithmetic(1.0, 0, np.ones(1), 1.0, 0)
    with pytest.raises(ValueError, match="padding"):
        conv2d(image, kernel, np.zeros(1, np.int32), layer, padding="full")
