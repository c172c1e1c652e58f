"""Costs in whole arrays are those of the network's graph: cycles, arena, weights."""

import numpy as np
import pytest

from tinylab import cost
from tinylab.graph import Graph, Op, Tensor, count
from tinylab.graph.memory import plan
from tinylab.search.space import KEYWORDS, Architecture, Space, as_rows, costs_of

BOARD = "nucleo_l4r5zi"
WIDE = Space((2, 3, 4), (16, 24, 32, 48, 64))


def chain(one: Architecture) -> Graph:
    """The int8 program of a network, written operator by operator."""
    tensors, ops = [Tensor("mfcc", (1, 49, 10, 1), "int8", None, None)], []
    frames = -(-49 // one.stride)

    def add(kind, shape, weights=None, **attributes):
        inputs = [len(tensors) - 1] if not ops else [ops[-1].outputs[0]]
        if weights:
            bias = (weights[-1],) if kind == "depthwise_conv2d" else (weights[0],)
            for size, dtype in ((weights, "int8"), (bias, "int32")):
                values = np.broadcast_to(np.ones((), dtype), size)
                tensors.append(Tensor("w", size, dtype, None, values))
                inputs.append(len(tensors) - 1)
        tensors.append(Tensor("a", shape, "int8", None, None))
        ops.append(Op(kind, tuple(inputs), (len(tensors) - 1,), attributes))

    same = {"padding": "same", "fused_activation": "relu"}
    first, *others = one.widths
    add("conv2d", (1, frames, 5, first), (first, 10, 4, 1), stride_h=one.stride, stride_w=2, **same)
    last = first
    for width in others:
        add("depthwise_conv2d", (1, frames, 5, last), (1, 3, 3, last), stride_h=1, stride_w=1,
            depth_multiplier=1, **same)  # fmt: skip
        add("conv2d", (1, frames, 5, width), (width, 1, 1, last), stride_h=1, stride_w=1, **same)
        last = width
    add("average_pool2d", (1, 1, 1, last), filter_height=frames, filter_width=5, stride_h=frames,
        stride_w=5, padding="valid", fused_activation="none")  # fmt: skip
    add("fully_connected", (1, 12), (12, last), fused_activation="none")
    add("softmax", (1, 12), beta=1.0)
    return Graph(str(one), tuple(tensors), tuple(ops), (0,), (len(tensors) - 1,))


def drawn(number: int) -> list[Architecture]:
    rng = np.random.default_rng(3)
    return [(WIDE if k % 2 else KEYWORDS).sample(rng) for k in range(number)]


def test_equal_to_the_graph():
    networks = drawn(50)
    costs = costs_of(as_rows(networks))
    latency_ms = cost.sweep(costs.amounts, [BOARD]).latency_ms[:, 0, 0]
    for at, one in enumerate(networks):
        graph = chain(one)
        footprint = count(graph)
        assert plan(graph).arena_bytes == costs.arena_bytes[at], one
        assert footprint.weight_bytes + footprint.bias_bytes == costs.weight_bytes[at], one
        assert footprint.macs == costs.macs[at], one
        assert latency_ms[at] == pytest.approx(cost.latency(graph, BOARD).latency_ms, rel=1e-12)


def test_the_bundled_network_is_the_largest_of_the_space():
    (costs,) = [costs_of(as_rows([Architecture(2, (64,) * 5)]))]
    assert (costs.macs[0], costs.arena_bytes[0]) == (2_656_768, 16_000)


def test_how_many_there_are():
    assert len(KEYWORDS.architectures) == len(set(KEYWORDS.architectures)) == 1_080
    assert len(WIDE.architectures) == 11_700


def test_every_depth_is_drawn():
    rng = np.random.default_rng(0)
    known = set(KEYWORDS.architectures)
    sample = [KEYWORDS.sample(rng) for _ in range(200)]
    assert set(sample) <= known and {one.depth for one in sample} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    "rows",
    [
        np.zeros((2, 6)),
        np.zeros((2, 5), int),
        np.array([[2, 16, 0, 16, 0, 0]]),
        np.array([[0, 16, 16, 0, 0, 0]]),
        np.array([[2, 0, 16, 0, 0, 0]]),
    ],
)
def test_rows_that_are_no_networks_are_refused(rows):
    with pytest.raises(ValueError, match="shape|needs"):
        costs_of(rows)
