"""Operators with weights equal LiteRT's reference kernels in numpy, in C, and in the emulator."""

import numpy as np
import pytest

from tests.graph.operators.bundle import (
    Bundle,
    assert_all_agree,
    c_outputs,
    litert,
    numpy_outputs,
)
from tinylab.deploy.codegen import convert
from tinylab.graph.core.curves_s16 import logistic_s16, tanh_s16
from tinylab.graph.passes import optimize

STRIDE = {"stride_h": 1, "stride_w": 1, "fused_activation": "none"}


def test_grouped_convolution():
    bundle = Bundle()
    x = bundle.input((1, 6, 5, 8))
    for groups in (2, 4):
        weights = bundle.weights((8, 3, 2, 8 // groups), axis=0)
        inputs = [x, weights, bundle.bias(8)]
        bundle.op("conv2d", inputs, (1, 6, 5, 8), padding="same", **STRIDE)
    assert_all_agree(bundle.graph(), bundle.examples(4))


def test_convolutions_with_one_position_become_fully_connected():
    bundle = Bundle()
    x, pixel = bundle.input((1, 5, 1, 7)), bundle.input((1, 1, 1, 16))
    for source, size in ((x, (5, 1, 7)), (pixel, (1, 1, 16))):
        inputs = [source, bundle.weights((6, *size), axis=0), bundle.bias(6)]
        options = {**STRIDE, "fused_activation": "relu", "padding": "valid"}
        bundle.op("conv2d", inputs, (1, 1, 1, 6), **options)
    graph = bundle.graph()
    calls = convert(graph, kernels="dsp").all_calls()
    assert {call.function for _, call in calls} == {"nn_fully_connected_dsp"}
    assert_all_agree(graph, bundle.examples(6))


def test_depthwise_convolutions_with_one_position():
    bundle = Bundle()
    for channels in (8, 7, 3):
        x = bundle.input((1, 9, 1, channels))
        inputs = [x, bundle.weights((1, 9, 1, channels), axis=3), bundle.bias(channels)]
        options = {**STRIDE, "fused_activation": "relu6", "padding": "valid"}
        shape = (1, 1, 1, channels)
        bundle.op("depthwise_conv2d", inputs, shape, depth_multiplier=1, **options)
    graph = bundle.graph()
    functions = [call.function for _, call in convert(graph, kernels="dsp").all_calls()]
    assert functions == 2 * ["nn_depthwise_taps_dsp"] + ["nn_depthwise_conv2d_dsp"]
    assert_all_agree(graph, bundle.examples(6))


def test_transposed_convolution():
    bundle = Bundle()
    x = bundle.input((1, 4, 5, 3))
    for stride, size, padding, shape in (
        (2, 3, "same", (1, 8, 10, 4)),
        (2, 2, "valid", (1, 8, 10, 4)),
        (3, 2, "same", (1, 12, 15, 4)),
        (1, 3, "valid", (1, 6, 7, 4)),
    ):
        weights = bundle.weights((4, size, size, 3), axis=0)
        options = {"padding": padding, "stride_h": stride, "stride_w": stride}
        inputs = [bundle.constant(shape), weights, x]
        bundle.op("transpose_conv", inputs, shape, **options, fused_activation="none")
        bundle.op(
            "transpose_conv", [*inputs, bundle.bias(4)], shape, **options, fused_activation="none"
        )
    assert_all_agree(bundle.graph(), bundle.examples(3))


def test_products_of_matrices():
    bundle = Bundle()
    first, second = bundle.input((3, 4, 6)), bundle.input((3, 6, 5), zero_point=-7)
    across, down = bundle.input((3, 5, 6)), bundle.input((3, 6, 4))
    fixed = bundle.constant(bundle.rng.integers(-128, 128, (6, 5)), "int8", 0.02, 4)
    for inputs, flips in (
        ((first, second), (False, False)),
        ((first, across), (False, True)),
        ((down, second), (True, False)),
        ((first, fixed), (False, False)),
    ):
        bundle.op("batch_matmul", inputs, (3, 4, 5), scale=0.09, adj_x=flips[0], adj_y=flips[1])
    assert_all_agree(bundle.graph(), bundle.examples(4))


def test_sixteen_bits():
    bundle = Bundle()
    x, flat = (
        bundle.input((1, 6, 5, 4), "int16", 0.001, 0),
        bundle.input((1, 30), "int16", 0.001, 0),
    )
    wide = {"dtype": "int16", "scale": 0.004, "zero_point": 0}
    bias = [bundle.constant(bundle.rng.integers(-(10**6), 10**6, 4), "int64", 1e-6) for _ in "abc"]
    conv = [x, bundle.weights((4, 3, 3, 4), axis=0), bias[0]]
    bundle.op("conv2d", conv, (1, 6, 5, 4), padding="same", **STRIDE, **wide)
    depth = [x, bundle.weights((1, 3, 3, 4), axis=3), bias[1]]
    bundle.op(
        "depthwise_conv2d",
        depth,
        (1, 6, 5, 4),
        padding="same",
        depth_multiplier=1,
        **STRIDE,
        **wide,
    )
    dense = [flat, bundle.weights((4, 30)), bias[2]]
    bundle.op("fully_connected", dense, (1, 4), fused_activation="none", **wide)
    assert_all_agree(bundle.graph(), bundle.examples(6))


def test_unsigned_bytes_of_old_models():
    """Weights with a zero point of their own, sums rounded twice, averages with halves up."""
    bundle = Bundle()
    byte = {"dtype": "uint8", "zero_point": 121}
    x = bundle.input((1, 6, 6, 4), "uint8", 0.04, 131)
    flat = bundle.input((1, 30), "uint8", 0.04, 131)

    def weights(*shape):
        return bundle.constant(bundle.rng.integers(0, 256, shape), "uint8", 0.004, 117)

    inputs = [x, weights(8, 3, 3, 4), bundle.bias(8)]
    bundle.op("conv2d", inputs, (1, 6, 6, 8), padding="same", **STRIDE, **byte)
    inputs = [x, weights(1, 3, 3, 8), bundle.bias(8)]
    options = {"depth_multiplier": 2, "padding": "same", **STRIDE}
    bundle.op("depthwise_conv2d", inputs, (1, 6, 6, 8), **options, **byte)
    inputs = [flat, weights(7, 30), bundle.bias(7)]
    bundle.op("fully_connected", inputs, (1, 7), fused_activation="relu6", **byte)
    pool = {"filter_height": 2, "filter_width": 2, "stride_h": 2, "stride_w": 2}
    pool |= {"padding": "valid", "fused_activation": "none", "dtype": "uint8"}
    for kind in ("average_pool2d", "max_pool2d"):
        bundle.op(kind, [x], (1, 3, 3, 4), scale=0.04, zero_point=131, **pool)
    options = {"dtype": "uint8", "scale": 1 / 256, "zero_point": 0}
    bundle.op("softmax", [flat], (1, 30), beta=1.0, **options)
    bundle.op("logistic", [flat], (1, 30), **options)
    bundle.op("add", [x, x], (1, 6, 6, 4), fused_activation="relu", **byte)
    graph, values = bundle.graph(), bundle.examples(8)
    expected = litert(graph, values)
    signed = optimize(graph).graph
    assert all(op.kind == "quantize" or not _unsigned(signed, op) for op in signed.ops)
    for kernels in ("plain", "dsp"):
        for got, right in zip(c_outputs(graph, values, kernels), expected, strict=True):
            np.testing.assert_array_equal(got, right.reshape(got.shape))
    few = tuple(part[:2] for part in values)
    for got, right in zip(c_outputs(graph, few, "dsp", emulated=True), expected, strict=True):
        np.testing.assert_array_equal(got, right[:2].reshape(got.shape))
    exact = [i for i, op in enumerate(graph.ops) if op.kind != "softmax"]
    ours = numpy_outputs(signed, values)
    for i in exact:
        np.testing.assert_array_equal(ours[i], expected[i])


def _unsigned(graph, op) -> bool:
    return any(graph.tensors[i].dtype == "uint8" for i in (*op.inputs, *op.outputs) if i >= 0)


def test_real_numbers():
    bundle = Bundle()
    x, flat = bundle.input((1, 6, 5, 4), "float32"), bundle.input((1, 30), "float32")
    real = {"dtype": "float32", "fused_activation": "relu"}

    def weights(*shape):
        return bundle.constant(bundle.rng.normal(size=shape), "float32")

    options = {"stride_h": 2, "stride_w": 1, "padding": "same"}
    bundle.op("conv2d", [x, weights(3, 3, 3, 4), weights(3)], (1, 3, 5, 3), **options, **real)
    inputs = [x, weights(1, 3, 3, 8), weights(8)]
    options |= {"depth_multiplier": 2, "stride_h": 1}
    bundle.op("depthwise_conv2d", inputs, (1, 6, 5, 8), **options, **real)
    bundle.op("fully_connected", [flat, weights(5, 30), weights(5)], (1, 5), **real)
    for stride, padding, shape in ((2, "same", (1, 12, 10, 3)), (1, "valid", (1, 8, 7, 3))):
        inputs = [bundle.constant(shape), weights(3, 3, 3, 4), x, weights(3)]
        steps = {"stride_h": stride, "stride_w": stride, "padding": padding}
        bundle.op("transpose_conv", inputs, shape, **steps, **real)
    assert_all_agree(bundle.graph(), bundle.examples(3), rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("stream", [6])
def test_state_of_svdf(stream):
    """Two inferences more than the memory is long: what was forgotten no longer counts."""
    bundle = Bundle()
    x = bundle.input((1, 5), scale=0.05)
    features = bundle.constant(bundle.rng.integers(-127, 128, (8, 5)), "int8", 0.01)
    time = bundle.constant(bundle.rng.integers(-9000, 9000, (8, 4)), "int16", 0.0001)
    state = bundle.tensor((1, 32), "int16", 0.0005, 0, is_state=True)
    inputs = [x, features, time, bundle.constant(np.arange(4) * 500, "int32", 5e-8), state]
    options = {"rank": 2, "fused_activation": "relu"}
    bundle.op("svdf", inputs, (1, 4), scale=0.02, zero_point=-10, **options)
    assert_all_agree(bundle.graph(), bundle.examples(stream))


def _lstm(bundle, x, inputs, units, **options):
    scale, zero_point = 1 / 128, -3
    gates = [bundle.weights((units, inputs), scale=0.004) for _ in range(4)]
    recurrent = [bundle.weights((units, units), scale=0.003) for _ in range(4)]
    biases = [bundle.bias(units, -3000, 3000) for _ in range(4)]
    last = bundle.tensor((1, units), "int8", scale, zero_point, is_state=True)
    cells = bundle.tensor((1, units), "int16", 2.0**-11, 0, is_state=True)
    absent = [-1] * 3
    tensors = [x, *gates, *recurrent, *absent, *biases, -1, -1, last, cells]
    options |= {"fused_activation": "tanh", "hidden_scale": scale, "hidden_zero_point": zero_point}
    shape = (1, bundle.tensors[x].shape[1], units)
    bundle.op(LSTM, tensors, shape, scale=scale, zero_point=zero_point, **options)


LSTM = "unidirectional_sequence_lstm"


@pytest.mark.parametrize("cell_clip", [0.0, 0.4])
def test_lstm_keeps_its_state_from_one_inference_to_the_next(cell_clip):
    bundle = Bundle()
    x = bundle.input((1, 5, 6), scale=0.03, zero_point=7)
    _lstm(bundle, x, 6, 7, cell_clip=cell_clip)
    assert_all_agree(bundle.graph(), bundle.examples(5))


def test_curves_on_sixteen_bits_are_close_to_the_real_ones():
    x = np.arange(-(2**15), 2**15)
    real = 1 / (1 + np.exp(-x / 2**12))
    assert np.abs(logistic_s16(x) / 2**15 - real).max() < 2e-4
    for bits in range(7):
        assert np.abs(tanh_s16(x, bits) / 2**15 - np.tanh(x / 2 ** (15 - bits))).max() < 6e-4
