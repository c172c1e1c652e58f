"""How a device computes a quantized layer: int8 in, int32 accumulators, int8 out, and no float
anywhere.

With r = S (q - Z) for input, weights and output, the layer's sum becomes (Jacob et al. 2018, eq. 4)

    q_out = Z_out + M * (sum of (q_in - Z_in) * q_weight, + bias)      M = S_in * S_weight / S_out

where the weights have no zero point and the bias is stored in steps of S_in * S_weight. The one
real number left, M, becomes a 31-bit integer and a shift (`tinylab.graph.fixed_point`). Kernels
differ in how they round that product, so the same model can differ by one in the last place between
two runtimes:

* ``double``: LiteRT's reference convolutions, and all of TensorFlow Lite Micro;
* ``single``: LiteRT's reference fully connected layer, and its fast kernels (XNNPACK).

Arrays are laid out as in a .tflite file: activations (examples, height, width, channels), weights
(outputs, height, width, inputs), depthwise weights (height, width, channels).
"""

from dataclasses import dataclass

import numpy as np

from tinylab.graph.fixed_point import (
    activation_limits,
    quantize_multiplier,
    requantize_once,
    requantize_twice,
)

__all__ = [
    "LayerArithmetic",
    "average_pool2d",
    "conv2d",
    "depthwise_conv2d",
    "fully_connected",
]


@dataclass(frozen=True, eq=False)
class LayerArithmetic:
    """The constants of one quantized layer, and how its sums become outputs.

    Parameters
    ----------
    input_scale, output_scale : float
    input_zero_point, output_zero_point : int
    weight_scale : ndarray of float, shape (1,) or (outputs,)
    activation : "linear", "relu" or "relu6"
        Fused into the clipping of the output.
    rounding : "double" or "single"
        See the head of this module.
    """

    input_scale: float
    input_zero_point: int
    weight_scale: np.ndarray
    output_scale: float
    output_zero_point: int
    activation: str = "linear"
    rounding: str = "double"

    def output(self, accumulators: np.ndarray) -> np.ndarray:
        """int32 accumulators (..., outputs) -> int8 outputs: rescale, add the zero point, clip."""
        activation = {"linear": "none"}.get(self.activation, self.activation)
        low, high = activation_limits(activation, self.output_scale, self.output_zero_point)
        weight_scale = np.atleast_1d(self.weight_scale).astype(np.float64)
        real = np.float64(self.input_scale) * weight_scale / np.float64(self.output_scale)
        integers = self._rescaled(accumulators, real) + self.output_zero_point
        return np.clip(integers, low, high).astype(np.int8)

    def _rescaled(self, accumulators: np.ndarray, real: np.ndarray) -> np.ndarray:
        if self.rounding == "double":
            return requantize_twice(accumulators, [quantize_multiplier(float(m)) for m in real])
        if self.rounding == "single":
            return requantize_once(accumulators, real)
        raise ValueError(f"rounding must be 'single' or 'double', not {self.rounding!r}")


def fully_connected(
    x: np.ndarray, weights: np.ndarray, bias: np.ndarray, layer: LayerArithmetic
) -> np.ndarray:
    """Quantized dense layer.

    Parameters
    ----------
    x : ndarray of int8, shape (examples, inputs)
    weights : ndarray of int8, shape (outputs, inputs)
    bias : ndarray of int32, shape (outputs,)
    layer : LayerArithmetic

    Returns
    -------
    ndarray of int8, shape (examples, outputs)
    """
    centred = x.astype(np.int32) - layer.input_zero_point
    return layer.output(_exact_matmul(centred, weights.T) + bias)


def conv2d(
    x: np.ndarray,
    weights: np.ndarray,
    bias: np.ndarray,
    layer: LayerArithmetic,
    *,
    strides: tuple[int, int] = (1, 1),
    padding: str = "same",
) -> np.ndarray:
    """Quantized convolution: one matrix product for each place in the kernel.

    Parameters
    ----------
    x : ndarray of int8, shape (examples, height, width, inputs)
    weights : ndarray of int8, shape (outputs, kernel height, kernel width, inputs)
    bias : ndarray of int32, shape (outputs,)
    layer : LayerArithmetic
    padding : "same" or "valid"
        Padding is with the zero point, which stands for 0.0.

    Returns
    -------
    ndarray of int8, shape (examples, output height, output width, outputs)
    """
    total = 0
    for row, column, window in _windows(x, weights.shape[1:3], strides, padding, layer):
        total = total + _exact_matmul(window, weights[:, row, column].T)
    return layer.output(total + bias)


def depthwise_conv2d(
    x: np.ndarray,
    weights: np.ndarray,
    bias: np.ndarray,
    layer: LayerArithmetic,
    *,
    strides: tuple[int, int] = (1, 1),
    padding: str = "same",
) -> np.ndarray:
    """Quantized depthwise convolution: each channel has a kernel of its own.

    Parameters
    ----------
    x : ndarray of int8, shape (examples, height, width, channels)
    weights : ndarray of int8, shape (kernel height, kernel width, channels)
    bias : ndarray of int32, shape (channels,)
    layer, strides, padding
        As for `conv2d`.
    """
    total = 0
    for row, column, window in _windows(x, weights.shape[:2], strides, padding, layer):
        total = total + window * weights[row, column].astype(np.int32)
    return layer.output(total + bias)


def average_pool2d(x: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Mean over windows that do not overlap, rounded with halves away from zero; scales stay the
    same.

    Parameters
    ----------
    x : ndarray of int8, shape (examples, height, width, channels)
    size : (height, width) of a window; what does not fill one is left out

    Returns
    -------
    ndarray of int8
    """
    examples, rows, columns, channels = x.shape
    height, width = size
    rows, columns = rows // height, columns // width
    kept = x[:, : rows * height, : columns * width].astype(np.int64)
    total = kept.reshape(examples, rows, height, columns, width, channels).sum(axis=(2, 4))
    count = height * width
    return (np.sign(total) * ((np.abs(total) + count // 2) // count)).astype(np.int8)


def _windows(x: np.ndarray, kernel, strides, padding: str, layer: LayerArithmetic):
    """For each place in the kernel: row, column, and the inputs (less zero point) it meets."""
    if padding not in ("same", "valid"):
        raise ValueError(f"padding must be 'same' or 'valid', not {padding!r}")
    x = x.astype(np.int32) - layer.input_zero_point
    sizes, pads = [], [(0, 0)]
    for length, taps, stride in zip(x.shape[1:3], kernel, strides, strict=True):
        size = -(-length // stride) if padding == "same" else (length - taps) // stride + 1
        missing = max((size - 1) * stride + taps - length, 0)
        sizes.append(size)
        pads.append((missing // 2, missing - missing // 2))
    x = np.pad(x, [*pads, (0, 0)])
    for row in range(kernel[0]):
        for column in range(kernel[1]):
            rows = slice(row, row + (sizes[0] - 1) * strides[0] + 1, strides[0])
            columns = slice(column, column + (sizes[1] - 1) * strides[1] + 1, strides[1])
            yield row, column, x[:, rows, columns]


def _exact_matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Integer matrix product as int32; through float64, exact below 2**53 and far quicker."""
    return np.rint(a.astype(np.float64) @ b.astype(np.float64)).astype(np.int32)
