"""Keras layers that compute with quantized values in float: what training must see to get used to
it.

In the forward pass weights and activations take only the values that the integers can represent; in
the backward pass rounding counts as the identity (the straight-through estimator). TensorFlow's own
fake-quantization operators are used, because the LiteRT converter reads the ranges from them.
"""

import keras
import tensorflow as tf
from keras import ops

__all__ = [
    "ActivationQuantizer",
    "QuantizedConv2D",
    "QuantizedDense",
    "QuantizedDepthwiseConv2D",
]

SMALLEST_RANGE = 1e-6


@keras.saving.register_keras_serializable(package="tinylab")
class ActivationQuantizer(keras.layers.Layer):
    """Fake-quantizes an activation to a range that follows a moving average of its minima and
    maxima.

    The first training batch sets the range, later ones move it (Jacob et al. 2018, section 3.1).
    Before that it is empty, `is_calibrated` is False, and everything becomes zero.

    Parameters
    ----------
    bits : int
        2 to 16; LiteRT programs need 8.
    momentum : float
        Share of the old range kept at each training step.
    """

    def __init__(self, bits: int = 8, momentum: float = 0.95, **options):
        super().__init__(**options)
        self.bits, self.momentum = bits, momentum

    def build(self, input_shape):
        self.low = self.add_weight(name="low", shape=(), initializer="zeros", trainable=False)
        self.high = self.add_weight(name="high", shape=(), initializer="zeros", trainable=False)

    @property
    def is_calibrated(self) -> bool:
        """Whether the range has been set."""
        return float(self.high) > float(self.low)

    def set_range(self, low: float, high: float) -> None:
        """Set the range; it is widened to hold zero."""
        self.low.assign(min(low, 0.0))
        self.high.assign(max(high, 0.0))

    def call(self, x, training=False):
        if training:
            empty = ops.equal(self.low, self.high)
            keep = ops.where(empty, 0.0, self.momentum)
            low, high = ops.minimum(ops.min(x), 0.0), ops.maximum(ops.max(x), 0.0)
            self.low.assign(keep * self.low + (1 - keep) * low)
            self.high.assign(keep * self.high + (1 - keep) * high)
        return tf.quantization.fake_quant_with_min_max_vars(
            x, self.low, self.high, num_bits=self.bits
        )

    def get_config(self):
        return super().get_config() | {"bits": self.bits, "momentum": self.momentum}


class QuantizedLinear(keras.layers.Layer):
    """A linear layer with folded batch norm, fake-quantized weights and a fused ReLU.

    Subclasses say how the kernel is shaped, applied and quantized. Weights are symmetric, with the
    lowest integer left out, as LiteRT wants them.

    Parameters
    ----------
    weight_bits : int
    epsilon : float or None
        The batch norm's epsilon; None where there is no batch norm.
    activation : "linear", "relu" or "relu6"
    """

    def __init__(
        self,
        *,
        weight_bits: int = 8,
        epsilon: float | None = None,
        activation: str = "linear",
        **options,
    ):
        super().__init__(**options)
        self.weight_bits, self.epsilon, self.activation = weight_bits, epsilon, activation

    def build(self, input_shape):
        shape, channels = self.kernel_shape(input_shape)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer="he_normal")
        self.bias = self.add_weight(name="bias", shape=(channels,), initializer="zeros")
        if self.epsilon is not None:
            self.gamma = self.add_weight(name="gamma", shape=(channels,), initializer="ones")
            self.mean = self.add_weight(
                name="mean", shape=(channels,), initializer="zeros", trainable=False
            )
            self.variance = self.add_weight(
                name="variance", shape=(channels,), initializer="ones", trainable=False
            )

    def folded(self):
        """Kernel and bias with the batch norm folded in; its statistics stay (see `qat`)."""
        kernel, bias = ops.convert_to_tensor(self.kernel), ops.convert_to_tensor(self.bias)
        if self.epsilon is None:
            return kernel, bias
        factor = self.gamma * ops.rsqrt(self.variance + self.epsilon)
        return kernel * self.per_channel(factor), bias - self.mean * factor

    def call(self, x):
        kernel, bias = self.folded()
        y = self.apply_kernel(x, self.fake_quantized(kernel)) + bias
        return keras.activations.get(self.activation)(y)

    def kernel_shape(self, input_shape) -> tuple[tuple[int, ...], int]:
        """Shape of the kernel and number of output channels."""
        raise NotImplementedError

    def apply_kernel(self, x, kernel):
        """The linear operation."""
        raise NotImplementedError

    def fake_quantized(self, kernel):
        """The kernel with quantized values, one scale for each entry of its last axis."""
        axes = list(range(len(kernel.shape) - 1))
        limit = ops.maximum(ops.max(ops.abs(kernel), axis=axes), SMALLEST_RANGE)
        return tf.quantization.fake_quant_with_min_max_vars_per_channel(
            kernel, -limit, limit, num_bits=self.weight_bits, narrow_range=True
        )

    def per_channel(self, vector):
        """A vector with one entry per channel, shaped to multiply the kernel."""
        return vector

    def get_config(self):
        own = {
            "weight_bits": self.weight_bits,
            "epsilon": self.epsilon,
            "activation": self.activation,
        }
        return super().get_config() | own


