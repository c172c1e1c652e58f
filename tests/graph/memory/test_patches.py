"""Patches: the same answer as the whole, by evaluator and by LiteRT; costs counted by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.deploy.litert import LiteRTModel
from tinylab.graph import Graph, Op, Quantization, Tensor, count, read_tflite
from tinylab.graph.evaluate import evaluate
from tinylab.graph.memory import plan
from tinylab.graph.memory.patch_graphs import evaluate_patched, patch_graph
from tinylab.graph.memory.patches import input_span, patchable_depth, plan_patches
from tinylab.graph.writer import write_tflite
from tinylab.models.checkpoints import REFERENCE


def scaled(scale, zero=0, axis=None, channels=1) -> Quantization:
    return Quantization(
        np.full(channels, scale, np.float32), np.full(channels, zero, np.int32), axis
    )


def small_network(side=16, width=None) -> Graph:
    """int8, padded: conv 3x3 stride 2, depthwise 3x3, conv 1x1, depthwise 5x5 stride 2, mean."""
    rng = np.random.default_rng(0)
    width = side if width is None else width
    layers = [
        ("conv2d", (6, 3, 3, 3), 2, 0),
        ("depthwise_conv2d", (1, 3, 3, 6), 1, 3),
        ("conv2d", (8, 1, 1, 6), 1, 0),
        ("depthwise_conv2d", (1, 5, 5, 8), 2, 3),
    ]
    tensors, ops = [Tensor("x", (1, side, width, 3), "int8", scaled(0.02, 7))], []
    for kind, shape, stride, axis in layers:
        reads, sides = len(tensors) - 1, [-(-size // stride) for size in tensors[-1].shape[1:3]]
        out = shape[axis]
        weights = rng.integers(-90, 91, shape).astype(np.int8)
        bias = rng.integers(-900, 900, out).astype(np.int32)
        tensors += [
            Tensor("w", shape, "int8", scaled(0.01, 0, axis, out), weights),
            Tensor("b", (out,), "int32", scaled(2e-4, 0, 0, out), bias),
            Tensor("y", (1, *sides, out), "int8", scaled(0.03, -20)),
        ]
        options = {"stride_h": stride, "stride_w": stride, "padding": "same"}
        options |= {"fused_activation": "relu", "dilation_h_factor": 1, "dilation_w_factor": 1}
        if kind == "depthwise_conv2d":
            options["depth_multiplier"] = 1
        ops.append(Op(kind, (reads, reads + 1, reads + 2), (reads + 3,), options))
    last = len(tensors) - 1
    tensors += [
        Tensor("axes", (2,), "int32", None, np.array([1, 2], np.int32)),
        Tensor("z", (1, 8), "int8", scaled(0.03, -20)),
    ]
    ops.append(Op("mean", (last, last + 1), (last + 2,), {"keep_dims": False}))
    return Graph("small", tuple(tensors), tuple(ops), (0,), (last + 2,))


@pytest.mark.parametrize("side", [16, 15])
@pytest.mark.parametrize("grid", [2, 3])
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_patches_compute_what_the_whole_computes(side, grid, depth):
    graph = small_network(side)
    x = np.random.default_rng(1).integers(-128, 128, (2, side, side, 3)).astype(np.int8)
    whole = evaluate(graph, x)
    np.testing.assert_array_equal(evaluate_patched(graph, x, depth=depth, grid=grid), whole)
    assert len(np.unique(whole)) > 4


def test_litert_computes_a_patch_as_a_part_of_the_whole():
    graph = small_network()
    patch = plan_patches(graph, depth=4, grid=2).patches[1]
    stage = Graph("stage", graph.tensors, graph.ops[:4], (0,), graph.ops[3].outputs)
    x = np.random.default_rng(2).integers(-128, 128, (3, 16, 16, 3)).astype(np.int8)
    whole = LiteRTModel(write_tflite(stage), exact=True).predict_quantized(x)
    rows, columns = patch.rows[0], patch.columns[0]
    seen = x[:, rows.start : rows.stop, columns.start : columns.stop]
    part = LiteRTModel(write_tflite(patch_graph(graph, 4, patch)), exact=True)
    rows, columns = patch.rows[-1], patch.columns[-1]
    expected = whole[:, rows.start : rows.stop, columns.start : columns.stop]
    np.testing.assert_array_equal(part.predict_quantized(seen), expected)


def test_a_bundled_model_in_patches():
    graph = read_tflite(REFERENCE / "keyword_spotting_compress.tflite")
    depth = patchable_depth(graph)
    assert [op.kind for op in graph.ops[:depth]][-1] in ("conv2d", "depthwise_conv2d")
    x = np.random.default_rng(3).integers(-128, 128, (1, 49, 10, 1)).astype(np.int8)
    np.testing.assert_array_equal(evaluate_patched(graph, x, depth=3, grid=2), evaluate(graph, x))


@given(
    size=st.integers(1, 40),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 2),
    data=st.data(),
)
@settings(max_examples=150)
def test_a_span_is_what_the_windows_touch(size, kernel, stride, dilation, data):
    """Against the windows one by one; SAME padding."""
    count_ = -(-size // stride)
    before = max((count_ - 1) * stride + (kernel - 1) * dilation + 1 - size, 0) // 2
    start = data.draw(st.integers(0, count_ - 1))
    stop = data.draw(st.integers(start + 1, count_))
    span = input_span(
        start, stop, kernel=kernel, stride=stride, size=size, pad_before=before, dilation=dilation
    )
    touched = [
        output * stride - before + tap * dilation
        for output in range(start, stop)
        for tap in range(kernel)
    ]
    inside = [position for position in touched if 0 <= position < size]
    if inside:
        assert span.start <= min(inside) and span.stop >= max(inside) + 1
    assert span.start - span.pad_before == min(touched)
    assert span.stop + span.pad_after == max(touched) + 1


def test_macs_and_memory_by_hand():
    """A 3x3 and a 3x3 convolution on 8 x 8, two by two patches of 4 x 4.

    The second reads 5 x 5 of each patch (one side is the picture's edge), so the first writes 25
    pixels four times, 100 instead of 64.
    """
    tensors = [Tensor("x", (1, 8, 8, 1), "int8", scaled(1.0))]
    for channels, reads in ((2, 1), (3, 2)):
        tensors += [
            Tensor(
                "w",
                (channels, 3, 3, reads),
                "int8",
                data=np.zeros((channels, 3, 3, reads), np.int8),
            ),
            Tensor("y", (1, 8, 8, channels), "int8", scaled(1.0)),
        ]
    options = {"stride_h": 1, "stride_w": 1, "padding": "same"}
    ops = (Op("conv2d", (0, 1), (2,), options), Op("conv2d", (2, 3), (4,), options))
    graph = Graph("two", tuple(tensors), ops, (0,), (4,))
    planned = plan_patches(graph, depth=2, grid=2)
    assert planned.whole_macs == 64 * 9 * 2 + 64 * 9 * 2 * 3
    assert planned.extra_macs == 36 * 9 * 2
    # The picture, a tile of 5 x 5 x 2 and the whole result of 8 x 8 x 3.
    assert planned.stage_bytes == 64 + 50 + 192
    # Without the picture: its tile of 6 x 6 beside the tile it makes.
    streamed = plan_patches(graph, depth=2, grid=2, input_resident=False)
    assert streamed.stage_bytes == 36 + 50 + 192
    assert planned.whole_peak_bytes == 128 + 192


def test_one_patch_is_the_whole():
    graph = small_network()
    planned = plan_patches(graph, depth=3, grid=1)
    assert (planned.extra_macs, planned.macs) == (0, count(graph).macs)
    assert planned.peak_bytes == planned.whole_peak_bytes == plan(graph).lower_bound_bytes


@pytest.mark.parametrize("width", [16, 10])
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_the_macs_are_those_of_the_patches_graphs(depth, width):
    graph = small_network(16, width)
    planned = plan_patches(graph, depth=depth, grid=2)
    assert isinstance(planned.macs, int)
    stage = sum(count(patch_graph(graph, depth, patch)).macs for patch in planned.patches)
    rest = sum(row.macs for row in count(graph).per_op[depth:])
    assert planned.macs == stage + rest


def test_patches_halve_the_memory_of_the_mobilenet(real_data):
    graph = read_tflite(real_data / "reference_models" / "vww_96_int8.tflite")
    planned = plan_patches(graph, depth=8, grid=3, input_resident=False)
    assert planned.whole_peak_bytes == 55_296
    assert planned.peak_bytes < 55_296 / 2
    assert 0 < planned.extra_macs / planned.whole_macs < 0.25


@pytest.mark.parametrize(
    "depth, grid, message",
    [(0, 2, "depth must be 1 to 4"), (5, 2, "depth must be 1 to 4"), (4, 5, "grid must be 1 to 4")],
)
def test_what_cannot_be_patched_is_said(depth, grid, message):
    with pytest.raises(ValueError, match=message):
        plan_patches(small_network(), depth=depth, grid=grid)


@pytest.mark.parametrize("sides, depth", [((16, 1), 4), ((1, 16), 4), ((1, 1), 0)])
def test_a_single_row_or_column_is_a_picture_and_a_single_pixel_is_none(sides, depth):
    assert patchable_depth(small_network(*sides)) == depth


def test_a_branch_ends_the_chain():
    graph = small_network()
    branched = Graph(
        "branched", graph.tensors, (*graph.ops, Op("relu", (3,), (6,), {})), (0,), graph.outputs
    )
    assert patchable_depth(branched) == 1
