"""Reads an operator's tensors and options for the code generator, and refuses what C would trust.

A kernel believes its parameters, so everything a model file claims is checked here first: types,
scales, and that every shape follows from the others.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.graph import Graph, Op, Tensor, UnsupportedOperatorError
from tinylab.graph.fixed_point import Multiplier, activation_limits, quantize_multiplier


@dataclass(frozen=True)
class Affine:
    """Scale and zero point of a whole tensor."""

    scale: float
    zero_point: int


@dataclass(frozen=True)
class Window:
    """How a filter or a pool slides over an image."""

    height: int
    width: int
    stride_height: int
    stride_width: int
    dilation_height: int
    dilation_width: int
    pad_top: int
    pad_left: int


class Reader:
    """One operator of a graph."""

    def __init__(self, graph: Graph, index: int):
        self.graph = graph
        self.index = index
        self.op: Op = graph.ops[index]

    def refuse(self, reason: str) -> UnsupportedOperatorError:
        return UnsupportedOperatorError(f"operator {self.index}, {self.op.kind}: {reason}")

    def require(self, condition: bool, reason: str) -> None:
        if not condition:
            raise self.refuse(reason)

    def number(self, name: str, default: int | None = None) -> int:
        value = self.op.attributes.get(name, default)
        self.require(isinstance(value, (int, np.integer)), f"it lacks the option {name!r}")
        return int(value)

    def tensor(self, position: int, role: str) -> Tensor:
        found = self.optional_tensor(position)
        self.require(found is not None, f"it lacks its {role}")
        return found

    def optional_tensor(self, position: int) -> Tensor | None:
        inputs = self.op.inputs
        if position >= len(inputs) or inputs[position] < 0:
            return None
        return self.graph.tensors[inputs[position]]

    def activation(self, position: int = 0) -> Tensor:
        """An int8 input that some operator writes."""
        tensor = self.tensor(position, "input")
        self.require(not tensor.is_constant, "its input is a constant: fold constants first")
        return self._int8(tensor)

    def output(self) -> Tensor:
        self.require(len(self.op.outputs) == 1, "it must have one output")
        return self._int8(self.graph.tensors[self.op.outputs[0]])

    def _int8(self, tensor: Tensor) -> Tensor:
        advice = "; convert the model to int8" if tensor.dtype == "float32" else ""
        self.require(
            tensor.dtype == "int8",
            f"{tensor.name!r} is {tensor.dtype}, and only int8 can be turned into C{advice}",
        )
        return tensor

    def constant(self, position: int, role: str, dtype: str) -> np.ndarray:
        tensor = self.tensor(position, role)
        self.require(tensor.is_constant, f"its {role} must be constant")
        self.require(tensor.dtype == dtype, f"its {role} must be {dtype}, not {tensor.dtype}")
        return np.asarray(tensor.data)

    def weights(self, axes: int) -> np.ndarray:
        """int8 weights; 4-bit ones are stored as int8, for the kernels know no packing."""
        four_bits = self.tensor(1, "weights").dtype == "int4"
        weights = self.constant(1, "weights", "int4" if four_bits else "int8")
        self.require(weights.ndim == axes, f"its weights must have {axes} axes")
        return weights

    def bias(self, channels: int) -> np.ndarray:
        if self.optional_tensor(2) is None:
            return np.zeros(channels, np.int32)
        bias = self.constant(2, "bias", "int32").ravel()
        self.require(len(bias) == channels, f"it has {len(bias)} biases for {channels} channels")
        return bias

    def affine(self, tensor: Tensor) -> Affine:
        stored = tensor.quantization
        self.require(stored is not None, f"{tensor.name!r} has no scale; convert the model to int8")
        self.require(len(stored.scale) == 1, f"{tensor.name!r} must have one scale")
        scale, zero_point = float(stored.scale[0]), int(stored.zero_point[0])
        self.require(scale > 0, f"{tensor.name!r} has the scale {scale}, which is not positive")
        self.require(-128 <= zero_point <= 127, f"{tensor.name!r} has the zero point {zero_point}")
        return Affine(scale, zero_point)

    def weight_scales(self, tensor: Tensor, channels: int, axis: int) -> np.ndarray:
        """float64, shape (channels,)."""
        stored = tensor.quantization
        self.require(stored is not None, "its weights have no scale; convert the model to int8")
        self.require(not np.any(stored.zero_point), "its weights must have the zero point 0")
        self.require(
            len(stored.scale) == 1 or (stored.axis == axis and len(stored.scale) == channels),
            f"its {len(stored.scale)} weight scales do not fit its {channels} channels",
        )
        scales = np.broadcast_to(stored.scale.astype(np.float64), (channels,))
        self.require(bool(np.all(scales >= 0)), "a weight scale is negative")
        return scales

    def multiplier(self, real: float) -> Multiplier:
        try:
            return quantize_multiplier(real)
        except ValueError as error:
            raise self.refuse(str(error)) from error

    def limits(self, tensor: Tensor) -> dict[str, int]:
        """The structure `nn_output`."""
        affine = self.affine(tensor)
        activation = self.op.attributes.get("fused_activation", "none")
        try:
            low, high = activation_limits(str(activation), affine.scale, affine.zero_point)
        except ValueError as error:
            raise self.refuse(str(error)) from error
        self.require(low <= high, "its activation function leaves no value")
        return {"zero_point": affine.zero_point, "minimum": low, "maximum": high}

    def image(self, tensor: Tensor) -> tuple[int, int, int]:
        """Height, width and channels."""
        shape = tensor.shape
        self.require(
            len(shape) == 4, f"{tensor.name!r} has the shape {shape}; four axes are needed"
        )
        self.require(shape[0] == 1, f"{tensor.name!r} has a batch of {shape[0]}; convert with 1")
        self.require(min(shape) > 0, f"{tensor.name!r} has the empty shape {shape}")
        return shape[1:]

    def window(self, height: int, width: int, image: tuple, output: tuple) -> Window:
        """The sliding window, after checking that it makes `output` of `image`."""
        sides = [("h", height, image[0], output[0]), ("w", width, image[1], output[1])]
        found = [self._side(*side) for side in sides]
        (sh, dh, top), (sw, dw, left) = found
        return Window(height, width, sh, sw, dh, dw, top, left)

    def _side(self, side: str, size: int, image: int, output: int) -> tuple[int, int, int]:
        stride = self.number(f"stride_{side}")
        dilation = self.number(f"dilation_{side}_factor", 1)
        self.require(
            0 < stride < 2**15 and 0 < dilation < 2**15, "its stride or dilation is not sound"
        )
        self.require(0 < size < 2**15, f"its window has the size {size}")
        span = (size - 1) * dilation + 1
        padding = self.op.attributes.get("padding")
        self.require(padding in ("same", "valid"), f"its padding is {padding!r}")
        expected = -(-image // stride) if padding == "same" else (image - span) // stride + 1
        self.require(output == expected, f"its output has {output} rows or columns, not {expected}")
        missing = max((output - 1) * stride + span - image, 0)
        return stride, dilation, missing // 2 if padding == "same" else 0
