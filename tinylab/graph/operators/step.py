"""One operator with the values of its inputs: what a numpy reference computes from."""

import numpy as np

from tinylab.graph.core.fixed_point import activation_limits
from tinylab.graph.core.ir import Graph, Tensor
from tinylab.graph.lowering.checks import FLOAT_LIMITS, Reader

QUANTIZED = ("int8", "uint8", "int16")


class Step(Reader):
    """One operator with the values of its inputs.

    Parameters
    ----------
    graph : Graph
    index : int
    inputs : list of ndarray or None
        None for an optional input that is absent.
    state : dict
        What outlives the inference: variables by name, state tensors by index. It is changed.
    """

    def __init__(self, graph: Graph, index: int, inputs: list, state: dict):
        super().__init__(graph, index)
        self.inputs = inputs
        self.state = state

    @property
    def quantized(self) -> bool:
        return self.result().dtype in QUANTIZED and self.result().quantization is not None

    def value(self, position: int) -> np.ndarray:
        """An input: real numbers, or integers counted from the zero point."""
        value, tensor = self.inputs[position], self.tensor(position)
        if tensor.quantization is None or tensor.dtype not in QUANTIZED:
            kind = np.float64 if tensor.dtype.startswith("float") else np.int64
            return np.asarray(value, kind)
        return value.astype(np.int64) - scale_of(tensor)[1]

    def finish(self, result: np.ndarray, activation: str | None = None) -> np.ndarray:
        """Apply the fused activation to real values, or to stored ones without zero point."""
        activation = activation or self.option("fused_activation", "none")
        target = self.result()
        if not self.quantized:
            return np.clip(result, *FLOAT_LIMITS[activation])
        scale, zero_point = scale_of(target)
        low, high = activation_limits(activation, scale, zero_point, target.dtype)
        return np.clip(result + zero_point, low, high).astype(target.dtype)


def scale_of(tensor: Tensor) -> tuple[float, int]:
    """Scale and zero point of a whole tensor; ValueError if activations have no positive scale."""
    scale = float(tensor.affine.scale[0])
    if not (scale > 0 or tensor.is_constant):
        raise ValueError(f"{tensor.name!r} has the scale {scale}, which is not positive")
    return scale, int(tensor.affine.zero_point[0])
