"""What is written is read back as the same graph, and runs the same."""

from types import MappingProxyType

import numpy as np
import pytest

from tinylab.graph import Graph, Op, Quantization, Tensor, read_tflite
from tinylab.graph.writer import write_tflite


def small_graph(kind="fully_connected", dtype="int8"):
    scale = Quantization(np.array([0.1], np.float32), np.array([3], np.int32))
    weights = np.arange(-7, 8, dtype=np.int8).reshape(3, 5)
    tensors = (
        Tensor("x", (1, 5), "int8", scale),
        Tensor("w", (3, 5), dtype, scale, weights),
        Tensor("y", (1, 3), "int8", scale),
    )
    options = MappingProxyType({"fused_activation": "relu6", "keep_num_dims": False})
    return Graph("small", tensors, (Op(kind, (0, 1, -1), (2,), options),), (0,), (2,))


@pytest.mark.parametrize("dtype", ["int8", "int4"])
def test_round_trip(dtype):
    graph = small_graph(dtype=dtype)
    again = read_tflite(write_tflite(graph))
    for before, after in zip(graph.tensors, again.tensors, strict=True):
        assert (before.name, before.shape, before.dtype) == (after.name, after.shape, after.dtype)
        np.testing.assert_array_equal(before.quantization.scale, after.quantization.scale)
        assert before.is_constant == after.is_constant
    np.testing.assert_array_equal(graph.tensors[1].data, again.tensors[1].data)
    assert again.ops[0].kind == "fully_connected" and again.ops[0].inputs == (0, 1, -1)
    assert again.ops[0].attributes["fused_activation"] == "relu6"


def test_what_cannot_be_written_is_named():
    with pytest.raises(ValueError, match="'lstm'"):
        write_tflite(small_graph(kind="lstm"))
    with pytest.raises(ValueError, match="unknown type int3"):
        write_tflite(small_graph(dtype="int3"))


@pytest.mark.parametrize("name", ["kws_ref_model", "vww_96_int8", "ad01_fp32"])
def test_third_party_models_survive(real_data, name):
    path = real_data / "reference_models" / f"{name}.tflite"
    graph = read_tflite(path)
    content = write_tflite(graph)
    assert len(content) <= path.stat().st_size
    again = read_tflite(content)
    assert [dict(op.attributes) for op in again.ops] == [dict(op.attributes) for op in graph.ops]
