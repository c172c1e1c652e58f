"""Small float graphs for tests."""

from types import MappingProxyType

import numpy as np

from tinylab.graph import Graph, Op, Tensor


class Sketch:
    """A float graph, drawn operator by operator."""

    def __init__(self, shape, seed=0):
        self.rng = np.random.default_rng(seed)
        self.tensors = [Tensor("input", shape, "float32")]
        self.ops = []
        self.last = 0

    def constant(self, data):
        data = np.asarray(data)
        data = data.astype(np.float32) if data.dtype == np.float64 else data
        self.tensors.append(
            Tensor(f"c{len(self.tensors)}", data.shape, data.dtype.name, None, data)
        )
        return len(self.tensors) - 1

    def op(self, kind, shape, constants=(), inputs=None, **attributes):
        self.tensors.append(Tensor(f"t{len(self.tensors)}", tuple(shape), "float32"))
        inputs = [self.last] if inputs is None else inputs
        output = len(self.tensors) - 1
        attributes = MappingProxyType(attributes)
        self.ops.append(Op(kind, (*inputs, *constants), (output,), attributes))
        self.last = output
        return self

    @property
    def shape(self):
        return self.tensors[self.last].shape

    def conv2d(self, out=4, kernel=3, stride=1, padding="same", bias=True, kind="conv2d", **more):
        _, height, width, channels = self.shape
        sides = [
            -(-s // stride) if padding == "same" else (s - kernel) // stride + 1
            for s in (height, width)
        ]
        out = channels if kind == "depthwise_conv2d" else out
        shape = (
            (1, kernel, kernel, out)
            if kind == "depthwise_conv2d"
            else (out, kernel, kernel, channels)
        )
        constants = [self.constant(self.rng.normal(size=shape))]
        constants.append(self.constant(self.rng.normal(size=out)) if bias else -1)
        options = {"stride_h": stride, "stride_w": stride, "padding": padding}
        options = {"fused_activation": "none"} | options | more
        return self.op(kind, (1, *sides, out), constants, **options)

    def dense(self, out=3):
        size = int(np.prod(self.shape))
        constants = [
            self.constant(self.rng.normal(size=(out, size))),
            self.constant(self.rng.normal(size=out)),
        ]
        return self.op("fully_connected", (1, out), constants, fused_activation="none")

    def batch_norm(self):
        size = self.shape[-1]
        values = [self.rng.normal(size=size) for _ in range(3)] + [self.rng.uniform(0.1, 2, size)]
        return self.op(
            "batch_normalization", self.shape, [self.constant(v) for v in values], epsilon=1e-3
        )

    def affine(self, kind, **more):
        values = self.constant(self.rng.normal(size=self.shape[-1]))
        return self.op(kind, self.shape, [values], **more)

    def unary(self, kind):
        return self.op(kind, self.shape)

    def pad(self, top, bottom, left, right):
        amounts = np.array([(0, 0), (top, bottom), (left, right), (0, 0)], np.int32)
        shape = tuple(int(s + sum(a)) for s, a in zip(self.shape, amounts, strict=True))
        return self.op("pad", shape, [self.constant(amounts)])

    def reshape(self, *shape):
        return self.op("reshape", shape, [self.constant(np.array(shape, np.int32))])

    def graph(self, outputs=None):
        return Graph("sketch", tuple(self.tensors), tuple(self.ops), (0,), outputs or (self.last,))
