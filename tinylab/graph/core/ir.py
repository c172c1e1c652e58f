"""The `Graph`: frozen dataclasses that hold a deployed model's operators, tensors and weights."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from types import MappingProxyType

import numpy as np

PACKED_BITS = {"int4": 4, "uint4": 4, "int2": 2}
"""Bits per value of the types that are stored several to a byte."""
OPAQUE_TYPES = ("string", "resource", "variant")
"""Types whose values are not numbers: they are handles, or have no fixed size."""


Attribute = bool | int | float | str | tuple[int, ...]
"""An option of an operator."""


class UnsupportedOperatorError(ValueError):
    """An operator that this part of tinylab does not know; the message names it."""


@dataclass(frozen=True, eq=False)
class Quantization:
    """Affine quantization: real = scale * (stored - zero_point) (Jacob et al. 2018, eq. 1).

    Parameters
    ----------
    scale : ndarray of float32, shape (1,) or (channels,)
    zero_point : ndarray of int32, same shape
    axis : int or None
        The channel axis where there is one scale per channel, None where there is one per tensor.
    """

    scale: np.ndarray
    zero_point: np.ndarray
    axis: int | None = None


@dataclass(frozen=True, eq=False)
class Tensor:
    """One value of the graph: an activation (`data` is None) or a constant such as a weight.

    Parameters
    ----------
    name : str
    shape : tuple of int
    dtype : str
        The numpy name of the stored type, such as "int8"; "int4", "uint4" or "int2" for packed
        weights (whose `data` is an int8 or uint8 array, one value per element); or one of
        `OPAQUE_TYPES` (whose `data`, if any, are the raw bytes).
    quantization : Quantization or None
    data : ndarray or None
    is_state : bool
        Whether its values outlive the inference, as the memory of a recurrent layer does.
    is_open : bool
        Whether the file leaves a size open; `shape` has 1 there until it is inferred.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    quantization: Quantization | None = None
    data: np.ndarray | None = None
    is_state: bool = False
    is_open: bool = False

    @property
    def is_constant(self) -> bool:
        return self.data is not None

    @property
    def values(self) -> np.ndarray:
        """`data` of a constant; a ValueError for an activation, whose values are not known yet."""
        if self.data is None:
            raise ValueError(f"{self.name!r} is an activation: only constants have values")
        return self.data

    @property
    def affine(self) -> Quantization:
        """`quantization` of a quantized tensor; a ValueError for one without."""
        if self.quantization is None:
            raise ValueError(f"{self.name!r} is {self.dtype} without scale and zero point")
        return self.quantization

    @property
    def elements(self) -> int:
        return prod(self.shape)

    @property
    def stored_bytes(self) -> int:
        """Bytes the tensor takes on the device; 4-bit values are packed two to a byte."""
        if self.dtype in OPAQUE_TYPES:
            return 0 if self.data is None else self.data.nbytes
        bits = PACKED_BITS.get(self.dtype) or 8 * np.dtype(self.dtype).itemsize
        return (self.elements * bits + 7) // 8

    def initial_state(self) -> np.ndarray:
        """Real zeros, which is how state starts."""
        zero = 0 if self.quantization is None else self.quantization.zero_point[0]
        return np.full(self.shape, zero, self.dtype)


@dataclass(frozen=True, eq=False)
class Variable:
    """A named block of memory that outlives the inference: what `var_handle` names.

    Parameters
    ----------
    name : str
    initial : ndarray
        What it holds before the first inference.
    """

    name: str
    initial: np.ndarray


@dataclass(frozen=True, eq=False)
class Op:
    """One operator.

    Parameters
    ----------
    kind : str
        The TensorFlow Lite operator's name in lower case: "conv2d", "depthwise_conv2d",
        "fully_connected", "average_pool2d", "max_pool2d", "reshape", "softmax", "add", "pad",
        "mean", "quantize", "dequantize", "relu", ...
    inputs, outputs : tuple of int
        Indices into `Graph.tensors`; -1 stands for an optional input that is absent.
    attributes : mapping
        The operator's options under their TensorFlow Lite names in snake case: "stride_h",
        "stride_w", "padding" ("same" or "valid"), "fused_activation" ("none", "relu", "relu6",
        "relu_n1_to_1", "tanh", "sign_bit"), "filter_height", "depth_multiplier", "beta", ...
        Vectors are tuples, such as "new_shape".
    """

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    attributes: Mapping[str, Attribute] = field(default_factory=lambda: MappingProxyType({}))

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole-number option, such as "stride_h"; `default`, if given, where it is absent."""
        value = self.attributes.get(name, default)
        if not isinstance(value, int):
            raise ValueError(f"option {name!r} of {self.kind!r} must be an int, not {value!r}")
        return value

    def real(self, name: str) -> float:
        """A real-number option, such as "epsilon"."""
        value = self.attributes.get(name)
        if not isinstance(value, (int, float)):
            raise ValueError(f"option {name!r} of {self.kind!r} must be a number, not {value!r}")
        return value


@dataclass(frozen=True, eq=False)
class Graph:
    """A model: tensors, and operators in execution order.

    Parameters
    ----------
    name : str
    tensors : tuple of Tensor
    ops : tuple of Op
    inputs, outputs : tuple of int
        Indices into `tensors`.
    variables : tuple of Variable
        What its operators read and assign by name.
    """

    name: str
    tensors: tuple[Tensor, ...]
    ops: tuple[Op, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    variables: tuple[Variable, ...] = ()

    @property
    def state_bytes(self) -> int:
        """Bytes of variables and state tensors, which live beside the arena."""
        variables = sum(variable.initial.nbytes for variable in self.variables)
        return variables + sum(t.stored_bytes for t in self.tensors if t.is_state)

    def producer(self, tensor: int) -> Op | None:
        """The operator that writes `tensor`, or None for an input or a constant."""
        return next((op for op in self.ops if tensor in op.outputs), None)

    def consumers(self, tensor: int) -> tuple[Op, ...]:
        """The operators that read `tensor`, in execution order."""
        return tuple(op for op in self.ops if tensor in op.inputs)
