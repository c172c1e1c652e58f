"""Elementwise operators equal LiteRT's reference kernels in numpy, in C, and in the emulator."""

import numpy as np
import pytest

from tests.graph.operators.bundle import Bundle, assert_all_agree, litert, numpy_outputs
from tinylab.graph import Op
from tinylab.graph.passes import optimize

SHAPE = (1, 5, 4, 6)
CURVES = ("logistic", "tanh", "exp", "log", "hard_swish", "relu", "relu6", "relu_n1_to_1")


def test_functions_of_one_byte():
    for scale, zero_point in ((0.05, 3), (0.003, -128), (0.11, 127)):
        bundle = Bundle()
        x = bundle.input((1, 256), scale=scale, zero_point=zero_point)
        for kind in CURVES:
            output = {"logistic": (1 / 256, -128), "tanh": (1 / 128, 0)}.get(kind, (scale, -7))
            bundle.op(kind, [x], (1, 256), scale=output[0], zero_point=output[1])
        bundle.op("leaky_relu", [x], (1, 256), scale=scale * 0.7, alpha=0.3)
        every_byte = np.arange(-128, 128, dtype=np.int8).reshape(1, 1, 256)
        graph = bundle.graph()
        if scale == 0.05:
            assert_all_agree(graph, (np.repeat(every_byte, 2, axis=0),))
        else:
            expected = litert(graph, (every_byte,))
            for output, right in zip(numpy_outputs(graph, (every_byte,)), expected, strict=True):
                np.testing.assert_array_equal(output, right)


def test_curves_that_the_reference_kernels_lack():
    """They are compared with LiteRT's other kernels, which use a table too."""
    bundle = Bundle()
    x = bundle.input((1, 256))
    bundle.op("elu", [x], (1, 256))
    for approximate in (True, False):
        bundle.op("gelu", [x], (1, 256), approximate=approximate)
    every_byte = np.arange(-128, 128, dtype=np.int8).reshape(1, 1, 256)
    graph = bundle.graph()
    expected = litert(graph, (every_byte,), "BUILTIN_WITHOUT_DEFAULT_DELEGATES")
    np.testing.assert_array_equal(numpy_outputs(graph, (every_byte,)), expected)


def test_magnitudes_and_inverse_roots():
    """LiteRT refuses roots of negative numbers, so the bytes begin at the zero point."""
    bundle = Bundle()
    x = bundle.input((1, 256), scale=0.02, zero_point=-128)
    for scale in (0.01, 0.05):
        bundle.op("rsqrt", [x], (1, 256), scale=scale, zero_point=-100)
    for scale in (0.02, 0.013):
        bundle.op("abs", [x], (1, 256), scale=scale, zero_point=-90)
    every_byte = np.arange(-128, 128, dtype=np.int8).reshape(1, 1, 256)
    assert_all_agree(bundle.graph(), (np.repeat(every_byte, 2, axis=0),))


def test_functions_between_dequantize_and_quantize_become_tables():
    bundle = Bundle()
    x = bundle.input((1, 256), scale=0.0313)
    for kind in ("neg", "square", "sin", "cos", "floor", "ceil", "round"):
        real, value = (bundle.tensor((1, 256), "float32") for _ in range(2))
        for source, target, step in ((x, real, "dequantize"), (real, value, kind)):
            bundle.ops.append(Op(step, (source,), (target,)))
        bundle.op("quantize", [value], (1, 256), scale=0.0217)
    graph = optimize(bundle.graph()).graph
    assert {op.kind for op in graph.ops} == {"table"}
    every_byte = np.arange(-128, 128, dtype=np.int8).reshape(1, 1, 256)
    expected = litert(bundle.graph(), (every_byte,), "BUILTIN_WITHOUT_DEFAULT_DELEGATES")
    for output, right in zip(numpy_outputs(graph, (every_byte,)), expected, strict=True):
        np.testing.assert_array_equal(output, right)


@pytest.mark.parametrize("scale", [2.0**-12, 2.0**-11, 0.0003])
def test_curves_of_sixteen_bits(scale):
    bundle = Bundle()
    x = bundle.input((1, 500), "int16", scale, 0)
    for kind in ("logistic", "tanh"):
        bundle.op(kind, [x], (1, 500), dtype="int16", scale=2.0**-15, zero_point=0)
    assert_all_agree(bundle.graph(), bundle.examples(4))


def test_arithmetic_of_sixteen_bits():
    bundle = Bundle()
    x = bundle.input(SHAPE, "int16", 0.0007, 0)
    same = bundle.input(SHAPE, "int16", 0.0007, 0)
    channel = bundle.input((1, 1, 1, 6), "int16", 0.0004, 0)
    wide = {"dtype": "int16", "zero_point": 0}
    for kind in ("add", "sub", "mul"):
        for other in (same, channel):
            bundle.op(kind, [x, other], SHAPE, scale=0.0009, fused_activation="relu6", **wide)
    for kind in ("minimum", "maximum"):
        bundle.op(kind, [x, same], SHAPE, scale=0.0007, **wide)
    assert_all_agree(bundle.graph(), bundle.examples(4))


