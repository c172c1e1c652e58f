"""Int8 programs that are one chain of operators, and whether costs in whole arrays are theirs."""

from collections.abc import Iterable

import numpy as np
import pytest

from tinylab import cost
from tinylab.graph import Graph, Op, Tensor, count
from tinylab.graph.memory import plan
from tinylab.search.costs import Costs

BOARD = "nucleo_l4r5zi"


def assert_equal_to_graphs(costs: Costs, graphs: Iterable[Graph]):
    """Latency to 1e-12, arena, bytes and multiply-accumulates exactly, a graph for each entry."""
    latency_ms = cost.sweep(costs.amounts, [BOARD]).latency_ms[:, 0, 0]
    for at, graph in enumerate(graphs):
        footprint = count(graph)
        assert plan(graph).arena_bytes == costs.arena_bytes[at], graph.name
        assert footprint.weight_bytes + footprint.bias_bytes == costs.weight_bytes[at], graph.name
        assert footprint.macs == costs.macs[at], graph.name
        assert latency_ms[at] == pytest.approx(cost.latency(graph, BOARD).latency_ms, rel=1e-12)
    assert at + 1 == len(costs.macs)


class Chain:
    """A program under construction; every operator reads what the one before it wrote."""

    def __init__(self, name: str, shape: tuple[int, ...]):
        self._tensors = [Tensor(name, shape, "int8", None, None)]
        self._ops: list[Op] = []

    def convolution(self, shape, kernel, *, stride=1):
        """Kernel and stride are numbers or (height, width)."""
        (height, width), (down, across) = np.broadcast_to(kernel, 2), np.broadcast_to(stride, 2)
        weights = (shape[-1], int(height), int(width), self._channels)
        self._add("conv2d", shape, weights, (shape[-1],), stride_h=int(down), stride_w=int(across),
                  padding="same", fused_activation="relu")  # fmt: skip

    def depthwise(self, shape, *, stride=1):
        weights, biases = (1, 3, 3, shape[-1]), (shape[-1],)
        self._add("depthwise_conv2d", shape, weights, biases, depth_multiplier=1, stride_h=stride,
                  stride_w=stride, padding="same", fused_activation="relu")  # fmt: skip

    def pool_and_classify(self, area, *, classes):
        height, width = area
        last = self._channels
        window = {"filter_height": height, "filter_width": width}
        steps = {"stride_h": height, "stride_w": width}
        self._add("average_pool2d", (1, 1, last), **window, **steps, padding="valid",
                  fused_activation="none")  # fmt: skip
        self._add("fully_connected", (classes,), (classes, last), (classes,),
                  fused_activation="none")  # fmt: skip
        self._add("softmax", (classes,), beta=1.0)

    def graph(self, name: str) -> Graph:
        last = len(self._tensors) - 1
        return Graph(name, tuple(self._tensors), tuple(self._ops), (0,), (last,))

    @property
    def _channels(self) -> int:
        return self._tensors[self._ops[-1].outputs[0] if self._ops else 0].shape[-1]

    def _add(self, kind, shape, weights=None, biases=None, **attributes):
        inputs = [self._ops[-1].outputs[0] if self._ops else 0]
        for size, dtype in ((weights, "int8"), (biases, "int32")):
            if size:
                values = np.broadcast_to(np.ones((), dtype), size)
                self._tensors.append(Tensor("w", size, dtype, None, values))
                inputs.append(len(self._tensors) - 1)
        self._tensors.append(Tensor("a", (1, *shape), "int8", None, None))
        self._ops.append(Op(kind, tuple(inputs), (len(self._tensors) - 1,), attributes))
