"""A dilated convolution that the converter took apart becomes one operator again."""

import numpy as np
import pytest

from tests.graph.sketch import Sketch
from tinylab.graph.evaluate import evaluate
from tinylab.graph.passes import BlocksOfImages, FuseDilation, optimize

PLAIN = {"stride_h": 1, "stride_w": 1, "padding": "valid", "fused_activation": "relu"}


def taken_apart(length, size, block, pads, crops, one_row):
    """As the converter writes it with a batch of any size: shapes claim a batch of one."""
    rng = np.random.default_rng(length)
    sketch = Sketch((1, length, 4) if one_row else (1, 9, length, 4))
    spread = (length + sum(pads)) // block
    weights = rng.normal(size=(5, 1 if one_row else 3, size, 4))
    if one_row:
        ends = [sketch.constant(np.array(values)) for values in ([block], [pads])]
        sketch.op("space_to_batch_nd", (1, spread, 4), ends)
        sketch.op("expand_dims", (1, 1, spread, 4), [sketch.constant(np.array(-3))])
        sketch.op("conv2d", (1, 1, spread - size + 1, 5), [sketch.constant(weights), -1], **PLAIN)
        shape = sketch.constant(np.array([-1, spread - size + 1, 5]))
        sketch.op("reshape", (1, spread - size + 1, 5), [shape])
        ends = [sketch.constant(np.array(values)) for values in ([block], [crops])]
        out = (spread - size + 1) * block - sum(crops)
        sketch.op("batch_to_space_nd", (1, out, 5), ends)
        return sketch.graph(), weights, out
    height = ([0, -9 % block], [0, -9 % block])
    ends = [sketch.constant(np.array(values)) for values in ([block, block], [height[0], pads])]
    rows = (9 + height[0][1]) // block
    sketch.op("space_to_batch_nd", (1, rows, spread, 4), ends)
    shape = (1, rows - 2, spread - size + 1, 5)
    sketch.op("conv2d", shape, [sketch.constant(weights), -1], **PLAIN)
    ends = [sketch.constant(np.array(values)) for values in ([block, block], [height[1], crops])]
    out = (spread - size + 1) * block - sum(crops)
    sketch.op("batch_to_space_nd", (1, 9 - 2 * block, out, 5), ends)
    return sketch.graph(), weights, out


def expected(x, weights, block, before):
    """By the definition of a dilated convolution, with zeros around."""
    rows, size = weights.shape[1:3]
    x = np.pad(x, [(0, 0), (0, 0), (before, 4 * block * size), (0, 0)])
    height = x.shape[1] - (rows - 1) * block
    y = np.zeros((len(x), height, x.shape[2] - (size - 1) * block, len(weights)))
    for i in range(rows):
        for j in range(size):
            part = x[:, i * block : i * block + height, j * block : j * block + y.shape[2]]
            y += part @ weights[:, i, j].T
    return np.maximum(y, 0)


@pytest.mark.parametrize(
    ("one_row", "length", "size", "block", "pads", "crops"),
    [
        (True, 40, 3, 3, [0, 2], [0, 2]),  # without padding
        (False, 40, 3, 3, [0, 2], [0, 2]),
        (True, 38, 3, 2, [2, 2], [0, 0]),  # same
        (True, 39, 3, 2, [2, 3], [0, 1]),
    ],
)
def test_both_kinds_of_padding(one_row, length, size, block, pads, crops):
    same = pads[0] > 0
    graph, weights, out = taken_apart(length, size, block, pads, crops, one_row)
    result = optimize(graph, [BlocksOfImages(), FuseDilation()]).graph
    kinds = [op.kind for op in result.ops]
    assert kinds == (["reshape", "conv2d", "reshape"] if one_row else ["conv2d"])
    x = np.random.default_rng(1).normal(size=(3, 1 if one_row else 9, length, 4)).astype("float32")
    shape = (3, *graph.tensors[graph.inputs[0]].shape[1:])
    y = evaluate(result, x.reshape(shape)).reshape(3, -1, out, 5)
    right = expected(x, weights, block, pads[0] if same else 0)[:, :, :out]
    np.testing.assert_allclose(y, right, rtol=1e-4, atol=1e-4)


def test_other_amounts_stay():
    graph, *_ = taken_apart(39, 3, 2, [3, 2], [1, 0], True)
    kinds = [op.kind for op in optimize(graph, [BlocksOfImages(), FuseDilation()]).graph.ops]
    assert "space_to_batch_nd" in kinds
