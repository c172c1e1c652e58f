"""The inputs and outputs of a program."""

from dataclasses import dataclass
from math import prod

import numpy as np

from tinylab.graph import Graph

PORT_TYPES = ("int8", "uint8", "int16", "int32", "int64", "float32")


@dataclass(frozen=True)
class Port:
    """An input or output of a program: real = scale * (stored - zero_point) unless float32."""

    tensor: int
    shape: tuple[int, ...]
    dtype: str  # one of PORT_TYPES
    scale: float
    zero_point: int

    @property
    def elements(self) -> int:
        return prod(self.shape)

    def quantize(self, real: np.ndarray) -> np.ndarray:
        """Stored values of real ones, any leading shape."""
        if self.dtype == "float32":
            return np.asarray(real, np.float32)
        steps = np.asarray(real, np.float32) / np.float32(self.scale)
        stored = np.trunc(steps + np.copysign(0.5, steps)) + self.zero_point
        limits = np.iinfo(self.dtype)
        return np.clip(stored, limits.min, limits.max).astype(self.dtype)

    def checked(self, x: np.ndarray) -> np.ndarray:
        """Examples as rows, shape (n, elements); TypeError or ValueError if they do not fit."""
        x = np.asarray(x)
        if x.dtype != self.dtype:
            raise TypeError(f"the input must be {self.dtype}, not {x.dtype}: use `input.quantize`")
        if x.size == 0 or x.size % self.elements:
            raise ValueError(f"an example has {self.elements} elements; got an array of {x.shape}")
        return x.reshape(-1, self.elements)

    def dequantize(self, stored: np.ndarray) -> np.ndarray:
        """Real values of stored ones."""
        if self.dtype == "float32":
            return np.asarray(stored, np.float32)
        return np.float32(self.scale) * (stored.astype(np.float32) - np.float32(self.zero_point))


def make_ports(graph: Graph) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Inputs and outputs of a graph; ValueError if it has none or one of another type."""
    groups = []
    for role, indices in (("input", graph.inputs), ("output", graph.outputs)):
        if not indices:
            raise ValueError(f"{graph.name} has no {role}; pass a model with at least one")
        if len(set(indices)) != len(indices):
            raise ValueError(f"{graph.name} names one tensor as an {role} twice")
        groups.append(tuple(_port(graph, index, role) for index in indices))
    return groups[0], groups[1]


def _port(graph: Graph, index: int, role: str) -> Port:
    tensor = graph.tensors[index]
    if tensor.is_constant or tensor.dtype not in PORT_TYPES or not tensor.elements:
        raise ValueError(
            f"the {role} {tensor.name!r} of {graph.name} is a constant, empty or {tensor.dtype}; "
            f"pass a model whose ends are {', '.join(PORT_TYPES)}"
        )
    stored = tensor.quantization
    scale, zero_point = (1.0, 0) if stored is None else (stored.scale[0], stored.zero_point[0])
    return Port(index, tensor.shape, tensor.dtype, float(scale), int(zero_point))


def arrays(x, ports: tuple[Port, ...]) -> list[np.ndarray]:
    """The examples of each input as rows; a tuple or list holds one array an input."""
    if len(ports) == 1 and not (isinstance(x, (tuple, list)) and len(x) == 1):
        x = (x,)
    if len(x) != len(ports):
        raise ValueError(f"the model has {len(ports)} inputs; pass a tuple of as many arrays")
    rows = [port.checked(part) for port, part in zip(ports, x, strict=True)]
    if len({len(part) for part in rows}) != 1:
        raise ValueError("the inputs must have the same number of examples")
    return rows


def _without_batch(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape[1:] if shape[:1] == (1,) else shape


def joined(columns: list[list[np.ndarray]], ports: tuple[Port, ...]):
    """Outputs of many inferences: an array, or a tuple of one an output."""
    arrays = tuple(
        np.stack(rows).reshape(len(rows), *_without_batch(port.shape))
        for rows, port in zip(columns, ports, strict=True)
    )
    return arrays[0] if len(arrays) == 1 else arrays
