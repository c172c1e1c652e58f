"""Schemes of post-training quantization: how a kernel is rounded, and the bytes it then takes."""

from dataclasses import dataclass

import numpy as np

from tinylab.compress.quantization.bit_allocation import allocate_bits
from tinylab.compress.quantization.clipping import METHODS, calibrate
from tinylab.compress.quantization.quantize import fake_quantize, quantization_parameters

__all__ = ["SCHEMES", "QuantizedKernel", "Scheme", "quantize_kernel"]

CONSTANT_BYTES = 4  # of a float32 scale, an int32 zero point and an int32 bias
LARGEST_ALLOCATED_BITS = 8


@dataclass(frozen=True)
class Scheme:
    """A way to quantize a model's weights after training.

    Parameters
    ----------
    name : str
    per_channel : bool
        One scale per output channel, instead of one per layer.
    symmetric : bool
        Zero point 0, as LiteRT wants its weights.
    clipping : str
        How the ranges are chosen: one of `tinylab.compress.quantization.clipping.METHODS`.
    bias_correction : bool
        Take the expected shift of each layer's outputs out of its bias (Nagel et al. 2019).
    bit_allocation : bool
        Let channels with a wide range have more bits, at the same average (Banner et al. 2019).
    """

    name: str
    per_channel: bool
    symmetric: bool = True
    clipping: str = "min_max"
    bias_correction: bool = False
    bit_allocation: bool = False

    def __post_init__(self):
        if self.clipping not in METHODS:
            raise ValueError(f"clipping must be one of {', '.join(METHODS)}, not {self.clipping!r}")
        if self.bit_allocation and not self.per_channel:
            raise ValueError("bit allocation shares bits among channels; it needs per_channel=True")


SCHEMES = (
    Scheme("per tensor", per_channel=False),
    Scheme("per channel", per_channel=True),
    Scheme("per channel, clipped", per_channel=True, clipping="mse"),
    Scheme(
        "per channel, clipped, bias corrected",
        per_channel=True,
        clipping="mse",
        bias_correction=True,
    ),
)


@dataclass(frozen=True, eq=False)
class QuantizedKernel:
    """A kernel after fake quantization.

    Parameters
    ----------
    values : ndarray of float32, the kernel's shape
    stored_bytes : int
        Packed integers, scales, zero points where there are any, and one int32 bias per channel.
    """

    values: np.ndarray
    stored_bytes: int


def quantize_kernel(
    kernel: np.ndarray, bits: int, scheme: Scheme, *, depthwise: bool = False
) -> QuantizedKernel:
    """Quantize one kernel as a scheme says.

    Parameters
    ----------
    kernel : ndarray of float, shape (..., outputs)
        In Keras' layout; (height, width, channels, multiplier) if `depthwise`.
    bits : int
        2 to 16; with bit allocation the average over the channels, at most 8.
    scheme : Scheme
    depthwise : bool
        Whether the last two axes together are the channels.
    """
    flat = kernel.reshape(*kernel.shape[:2], -1) if depthwise else kernel
    channels = flat.shape[-1]
    axis = -1 if scheme.per_channel else None
    widths = _channel_bits(flat, bits, scheme) if scheme.bit_allocation else bits
    ends = calibrate(flat, scheme.clipping, bits=widths, symmetric=scheme.symmetric, axis=axis)
    parameters = quantization_parameters(*ends, bits=widths, symmetric=scheme.symmetric, axis=axis)
    values = fake_quantize(flat, parameters).reshape(kernel.shape)
    weight_bits = int(np.sum(np.broadcast_to(widths, channels)) * (flat.size // channels))
    constants = parameters.scale.size * (1 if scheme.symmetric else 2) + channels
    return QuantizedKernel(values, -(-weight_bits // 8) + CONSTANT_BYTES * constants)


def _channel_bits(flat: np.ndarray, bits: int, scheme: Scheme) -> np.ndarray:
    limits = np.abs(flat.reshape(-1, flat.shape[-1])).max(axis=0)
    return allocate_bits(limits, bits, largest=max(bits, LARGEST_ALLOCATED_BITS))