@pytest.mark.parametrize("activation", ["none", "relu6"])
def test_two_operands_with_broadcasting(activation):
    bundle = Bundle()
    x, same = bundle.input(SHAPE, scale=0.07), bundle.input(SHAPE, scale=0.02, zero_point=-9)
    channel = bundle.input((1, 1, 1, 6), scale=0.04)
    flat = bundle.input((1, 4, 1), scale=0.1, zero_point=0)
    fixed = bundle.constant(bundle.rng.integers(-128, 128, (6,)), "int8", 0.03, 5)
    for kind in ("add", "sub", "mul"):
        for other in (same, channel, flat, fixed):
            bundle.op(kind, [x, other], SHAPE, scale=0.06, fused_activation=activation)
    for other in (same, channel):
        bundle.op("squared_difference", [x, other], SHAPE, scale=0.5)
    for kind in ("add", "sub", "mul"):
        bundle.op(kind, [channel, x], SHAPE, scale=0.06, fused_activation=activation)
    assert_all_agree(bundle.graph(), bundle.examples(4))


def test_extremes_and_slopes():
    bundle = Bundle()
    x, same = bundle.input(SHAPE), bundle.input(SHAPE)
    channel = bundle.input((1, 1, 1, 6))
    for kind in ("minimum", "maximum"):
        bundle.op(kind, [x, same], SHAPE, zero_point=3)
        bundle.op(kind, [x, channel], SHAPE, zero_point=3)
    slopes = bundle.constant(bundle.rng.integers(-128, 128, (1, 1, 6)), "int8", 0.006, -4)
    bundle.op("prelu", [x, slopes], SHAPE, scale=0.04)
    assert_all_agree(bundle.graph(), bundle.examples(4))


def test_changes_of_type_and_scale():
    bundle = Bundle()
    real, byte = bundle.input(SHAPE, "float32"), bundle.input(SHAPE)
    unsigned = bundle.input(SHAPE, "uint8", 0.04, 120)
    wide = bundle.input(SHAPE, "int16", 0.001, 0)
    for dtype in ("int8", "uint8", "int16"):
        zero_point = {"int8": -5, "uint8": 131, "int16": 0}[dtype]
        bundle.op("quantize", [real], SHAPE, dtype=dtype, scale=0.03, zero_point=zero_point)
    bundle.op("quantize", [byte], SHAPE, scale=0.08)
    bundle.op("quantize", [byte], SHAPE, dtype="uint8", scale=0.05, zero_point=131)
    bundle.op("quantize", [unsigned], SHAPE, scale=0.04, zero_point=-8)
    bundle.op("quantize", [wide], SHAPE, scale=0.2, zero_point=4)
    bundle.op("quantize", [wide], SHAPE, dtype="int16", scale=0.003, zero_point=0)
    bundle.op("quantize", [byte], SHAPE, dtype="int16", scale=0.002, zero_point=0)
    for source in (byte, unsigned, wide):
        bundle.op("dequantize", [source], SHAPE, dtype="float32")
    assert_all_agree(bundle.graph(), bundle.examples(4), rtol=1e-6)


def test_real_numbers():
    bundle = Bundle()
    x, other = bundle.input(SHAPE, "float32"), bundle.input((1, 1, 4, 6), "float32")
    for kind in ("add", "sub", "mul"):
        bundle.op(kind, [x, other], SHAPE, dtype="float32", fused_activation="relu6")
    for kind in ("minimum", "maximum"):
        bundle.op(kind, [x, other], SHAPE, dtype="float32")
    bundle.op("squared_difference", [x, other], SHAPE, dtype="float32")
    for kind in ("relu", "relu6", "relu_n1_to_1", "logistic", "tanh", "exp"):
        bundle.op(kind, [x], SHAPE, dtype="float32")
    for kind in ("neg", "abs", "square", "hard_swish"):
        bundle.op(kind, [x], SHAPE, dtype="float32")
    bundle.op("softmax", [x], SHAPE, dtype="float32", beta=0.7)
    axes = bundle.constant([1, 2])
    for kind in ("mean", "sum", "reduce_max", "reduce_min"):
        bundle.op(kind, [x, axes], (1, 6), dtype="float32", keep_dims=False)
    slopes = bundle.constant(bundle.rng.normal(size=(1, 1, 6)), "float32")
    bundle.op("prelu", [x, slopes], SHAPE, dtype="float32")
    bundle.op("leaky_relu", [x], SHAPE, dtype="float32", alpha=0.3)
    assert_all_agree(bundle.graph(), bundle.examples(4), rtol=3e-6, atol=1e-6)
