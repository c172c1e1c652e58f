"""Each pass keeps the result where it matches, and does not match where it would not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.graph.sketch import Sketch
from tinylab.graph import Graph, Op, Quantization, Tensor, read_tflite
from tinylab.graph.evaluate import evaluate
from tinylab.graph.passes import (
    PASSES,
    FoldBatchNorm,
    FoldConstants,
    FuseActivation,
    FusePad,
    RemoveIdentity,
    optimize,
)


def check(graph, passes, kinds):
    """Optimize, compare kinds and results; returns the new graph."""
    result = optimize(graph, passes).graph
    assert [op.kind for op in result.ops] == kinds
    x = np.random.default_rng(9).normal(size=(3, *graph.tensors[0].shape[1:])).astype(np.float32)
    np.testing.assert_allclose(evaluate(result, x), evaluate(graph, x), rtol=1e-4, atol=1e-4)
    return result


def test_every_pass_states_its_limits():
    assert all(rule.name and len(rule.unsafe) > 40 for rule in PASSES)


# --- fold batch norm


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", ["conv2d", "depthwise_conv2d"])
def test_batch_norm_disappears(kind, bias):
    check(
        Sketch((1, 6, 5, 4)).conv2d(kind=kind, bias=bias).batch_norm().graph(),
        [FoldBatchNorm()],
        [kind],
    )


def test_batch_norm_after_dense_and_scalings_disappear():
    check(Sketch((1, 7)).dense().batch_norm().graph(), [FoldBatchNorm()], ["fully_connected"])
    sketch = Sketch((1, 5, 5, 2)).conv2d().affine("mul").affine("add").affine("sub")
    check(sketch.graph(), [FoldBatchNorm()], ["conv2d"])


def test_the_activation_of_a_scaling_is_kept():
    sketch = Sketch((1, 5, 5, 2)).conv2d().affine("mul").affine("add", fused_activation="relu6")
    graph = check(sketch.graph(), [FoldBatchNorm()], ["conv2d"])
    assert graph.ops[0].attributes["fused_activation"] == "relu6"


def test_batch_norm_stays_where_folding_is_wrong():
    after_relu = Sketch((1, 5, 5, 2)).conv2d(fused_activation="relu").batch_norm()
    check(after_relu.graph(), [FoldBatchNorm()], ["conv2d", "batch_normalization"])
    first = Sketch((1, 5, 5, 2)).batch_norm().conv2d()
    check(first.graph(), [FoldBatchNorm()], ["batch_normalization", "conv2d"])
    shared = Sketch((1, 5, 5, 2)).conv2d(out=2)
    layer = shared.last
    shared.batch_norm()
    shared.op("add", shared.shape, inputs=[shared.last, layer], fused_activation="none")
    check(shared.graph(), [FoldBatchNorm()], ["conv2d", "batch_normalization", "add"])
    seen = Sketch((1, 5, 5, 2)).conv2d()
    layer = seen.last
    graph = seen.batch_norm().graph(outputs=(seen.last, layer))
    assert len(optimize(graph, [FoldBatchNorm()]).graph.ops) == 2


def test_a_whole_image_constant_is_not_a_scaling():
    sketch = Sketch((1, 4, 4, 2)).conv2d(out=2)
    sketch.op(
        "add", sketch.shape, [sketch.constant(np.ones((1, 4, 4, 2)))], fused_activation="none"
    )
    check(sketch.graph(), [FoldBatchNorm()], ["conv2d", "add"])


# --- fuse activation


@pytest.mark.parametrize("kind", ["relu", "relu6", "relu_n1_to_1"])
def test_activation_moves_into_the_layer(kind):
    graph = check(Sketch((1, 5, 5, 2)).conv2d().unary(kind).graph(), [FuseActivation()], ["conv2d"])
    assert graph.ops[0].attributes["fused_activation"] == kind


def test_activation_stays_where_fusing_is_wrong():
    twice = Sketch((1, 5, 5, 2)).conv2d(fused_activation="relu").unary("relu6")
    check(twice.graph(), [FuseActivation()], ["conv2d", "relu6"])
    shared = Sketch((1, 5, 5, 2)).conv2d(out=2)
    layer = shared.last
    shared.unary("relu")
    shared.op("add", shared.shape, inputs=[shared.last, layer], fused_activation="none")
    check(shared.graph(), [FuseActivation()], ["conv2d", "relu", "add"])
    check(Sketch((1, 5)).unary("relu").graph(), [FuseActivation()], ["relu"])


def test_int8_activation_is_fused_only_without_a_change_of_scale():
    def graph(after):
        def scale(s):
            return Quantization(np.array([s], np.float32), np.array([0], np.int32))

        weights = np.ones((2, 3), np.int8)
        tensors = (
            Tensor("x", (1, 3), "int8", scale(0.1)),
            Tensor("w", (2, 3), "int8", scale(0.1), weights),
            Tensor("y", (1, 2), "int8", scale(0.2)),
            Tensor("z", (1, 2), "int8", scale(after)),
        )
        ops = (Op("fully_connected", (0, 1, -1), (2,)), Op("relu", (2,), (3,)))
        return Graph("int8", tensors, ops, (0,), (3,))

    same, other = graph(0.2), graph(0.3)
    fused = optimize(same, [FuseActivation()]).graph
    assert len(fused.ops) == 1
    x = np.random.default_rng(0).integers(-128, 128, (20, 3)).astype(np.int8)
    np.testing.assert_array_equal(evaluate(fused, x), evaluate(same, x))
    assert len(optimize(other, [FuseActivation()]).graph.ops) == 2


# --- fuse pad


@pytest.mark.parametrize(
    ("size", "stride", "pads"), [(6, 1, (1, 1)), (6, 2, (0, 1)), (7, 2, (1, 1))]
)
@pytest.mark.parametrize("kind", ["conv2d", "depthwise_conv2d"])
def test_same_padding_is_recognized(kind, size, stride, pads):
    sketch = Sketch((1, size, size, 2)).pad(*pads, *pads)
    sketch.conv2d(kind=kind, stride=stride, padding="valid")
    graph = check(sketch.graph(), [FusePad()], [kind])
    assert graph.ops[0].attributes["padding"] == "same"


def test_padding_stays_where_it_is_not_same():
    even = Sketch((1, 6, 6, 2)).pad(1, 1, 1, 1).conv2d(stride=2, padding="valid")
    check(even.graph(), [FusePad()], ["pad", "conv2d"])
    already = Sketch((1, 6, 6, 2)).pad(1, 1, 1, 1).conv2d()
    check(already.graph(), [FusePad()], ["pad", "conv2d"])
    pool = Sketch((1, 6, 6, 2)).pad(0, 1, 0, 1)
    options = {"filter_height": 3, "filter_width": 3, "stride_h": 2, "stride_w": 2}
    pool.op("average_pool2d", (1, 3, 3, 2), padding="valid", fused_activation="none", **options)
    check(pool.graph(), [FusePad()], ["pad", "average_pool2d"])


@given(
    size=st.integers(3, 9),
    stride=st.integers(1, 3),
    kernel=st.integers(1, 4),
    pads=st.tuples(*[st.integers(0, 2)] * 4),
)
@settings(max_examples=40)
def test_any_padding_keeps_the_result(size, stride, kernel, pads):
    sketch = Sketch((1, size, size, 1)).pad(*pads)
    if min(sketch.shape[1:3]) < kernel:
        return
    graph = sketch.conv2d(out=1, kernel=kernel, stride=stride, padding="valid").graph()
    kinds = [op.kind for op in optimize(graph, [FusePad()]).graph.ops]
    check(graph, [FusePad()], kinds)


# --- remove identity


def test_reshapes_go_away():
    flat = Sketch((1, 4, 4, 2)).conv2d().reshape(1, 64).dense()
    check(flat.graph(), [RemoveIdentity()], ["conv2d", "fully_connected"])
    chain = Sketch((1, 12)).reshape(1, 3, 4).reshape(1, 2, 6).unary("relu")
    check(chain.graph(), [RemoveIdentity()], ["reshape", "relu"])
    same = Sketch((1, 12)).unary("relu").reshape(1, 12).unary("relu6")
    check(same.graph(), [RemoveIdentity()], ["relu", "relu6"])
    nothing = Sketch((1, 4, 4, 2)).conv2d().pad(0, 0, 0, 0).unary("relu")
    check(nothing.graph(), [RemoveIdentity()], ["conv2d", "relu"])


def test_needed_reshapes_stay():
    pooled = Sketch((1, 4, 4, 2)).reshape(1, 2, 8, 2).conv2d()
    check(pooled.graph(), [RemoveIdentity()], ["reshape", "conv2d"])
    output = Sketch((1, 4, 2)).unary("relu").reshape(1, 8)
    check(output.graph(), [RemoveIdentity()], ["relu", "reshape"])
    check(Sketch((1, 12)).reshape(1, 12).graph(), [RemoveIdentity()], ["reshape"])


# --- fold constants


def test_constants_are_folded():
    sketch = Sketch((1, 4))
    values, shape = sketch.constant(np.ones(4)), sketch.constant(np.array([1, 4], np.int32))
    sketch.op("mul", (4,), [sketch.constant(np.full(4, 3.0))], inputs=[values])
    sketch.op("reshape", (1, 4), [shape], inputs=[sketch.last])
    sketch.op("add", (1, 4), [sketch.last], inputs=[0], fused_activation="none")
    graph = check(sketch.graph(), [FoldConstants()], ["add"])
    np.testing.assert_array_equal(graph.tensors[graph.ops[0].inputs[1]].data, np.full((1, 4), 3.0))


def test_float16_weights_become_float32_ones():
    sketch = Sketch((1, 4))
    half = sketch.constant(np.arange(8, dtype=np.float16).reshape(2, 4))
    sketch.op("dequantize", (2, 4), inputs=[half])
    sketch.op("fully_connected", (1, 2), [sketch.last, -1], inputs=[0], fused_activation="none")
    graph = check(sketch.graph(), [FoldConstants()], ["fully_connected"])
    assert graph.tensors[graph.ops[0].inputs[1]].dtype == "float32"


# --- together


def test_all_passes_together():
    sketch = Sketch((1, 8, 8, 2)).pad(0, 1, 0, 1).conv2d(stride=2, padding="valid").batch_norm()
    sketch.unary("relu").conv2d(kind="depthwise_conv2d", bias=False).affine("mul").affine("add")
    sketch.unary("relu6").reshape(1, 64).dense()
    graph = check(sketch.graph(), None, ["conv2d", "depthwise_conv2d", "fully_connected"])
    assert len(graph.tensors) == 1 + 3 + 6, "input, outputs, weights and biases, nothing else"


def test_the_log_names_each_step():
    result = optimize(Sketch((1, 5, 5, 2)).conv2d().batch_norm().unary("relu").graph())
    assert [entry.name for entry in result.applied] == ["fold batch norm", "fuse activation"]


def test_a_pass_that_never_ends_is_stopped():
    class Restless:
        name, unsafe = "restless", "always"

        def match(self, graph, index):
            return True

        def transform(self, graph, index):
            return graph

    with pytest.raises(RuntimeError, match="'restless' does not come to an end"):
        optimize(Sketch((1, 5)).unary("relu").graph(), [Restless()])


def test_unused_operators_are_dropped():
    sketch = Sketch((1, 5, 5, 2)).conv2d(out=2).batch_norm()
    keep = sketch.last
    sketch.unary("relu6")
    graph = check(replace(sketch.graph(), outputs=(keep,)), None, ["conv2d"])
    assert len(graph.tensors) == 4


def test_third_party_models_keep_their_result(real_data):
    for name in ("kws_ref_model", "ad01_fp32"):
        graph = read_tflite(real_data / "reference_models" / f"{name}.tflite")
        source = graph.tensors[graph.inputs[0]]
        rng = np.random.default_rng(0)
        x = rng.integers(-128, 128, (2, *source.shape[1:])).astype(source.dtype)
        small = optimize(graph).graph
        np.testing.assert_array_equal(evaluate(small, x), evaluate(graph, x))
        assert "reshape" not in [op.kind for op in small.ops]
