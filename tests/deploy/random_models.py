"""Small random int8 models for the tests of code generation, without TensorFlow."""

from types import MappingProxyType

import numpy as np

from tinylab.graph import Graph, Op, Quantization, Tensor
from tinylab.graph.writer import write_tflite


class ModelBuilder:
    """Strings int8 operators together, with random weights and scales that keep outputs spread."""

    def __init__(self, shape, seed=0, scale=0.05, zero_point=None):
        self.rng = np.random.default_rng(seed)
        self.tensors, self.ops = [], []
        self.last = self.activation(shape, scale, zero_point)
        self.input = self.last

    def zero_point(self):
        return int(self.rng.integers(-40, 40))

    def activation(self, shape, scale, zero_point=None, dtype="int8"):
        zero_point = self.zero_point() if zero_point is None else zero_point
        stored = Quantization(np.array([scale], np.float32), np.array([zero_point], np.int32))
        return self.add_tensor(shape, dtype, stored if dtype == "int8" else None)

    def add_tensor(self, shape, dtype, quantization=None, data=None):
        name = f"tensor {len(self.tensors)}"
        self.tensors.append(Tensor(name, tuple(shape), dtype, quantization, data))
        return len(self.tensors) - 1

    def constant(self, data, scales=None, axis=None):
        stored = None
        if scales is not None:
            scales = np.asarray(scales, np.float32)
            stored = Quantization(scales, np.zeros(len(scales), np.int32), axis)
        return self.add_tensor(data.shape, data.dtype.name, stored, data)

    def shape(self, tensor=None):
        return self.tensors[self.last if tensor is None else tensor].shape

    def scale(self, tensor=None):
        return float(self.tensors[self.last if tensor is None else tensor].quantization.scale[0])

    def op(self, kind, inputs, output, **attributes):
        self.ops.append(Op(kind, tuple(inputs), (output,), MappingProxyType(attributes)))
        self.last = output
        return self

    def _layer(self, kind, weights, axis, shape, taps, per_channel, bias, **attributes):
        channels = shape[-1]
        spread = self.rng.uniform(0.3, 1.7, channels if per_channel else 1)
        step = 0.013 / np.sqrt(taps)  # keeps real values in the same range from layer to layer
        scales = (step * spread).astype(np.float32)
        axis = axis if per_channel else None
        inputs = [self.last, self.constant(weights, scales, axis)]
        if bias:
            values = self.rng.integers(-3000, 3000, channels).astype(np.int32)
            inputs.append(
                self.constant(
                    values, scales * np.float32(self.scale()), 0 if axis is not None else None
                )
            )
        real_spread = self.scale() * step * np.sqrt(taps) * 74 * 74
        activation = attributes.get("fused_activation", "none")
        zero_point = -128 if activation != "none" and self.rng.random() < 0.7 else None
        output = self.activation(shape, real_spread / self.rng.uniform(30, 60), zero_point)
        return self.op(kind, inputs, output, **attributes)

    def _sides(self, size, kernel, stride, dilation, padding):
        span = (kernel - 1) * dilation + 1
        return -(-size // stride) if padding == "same" else (size - span) // stride + 1

    def conv2d(self, out, kernel, stride=(1, 1), **settings):
        weights = self.rng.integers(-127, 128, (out, *kernel, self.shape()[3])).astype(np.int8)
        return self._convolve("conv2d", weights, out, kernel, stride, **settings)

    def depthwise_conv2d(self, kernel, stride=(1, 1), multiplier=1, **settings):
        out = self.shape()[3] * multiplier
        weights = self.rng.integers(-127, 128, (1, *kernel, out)).astype(np.int8)
        more = {"depth_multiplier": multiplier, **settings}
        return self._convolve("depthwise_conv2d", weights, out, kernel, stride, **more)

    def _convolve(
        self,
        kind,
        weights,
        out,
        kernel,
        stride,
        padding="same",
        dilation=(1, 1),
        per_channel=True,
        bias=True,
        activation="none",
        **more,
    ):
        _, height, width, channels = self.shape()
        shape = (
            1,
            self._sides(height, kernel[0], stride[0], dilation[0], padding),
            self._sides(width, kernel[1], stride[1], dilation[1], padding),
            out,
        )
        taps = kernel[0] * kernel[1] * (1 if kind[0] == "d" else channels)
        return self._layer(
            kind,
            weights,
            3 if kind[0] == "d" else 0,
            shape,
            taps,
            per_channel,
            bias,
            stride_h=stride[0],
            stride_w=stride[1],
            padding=padding,
            fused_activation=activation,
            dilation_h_factor=dilation[0],
            dilation_w_factor=dilation[1],
            **more,
        )

    def fully_connected(self, out, per_channel=False, bias=True, activation="none"):
        rows, size = self.shape()
        weights = self.rng.integers(-127, 128, (out, size)).astype(np.int8)
        return self._layer(
            "fully_connected",
            weights,
            0,
            (rows, out),
            size,
            per_channel,
            bias,
            fused_activation=activation,
        )

    def pool(self, kind, size, stride=None, padding="valid", activation="none"):
        _, height, width, channels = self.shape()
        stride = stride or size
        shape = (
            1,
            *(self._sides(*side, 1, padding) for side in zip((height, width), size, stride)),
            channels,
        )
        quantization = self.tensors[self.last].quantization
        output = self.add_tensor(shape, "int8", quantization)
        return self.op(
            f"{kind}_pool2d",
            [self.last],
            output,
            filter_height=size[0],
            filter_width=size[1],
            stride_h=stride[0],
            stride_w=stride[1],
            padding=padding,
            fused_activation=activation,
        )

    def add(self, first, second, activation="none"):
        shape = self.shape(first)
        output = self.activation(shape, self.scale(first) + self.scale(second))
        return self.op("add", [first, second], output, fused_activation=activation)

    def pad(self, amounts):
        shape = tuple(int(s + sum(a)) for s, a in zip(self.shape(), amounts, strict=True))
        output = self.add_tensor(shape, "int8", self.tensors[self.last].quantization)
        return self.op("pad", [self.last, self.constant(np.array(amounts, np.int32))], output)

    def mean(self, keep=True):
        channels = self.shape()[3]
        shape = (1, 1, 1, channels) if keep else (1, channels)
        output = self.activation(shape, self.scale() * 0.6)
        axes = self.constant(np.array([1, 2], np.int32))
        return self.op("mean", [self.last, axes], output, keep_dims=keep)

    def rescale(self, kind):
        if kind == "relu6":  # TensorFlow Lite Micro takes its two scales to be the same
            output = self.add_tensor(self.shape(), "int8", self.tensors[self.last].quantization)
        else:
            output = self.activation(self.shape(), self.scale() * self.rng.uniform(0.6, 1.5))
        return self.op(kind, [self.last], output)

    def reshape(self, shape):
        output = self.add_tensor(shape, "int8", self.tensors[self.last].quantization)
        target = self.constant(np.array(shape, np.int32))
        return self.op("reshape", [self.last, target], output)

    def flatten(self):
        return self.reshape((1, int(np.prod(self.shape()))))

    def softmax(self):
        return self.op(
            "softmax", [self.last], self.activation(self.shape(), 1 / 256, -128), beta=1.0
        )

    def quantize_float(self, shape, scale=0.1):
        """Put a float input before everything; only at the start."""
        source = self.add_tensor(shape, "float32")
        self.input = source
        return self.op("quantize", [source], self.last)

    def dequantize(self):
        return self.op("dequantize", [self.last], self.add_tensor(self.shape(), "float32"))

    def graph(self, name="model"):
        return Graph(name, tuple(self.tensors), tuple(self.ops), (self.input,), (self.last,))

    def tflite(self):
        return write_tflite(self.graph())


def _models():
    """One builder a name; together they use every supported operator and many of their options."""
    yield (
        "ds_cnn",
        (
            ModelBuilder((1, 25, 10, 1), 1, scale=0.012)
            .conv2d(8, (10, 4), (2, 2), activation="relu")
            .depthwise_conv2d((3, 3), activation="relu")
            .conv2d(12, (1, 1), activation="relu")
            .depthwise_conv2d((3, 3), (2, 2), activation="relu6")
            .conv2d(16, (1, 1))
            .pool("average", (7, 2), padding="valid")
            .flatten()
            .fully_connected(5)
            .softmax()
        ),
    )
    yield (
        "image",
        (
            ModelBuilder((1, 17, 16, 3), 2)
            .conv2d(8, (3, 3), (2, 2), activation="relu")
            .conv2d(6, (3, 3), padding="valid")
            .pool("max", (3, 2), (2, 2), padding="same", activation="relu")
            .conv2d(7, (1, 1))
            .mean(keep=False)
            .fully_connected(6, per_channel=True)
        ),
    )
    yield (
        "odd",
        (
            ModelBuilder((1, 9, 8, 3), 3)
            .depthwise_conv2d((3, 2), multiplier=2, per_channel=False)
            .conv2d(5, (3, 3), dilation=(2, 2))
            .depthwise_conv2d((2, 3), (2, 1), activation="relu_n1_to_1")
            .conv2d(4, (2, 2), per_channel=False)
            .depthwise_conv2d((3, 3), dilation=(1, 2))
            .pad([(0, 0), (1, 2), (0, 1), (0, 1)])
            .pool("average", (2, 2), (1, 1), padding="same", activation="relu6")
        ),
    )
    residual = ModelBuilder((1, 8, 8, 4), 4).conv2d(8, (3, 3), activation="relu")
    shortcut = residual.last
    residual.depthwise_conv2d((3, 3)).conv2d(8, (1, 1))
    residual.add(residual.last, shortcut, activation="relu").rescale("relu6").rescale("quantize")
    residual.reshape((1, 4, 16, 8)).rescale("relu").flatten().fully_connected(9, activation="relu")
    yield "residual", residual
    dense = ModelBuilder((1, 64), 5)
    for width in (32, 8, 7, 20):
        dense.fully_connected(width, activation="relu", bias=width != 8)
    yield "dense", dense
    yield (
        "float_ends",
        (ModelBuilder((1, 6, 6, 2), 6).quantize_float((1, 6, 6, 2)).conv2d(4, (3, 3)).dequantize()),
    )


MODELS = dict(_models())
