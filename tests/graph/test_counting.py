"""Counts against the published per-layer table and hand-made graphs."""

import csv

import numpy as np
import pytest

from tinylab.graph import Graph, Op, Tensor, UnsupportedOperatorError, count, read_tflite

PUBLISHED = {
    "kws_ref_model": ("kws", 2_656_768, 22_604),
    "vww_96_int8": ("vww", 7_489_664, 210_850),
    "vww_96_float": ("vww", 7_489_664, 210_850),
    "ad01_int8": ("ad", 264_192, 265_864),
    "ad01_fp32": ("ad", 264_192, 265_864),
}


def single(kind, inputs, output, constants=(), **attributes) -> Graph:
    """A graph of one operator; inputs whose place is in `constants` are weights."""
    tensors = [
        Tensor(f"t{i}", shape, "int8", data=np.zeros(shape, np.int8) if i in constants else None)
        for i, shape in enumerate(inputs)
    ]
    tensors.append(Tensor("out", output, "int8"))
    op = Op(kind, tuple(range(len(inputs))), (len(inputs),), attributes)
    activations = tuple(i for i in range(len(inputs)) if i not in constants)
    return Graph("hand", tuple(tensors), (op,), activations, (len(inputs),))


@pytest.mark.parametrize("name", PUBLISHED)
def test_reference_models_have_the_published_counts(real_data, name):
    model, macs, parameters = PUBLISHED[name]
    footprint = count(read_tflite(real_data / "reference_models" / f"{name}.tflite"))
    assert (footprint.macs, footprint.parameters) == (macs, parameters)
    with (real_data / "mlperf_tiny" / "layers.csv").open() as stream:
        rows = [row for row in csv.DictReader(stream) if row["model"] == model]
    assert len(rows) == len(footprint.per_op)
    for row, op in zip(rows, footprint.per_op, strict=True):
        assert op.kind == row["op"].lower().replace("_2d", "2d")
        assert "x".join(map(str, op.output_shape)) == row["out_shape"]
        assert (op.macs, op.parameters) == (int(row["macs"]), int(row["params"]))
        itemsize = 4 if name.endswith(("float", "fp32")) else 1
        assert op.weight_bytes == itemsize * int(row["weight_bytes_int8"])
        assert (op.input_elements, op.output_elements) == (
            int(row["in_elems"]),
            int(row["out_elems"]),
        )


@pytest.mark.parametrize(
    ("graph", "macs"),
    [
        (single("conv2d", [(1, 8, 8, 4), (16, 3, 3, 2)], (1, 8, 8, 16), {1}), 64 * 16 * 9 * 2),
        (single("depthwise_conv2d", [(1, 8, 8, 4), (1, 5, 3, 8)], (1, 4, 4, 8), {1}), 128 * 15),
        (single("fully_connected", [(3, 10), (7, 10)], (3, 7), {1}), 210),
        (
            single("transpose_conv", [(4,), (6, 2, 2, 5), (1, 4, 4, 5)], (1, 8, 8, 6), {0, 1}),
            16 * 5 * 4 * 6,
        ),
        (single("batch_matmul", [(2, 3, 5), (2, 5, 4)], (2, 3, 4)), 2 * 3 * 4 * 5),
        (single("softmax", [(1, 12)], (1, 12)), 0),
    ],
)
def test_macs_of_each_kind(graph, macs):
    assert count(graph).macs == macs


def test_shared_weights_count_once():
    weights = Tensor("w", (4, 4), "int8", data=np.zeros((4, 4), np.int8))
    values = [Tensor(name, (1, 4), "int8") for name in "abc"]
    ops = (Op("fully_connected", (0, 3), (1,)), Op("fully_connected", (1, 3), (2,)))
    footprint = count(Graph("shared", (*values, weights), ops, (0,), (2,)))
    assert (footprint.macs, footprint.parameters, footprint.weight_bytes) == (32, 16, 16)


def test_weights_behind_a_dequantize_count_as_stored():
    half = Tensor("w16", (4, 8), "float16", data=np.zeros((4, 8), np.float16))
    tensors = (
        Tensor("x", (1, 8), "float32"),
        half,
        Tensor("w32", (4, 8), "float32"),
        Tensor("y", (1, 4), "float32"),
    )
    ops = (Op("dequantize", (1,), (2,)), Op("fully_connected", (0, 2), (3,)))
    footprint = count(Graph("half", tensors, ops, (0,), (3,)))
    assert (footprint.macs, footprint.parameters, footprint.weight_bytes) == (32, 32, 64)
    assert footprint.per_op[1].input_elements == 8


def test_peak_is_the_largest_sum_of_live_activations():
    """x(8) -> a(32) -> b(4); b + x -> y(8): x stays alive until the end."""
    sizes = {"x": 8, "a": 32, "b": 4, "y": 8}
    tensors = tuple(Tensor(name, (1, size), "int8") for name, size in sizes.items())
    ops = (Op("relu", (0,), (1,)), Op("relu", (1,), (2,)), Op("add", (2, 0), (3,)))
    assert count(Graph("skip", tensors, ops, (0,), (3,))).peak_activation_bytes == 8 + 32 + 4


def test_unknown_operators_are_named():
    with pytest.raises(UnsupportedOperatorError, match="operator 0 of hand is 'custom:Wizardry'"):
        count(single("custom:Wizardry", [(1, 4)], (1, 4)))


def test_operators_without_their_tensors_are_refused():
    with pytest.raises(ValueError, match="conv2d, lacks tensors"):
        count(single("conv2d", [(1, 4, 4, 1)], (1, 4, 4, 1)))