@keras.saving.register_keras_serializable(package="tinylab")
class QuantizedConv2D(QuantizedLinear):
    """`Conv2D` with fake-quantized weights, one scale per filter."""

    def __init__(
        self,
        filters,
        kernel_size,
        *,
        strides=(1, 1),
        padding="valid",
        dilation_rate=(1, 1),
        **options,
    ):
        super().__init__(**options)
        self.filters, self.kernel_size = filters, tuple(kernel_size)
        self.strides, self.padding, self.dilation_rate = (
            tuple(strides),
            padding,
            tuple(dilation_rate),
        )

    def kernel_shape(self, input_shape):
        return (*self.kernel_size, input_shape[-1], self.filters), self.filters

    def apply_kernel(self, x, kernel):
        # tf.nn.conv2d has no gradient on a CPU where the kernel is dilated; this has.
        return tf.nn.convolution(
            x, kernel, self.strides, self.padding.upper(), dilations=self.dilation_rate
        )

    def get_config(self):
        names = ("filters", "kernel_size", "strides", "padding", "dilation_rate")
        return super().get_config() | {name: getattr(self, name) for name in names}


@keras.saving.register_keras_serializable(package="tinylab")
class QuantizedDepthwiseConv2D(QuantizedLinear):
    """`DepthwiseConv2D` with fake-quantized weights, one scale per output channel."""

    def __init__(
        self,
        kernel_size,
        *,
        strides=(1, 1),
        padding="valid",
        dilation_rate=(1, 1),
        depth_multiplier=1,
        **options,
    ):
        super().__init__(**options)
        self.kernel_size, self.strides = tuple(kernel_size), tuple(strides)
        self.padding, self.dilation_rate = padding, tuple(dilation_rate)
        self.depth_multiplier = depth_multiplier

    def kernel_shape(self, input_shape):
        channels = input_shape[-1]
        return (
            *self.kernel_size,
            channels,
            self.depth_multiplier,
        ), channels * self.depth_multiplier

    def apply_kernel(self, x, kernel):
        strides = (1, *self.strides, 1)
        return tf.nn.depthwise_conv2d(
            x, kernel, strides, self.padding.upper(), dilations=self.dilation_rate
        )

    def fake_quantized(self, kernel):
        # The operator has its channels on the last axis, a depthwise kernel on the last two.
        flat = ops.reshape(kernel, (*self.kernel_size, -1))
        return ops.reshape(super().fake_quantized(flat), kernel.shape)

    def per_channel(self, vector):
        return ops.reshape(vector, (-1, self.depth_multiplier))

    def get_config(self):
        names = ("kernel_size", "strides", "padding", "dilation_rate", "depth_multiplier")
        return super().get_config() | {name: getattr(self, name) for name in names}


@keras.saving.register_keras_serializable(package="tinylab")
class QuantizedDense(QuantizedLinear):
    """`Dense` with fake-quantized weights, one scale in all: the converter takes no more."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = units

    def kernel_shape(self, input_shape):
        return (input_shape[-1], self.units), self.units

    def apply_kernel(self, x, kernel):
        return ops.matmul(x, kernel)

    def fake_quantized(self, kernel):
        limit = ops.maximum(ops.max(ops.abs(kernel)), SMALLEST_RANGE)
        return tf.quantization.fake_quant_with_min_max_vars(
            kernel, -limit, limit, num_bits=self.weight_bits, narrow_range=True
        )

    def get_config(self):
        return super().get_config() | {"units": self.units}
