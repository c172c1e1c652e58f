"""The numpy evaluator equals LiteRT's reference kernels."""

import numpy as np
import pytest

from tinylab.deploy.litert import LiteRTModel
from tinylab.graph import Graph, Op, Tensor, UnsupportedOperatorError, read_tflite
from tinylab.graph.core.fixed_point import (
    Multiplier,
    activation_limits,
    quantize_multiplier,
    requantize_once,
    requantize_twice,
    softmax_scale,
)
from tinylab.graph.evaluate import evaluate


@pytest.mark.parametrize(
    "name", ["kws_ref_model", "vww_96_int8", "ad01_int8", "vww_96_float", "ad01_fp32"]
)
def test_third_party_models(real_data, name):
    path = real_data / "reference_models" / f"{name}.tflite"
    graph = read_tflite(path)
    source = graph.tensors[graph.inputs[0]]
    rng = np.random.default_rng(0)
    if source.dtype == "int8":
        x = rng.integers(-128, 128, (3, *source.shape[1:])).astype(np.int8)
        difference = np.abs(
            evaluate(graph, x).astype(int) - LiteRTModel(path, exact=True).predict_quantized(x)
        )
        assert difference.max() <= (1 if graph.ops[-1].kind == "softmax" else 0)
    else:
        x = rng.random((2, *source.shape[1:])).astype(np.float32)
        np.testing.assert_allclose(
            evaluate(graph, x), LiteRTModel(path, exact=True).predict_quantized(x), atol=1e-4
        )


def test_unknown_operator_is_named():
    tensors = (Tensor("x", (1, 2), "float32"), Tensor("y", (1, 2), "float32"))
    graph = Graph("g", tensors, (Op("lstm", (0,), (1,)),), (0,), (1,))
    with pytest.raises(UnsupportedOperatorError, match="operator 0 is 'lstm'"):
        evaluate(graph, np.zeros((1, 2), np.float32))


def test_multiplier_is_within_half_a_step_of_the_factor():
    for real in (0.0, 1e-12, 1e-5, 0.3, 0.5, 0.99999999999, 1.0, 7.3, 1e6):
        multiplier = quantize_multiplier(real)
        assert multiplier.mantissa == 0 or 2**30 <= multiplier.mantissa < 2**31
        error = abs(multiplier.mantissa * 2.0 ** (multiplier.shift - 31) - real)
        assert error <= 2.0 ** (multiplier.shift - 32) or real < 2**-32
    for wrong in (-0.1, float("nan"), 2.0**30):
        with pytest.raises(ValueError, match="scale factor"):
            quantize_multiplier(wrong)


def test_rounding_once_and_twice_differ_only_near_halves():
    sums = np.arange(-200_000, 200_000, 7)[:, None]
    real = 0.0012345
    once = requantize_once(sums, np.array([real]))
    twice = requantize_twice(sums, [quantize_multiplier(real)])
    np.testing.assert_array_equal(once, np.round(sums * real))
    apart = once != twice
    assert np.abs(once - twice).max() <= 1 and apart.mean() < 0.01
    distance = np.abs(np.abs(sums * real) % 1 - 0.5)
    assert distance[apart].max(initial=0) < 0.01
    halves = np.array([[-3], [-1], [1], [3]])
    assert requantize_once(halves, np.array([0.5])).ravel().tolist() == [-2, -1, 1, 2]
    quarter = Multiplier(2**30, -1)  # 1 / 4 is rounded to 1 / 2, and that to 1
    assert requantize_twice(halves, [quarter]).ravel().tolist() == [-1, 0, 1, 1]


def test_activation_limits():
    assert activation_limits("none", 0.1, 3) == (-128, 127)
    assert activation_limits("relu", 0.1, 3) == (3, 127)
    assert activation_limits("relu6", 0.1, 3) == (3, 63)
    assert activation_limits("relu_n1_to_1", 0.1, 3) == (-7, 13)
    with pytest.raises(ValueError, match="'tanh'"):
        activation_limits("tanh", 0.1, 0)


def test_softmax_scale_rejects_vanishing_scales():
    assert softmax_scale(0.1, 1.0).minimum_difference < 0
    with pytest.raises(ValueError, match="too small"):
        softmax_scale(1e-9, 1.0)
