"""Reads an operator's tensors and options, and refuses what C would trust.

A kernel believes its parameters, so everything a model file claims is checked here first: types,
scales, and that every shape follows from the others.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.graph.core.fixed_point import Multiplier, activation_limits, quantize_multiplier
from tinylab.graph.core.ir import Graph, Op, Tensor, UnsupportedOperatorError

BYTES = ("int8", "uint8")
_ADVICE = {
    "float32": "; convert the model to int8",
    "float16": "; convert the model to int8",
    "int16": "; convert the model to int8 (16-bit activations are supported by fewer operators)",
}


FLOAT_LIMITS = {
    "none": (-np.inf, np.inf),
    "relu": (0.0, np.inf),
    "relu6": (0.0, 6.0),
    "relu_n1_to_1": (-1.0, 1.0),
}
"""Smallest and largest output of the fused activation functions."""
_LARGEST_FLOAT = float(np.finfo(np.float32).max)


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
    """One operator of a graph, with checks; the methods raise `UnsupportedOperatorError`."""

    def __init__(self, graph: Graph, index: int):
        self.graph = graph
        self.index = index
        self.op: Op = graph.ops[index]

    def refuse(self, reason: str) -> UnsupportedOperatorError:
        return UnsupportedOperatorError(f"operator {self.index}, {self.op.kind}: {reason}")

    def require(self, condition: bool, reason: str) -> None:
        if not condition:
            raise self.refuse(reason)

    def option(self, name: str, default=None):
        return self.op.attributes.get(name, default)

    def number(self, name: str, default: int | None = None) -> int:
        value = self.op.attributes.get(name, default)
        if not isinstance(value, (int, np.integer)):
            raise self.refuse(f"it lacks the option {name!r}")
        return int(value)

    def tensor(self, position: int, role: str = "input") -> Tensor:
        tensor = self.optional_tensor(position)
        if tensor is None:
            raise self.refuse(f"it lacks its {role}")
        return tensor

    def optional_tensor(self, position: int) -> Tensor | None:
        inputs = self.op.inputs
        if position >= len(inputs) or inputs[position] < 0:
            return None
        return self.graph.tensors[inputs[position]]

    def result(self, position: int = 0) -> Tensor:
        """An output, of any type."""
        self.require(position < len(self.op.outputs), "it lacks an output")
        return self.graph.tensors[self.op.outputs[position]]

    def activation(self, position: int = 0, dtypes: tuple[str, ...] = ("int8",)) -> Tensor:
        return self._of_type(self.tensor(position, "input"), dtypes)

    def output(self, dtypes: tuple[str, ...] = ("int8",)) -> Tensor:
        self.require(len(self.op.outputs) == 1, "it must have one output")
        return self._of_type(self.result(), dtypes)

    def _of_type(self, tensor: Tensor, dtypes: tuple[str, ...]) -> Tensor:
        self.require(
            tensor.dtype in dtypes,
            f"{tensor.name!r} is {tensor.dtype}, and only {' or '.join(dtypes)} can be turned into"
            f" C{_ADVICE.get(tensor.dtype, '')}",
        )
        self.require(tensor.elements > 0, f"{tensor.name!r} has the empty shape {tensor.shape}")
        return tensor

    def constant(self, position: int, role: str, *dtypes: str) -> np.ndarray:
        tensor = self.tensor(position, role)
        self.require(tensor.is_constant, f"its {role} must be constant")
        fits = tensor.dtype in dtypes
        self.require(fits, f"its {role} must be {' or '.join(dtypes)}, not {tensor.dtype}")
        return np.asarray(tensor.data)

    def integers(self, position: int, role: str) -> list[int]:
        """A constant vector such as axes, sizes or amounts."""
        return self.constant(position, role, "int32", "int64").ravel().tolist()

    def weights(self, axes: int) -> np.ndarray:
        """int8 weights; 4-bit ones are stored as int8, for the kernels know no packing."""
        four_bits = self.tensor(1, "weights").dtype == "int4"
        weights = self.constant(1, "weights", "int4" if four_bits else "int8")
        self.require(weights.ndim == axes, f"its weights must have {axes} axes")
        return weights

    def bias(self, channels: int, position: int = 2, dtypes: tuple = ("int32",)) -> np.ndarray:
        if self.optional_tensor(position) is None:
            return np.zeros(channels, dtypes[0])
        bias = self.constant(position, "bias", *dtypes).ravel()
        self.require(len(bias) == channels, f"it has {len(bias)} biases for {channels} channels")
        return bias

    def affine(self, tensor: Tensor) -> Affine:
        stored = tensor.quantization
        if stored is None:
            raise self.refuse(f"{tensor.name!r} has no scale; convert the model to int8")
        self.require(len(stored.scale) == 1, f"{tensor.name!r} must have one scale")
        scale, zero_point = float(stored.scale[0]), int(stored.zero_point[0])
        sound = scale > 0 or (scale == 0 and tensor.is_constant)  # of zeros, which stay zeros
        self.require(sound, f"{tensor.name!r} has the scale {scale}, which is not positive")
        limits = np.iinfo(tensor.dtype)
        sound = limits.min <= zero_point <= limits.max and abs(zero_point) <= 2**15
        self.require(sound, f"{tensor.name!r} has the zero point {zero_point}")
        return Affine(scale, zero_point)

    def weight_scales(self, tensor: Tensor, channels: int, axis: int) -> np.ndarray:
        """float64, shape (channels,)."""
        stored = tensor.quantization
        if stored is None:
            raise self.refuse("its weights have no scale; convert the model to int8")
        self.require(
            len(stored.scale) == 1 or (stored.axis == axis and len(stored.scale) == channels),
            f"its {len(stored.scale)} weight scales do not fit its {channels} channels",
        )
        scales = np.broadcast_to(stored.scale.astype(np.float64), (channels,))
        self.require(bool(np.all(scales >= 0)), "a weight scale is negative")
        return scales

    def weight_zero_point(self) -> int:
        """0 but for old models, which have one a layer."""
        stored = self.tensor(1, "weights").quantization
        if stored is None:
            return 0
        points = set(stored.zero_point.tolist())
        self.require(len(points) == 1 and abs(max(points)) <= 128, f"zero points {points}")
        return points.pop()

    def multiplier(self, real: float) -> Multiplier:
        try:
            return quantize_multiplier(real)
        except ValueError as error:
            raise self.refuse(str(error)) from error

    def limits(self, tensor: Tensor, activation: str | None = None) -> dict[str, int]:
        """The structure `nn_output`."""
        affine = self.affine(tensor)
        fused = str(self.op.attributes.get("fused_activation", "none"))
        try:
            low, high = activation_limits(
                activation or fused, affine.scale, affine.zero_point, tensor.dtype
            )
        except ValueError as error:
            raise self.refuse(str(error)) from error
        self.require(low <= high, "its activation function leaves no value")
        return {"zero_point": affine.zero_point, "minimum": low, "maximum": high}

    def same_scale(self, *tensors: Tensor) -> None:
        """Stored values must mean the same in all of them."""
        affines = {self.affine(tensor) for tensor in tensors}
        self.require(len(affines) == 1, "it may not change the scale")

    def image(self, tensor: Tensor) -> tuple[int, int, int]:
        """Height, width and channels."""
        shape = tensor.shape
        self.require(
            len(shape) == 4, f"{tensor.name!r} has the shape {shape}; four axes are needed"
        )
        self.require(shape[0] == 1, f"{tensor.name!r} has a batch of {shape[0]}; convert with 1")
        self.require(min(shape) > 0, f"{tensor.name!r} has the empty shape {shape}")
        return shape[1], shape[2], shape[3]

    def window(self, height: int, width: int, image: tuple, output: tuple) -> Window:
        """The sliding window, after checking that it makes `output` of `image`."""
        sides = [("h", height, image[0], output[0]), ("w", width, image[1], output[1])]
        (sh, dh, top), (sw, dw, left) = (self._side(*side) for side in sides)
        return Window(height, width, sh, sw, dh, dw, top, left)

    def _side(self, side: str, size: int, image: int, output: int) -> tuple[int, int, int]:
        stride, dilation, span = self.span(side, size)
        expected = self.slid(side, size, image)
        self.require(output == expected, f"its output has {output} rows or columns, not {expected}")
        missing = max((output - 1) * stride + span - image, 0)
        same = self.op.attributes.get("padding") == "same"
        return stride, dilation, missing // 2 if same else 0

    def span(self, side: str, size: int) -> tuple[int, int, int]:
        """Stride, dilation, and how many rows or columns a window of `size` covers."""
        stride = self.number(f"stride_{side}")
        dilation = self.number(f"dilation_{side}_factor", 1)
        self.require(
            0 < stride < 2**15 and 0 < dilation < 2**15, "its stride or dilation is not sound"
        )
        self.require(0 < size < 2**15, f"its window has the size {size}")
        return stride, dilation, (size - 1) * dilation + 1

    def slid(self, side: str, size: int, image: int) -> int:
        """Rows or columns of the output of a sliding window."""
        stride, _, span = self.span(side, size)
        padding = self.op.attributes.get("padding")
        self.require(padding in ("same", "valid"), f"its padding is {padding!r}")
        return -(-image // stride) if padding == "same" else (image - span) // stride + 1

    def float_limits(self) -> tuple[float, float]:
        """Smallest and largest output of a fused activation function on real numbers."""
        activation = str(self.op.attributes.get("fused_activation", "none"))
        self.require(activation in FLOAT_LIMITS, f"its activation {activation!r} is not supported")
        low, high = FLOAT_LIMITS[activation]
        return max(low, -_LARGEST_FLOAT), min(high, _LARGEST_FLOAT)
