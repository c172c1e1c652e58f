"""Reads a `.tflite` file into a `Graph`, without TensorFlow and without trusting the file."""

import re
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers.table import Table

from tinylab.graph.core.ir import (
    OPAQUE_TYPES,
    PACKED_BITS,
    Graph,
    Op,
    Quantization,
    Tensor,
    Variable,
)
from tinylab.graph.order import check_order

_MAX_RANK = 8
_TYPE_NAMES = {
    code: name.lower() for name, code in vars(schema.TensorType).items() if not name.startswith("_")
}
_OPERATOR_NAMES = {
    code: re.sub(r"_([123])d\b", r"\1d", name.lower())
    for name, code in vars(schema.BuiltinOperator).items()
    if not name.startswith("_")
}
_ACTIVATION_NAMES = {
    code: name.lower()
    for name, code in vars(schema.ActivationFunctionType).items()
    if not name.startswith("_")
}
_PLAIN = (bool, int, float, str, np.ndarray)
_PADDING_NAMES = {schema.Padding.SAME: "same", schema.Padding.VALID: "valid"}
_DAMAGE = (
    *(struct.error, TypeError, IndexError, KeyError, AttributeError, OverflowError),
    *(AssertionError, MemoryError),
)


def read_tflite(source: str | Path | bytes, *, signature: str | None = None) -> Graph:
    """Read a TensorFlow Lite model.

    Parameters
    ----------
    source : path or bytes
        A `.tflite` file or its content: int8, int16x8, float, dynamic-range or 4-bit.
    signature : str, optional
        The signature to read from a model that has several. By default "serving_default" if the
        model has it, else the first subgraph.

    Returns
    -------
    Graph
        Its constants are read-only views of the file's bytes (packed weights are unpacked).

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The content is not a sound TensorFlow Lite model. No content, however damaged, raises
        anything else or makes the reader work longer than in proportion to the file's size.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        name, content = "model", bytes(source)
    elif isinstance(source, (str, Path)):
        name, content = Path(source).name, Path(source).read_bytes()
    else:
        raise TypeError(f"pass a path or the file's bytes, not {type(source).__name__}")
    if content[4:8] != b"TFL3":
        raise ValueError(f"{name} is not a TensorFlow Lite model: it lacks the mark 'TFL3'")
    try:
        return _Reader(content, name).graph(signature)
    except _DAMAGE as error:
        reason = str(error) or type(error).__name__
        raise ValueError(f"{name} is damaged and cannot be read ({reason})") from error


class _Reader:
    """One pass over one file. Every vector is paid from an allowance, so that tables which point
    at each other cannot make a small file expand without end."""

    def __init__(self, content: bytes, name: str):
        self._content = content
        self._name = name
        self._allowance = 16 * len(content) + 4096
        self._model = schema.Model.GetRootAs(content)

    def graph(self, signature: str | None) -> Graph:
        graph = self._read(self._subgraph(signature))
        variables = tuple(self._variables(graph))
        ops = tuple(op for op in graph.ops if op.kind != "call_once")
        graph = replace(graph, ops=ops, variables=variables)
        check_order(graph, self._name)
        return graph

    def _read(self, subgraph) -> Graph:
        tensors = tuple(map(self._tensor, self._items(subgraph, "Tensors")))
        ops = tuple(self._op(table, tensors) for table in self._items(subgraph, "Operators"))
        return Graph(
            name=self._name.removesuffix(".tflite"),
            tensors=tensors,
            ops=ops,
            inputs=self._integers(subgraph, "Inputs"),
            outputs=self._integers(subgraph, "Outputs"),
        )

    def _variables(self, graph: Graph) -> Iterator[Variable]:
        """What the subgraphs that run once assign: the initial values of variables."""
        for op in graph.ops:
            if op.kind != "call_once":
                continue
            number = op.integer("init_subgraph_index", -1)
            if not 0 < number < self._model.SubgraphsLength():
                raise ValueError(f"{self._name} is damaged: call_once of subgraph {number}")
            start = self._read(self._model.Subgraphs(number))
            names = {o.outputs[0]: o.attributes["shared_name"] for o in start.ops if not o.inputs}
            for assign in (o for o in start.ops if o.kind == "assign_variable"):
                value = start.tensors[assign.inputs[1]]
                if value.data is None:
                    raise ValueError(f"{self._name}: a variable starts with no constant")
                yield Variable(str(names[assign.inputs[0]]), value.data)

    def _subgraph(self, signature: str | None):
        subgraphs = self._items(self._model, "Subgraphs")
        if not subgraphs:
            raise ValueError(f"{self._name} holds no subgraph")
        signatures = {
            _text(item.SignatureKey()): item.SubgraphIndex()
            for item in self._items(self._model, "SignatureDefs")
        }
        if signature is not None and signature not in signatures:
            known = ", ".join(sorted(signatures)) or "none"
            raise ValueError(f"{self._name} has no signature {signature!r}; it has: {known}")
        index = signatures.get(signature or "serving_default", 0)
        if index >= len(subgraphs):
            raise ValueError(f"{self._name} is damaged: signature of subgraph {index}")
        return subgraphs[index]

    def _spend(self, amount: int) -> int:
        self._allowance -= amount
        if self._allowance < 0:
            raise ValueError(f"{self._name} is damaged: it claims more content than it has bytes")
        return amount

    def _items(self, table, field: str) -> list:
        count = self._spend(getattr(table, f"{field}Length")())
        return [getattr(table, field)(i) for i in range(count)]

    def _array(self, table, field: str) -> np.ndarray:
        if not self._spend(getattr(table, f"{field}Length")()):
            return np.empty(0, np.int32)
        return getattr(table, f"{field}AsNumpy")()

    def _integers(self, table, field: str) -> tuple[int, ...]:
        return tuple(self._array(table, field).tolist())

    def _tensor(self, table) -> Tensor:
        name, shape = _text(table.Name()), self._integers(table, "Shape")
        if len(shape) > _MAX_RANK or any(size < 0 for size in shape):
            raise ValueError(f"{self._name}: tensor {name!r} has the impossible shape {shape[:9]}")
        dtype = _TYPE_NAMES.get(table.Type(), "unknown")
        if table.Sparsity() is not None:
            raise ValueError(f"{self._name}: tensor {name!r} is stored sparse; convert it dense")
        if dtype not in PACKED_BITS and dtype not in OPAQUE_TYPES and not hasattr(np, dtype):
            raise ValueError(f"{self._name}: tensor {name!r} has the unsupported type {dtype}")
        data = self._constant(table, name, shape, dtype)
        is_state = bool(table.IsVariable()) and dtype not in OPAQUE_TYPES
        quantization = self._quantization(table, name, shape)
        is_open = -1 in self._integers(table, "ShapeSignature")
        return Tensor(name, shape, dtype, quantization, data, is_state, is_open)

    def _constant(self, table, name: str, shape: tuple, dtype: str) -> np.ndarray | None:
        stored = self._stored_bytes(table.Buffer(), name)
        if table.IsVariable() or (not len(stored) and 0 not in shape):
            return None
        if dtype in OPAQUE_TYPES:
            return stored
        expected = Tensor(name, shape, dtype).stored_bytes
        if len(stored) != expected:
            raise ValueError(
                f"{self._name}: tensor {name!r} of shape {shape} needs {expected} bytes, "
                f"its buffer has {len(stored)}"
            )
        if dtype in PACKED_BITS:
            self._spend(8 * len(stored))
            return _unpack(stored, shape, dtype)
        return stored.view(dtype).reshape(shape)

    def _stored_bytes(self, index: int, name: str) -> np.ndarray:
        count = self._model.BuffersLength()
        if not 0 <= index < max(count, 1):
            raise ValueError(f"{self._name}: tensor {name!r} names buffer {index} of {count}")
        if index == 0:
            return np.empty(0, np.uint8)
        buffer = self._model.Buffers(index)
        start, size = buffer.Offset(), buffer.Size()
        if start > 1:
            if start + size > len(self._content):
                raise ValueError(f"{self._name} is cut off: buffer {index} ends outside the file")
            return np.frombuffer(self._content, np.uint8, size, start)
        return buffer.DataAsNumpy() if buffer.DataLength() else np.empty(0, np.uint8)

    def _quantization(self, table, name: str, shape: tuple) -> Quantization | None:
        stored = table.Quantization()
        if stored is None or not stored.ScaleLength():
            return None
        scale = self._array(stored, "Scale").astype(np.float32)
        zero_point = np.zeros(len(scale), np.int32)
        if stored.ZeroPointLength():
            zero_point[:] = np.clip(self._array(stored, "ZeroPoint"), -(2**31), 2**31 - 1)
        if not np.all(np.isfinite(scale)):
            raise ValueError(f"{self._name}: tensor {name!r} has a scale that is not a number")
        if len(scale) == 1:
            return Quantization(scale, zero_point)
        axis = stored.QuantizedDimension()
        if shape == scale.shape:
            axis = 0  # early converters wrote another axis for biases, which have one only
        if not 0 <= axis < len(shape) or shape[axis] != len(scale):
            raise ValueError(
                f"{self._name}: tensor {name!r} has {len(scale)} scales, which fit no axis {axis} "
                f"of its shape {shape}"
            )
        return Quantization(scale, zero_point, axis)

    def _op(self, table, tensors: tuple[Tensor, ...]) -> Op:
        options = {**self._attributes(table), **self._hidden(table, tensors)}
        return Op(
            kind=self._kind(table.OpcodeIndex()),
            inputs=self._integers(table, "Inputs"),
            outputs=self._integers(table, "Outputs"),
            attributes=MappingProxyType(options),
        )

    def _hidden(self, table, tensors: tuple[Tensor, ...]) -> dict:
        """Scale and zero point of what a recurrent layer passes on, which no operator writes."""
        indices = self._integers(table, "Intermediates")
        if len(indices) != 5 or not 0 <= indices[4] < len(tensors):
            return {}
        stored = tensors[indices[4]].quantization
        if stored is None:
            return {}
        point = int(stored.zero_point[0])
        return {"hidden_scale": float(stored.scale[0]), "hidden_zero_point": point}

    def _kind(self, index: int) -> str:
        if index >= self._model.OperatorCodesLength():
            raise ValueError(f"{self._name} is damaged: an operator has the unlisted code {index}")
        listed = self._model.OperatorCodes(index)
        code = max(listed.BuiltinCode(), listed.DeprecatedBuiltinCode())
        if code == schema.BuiltinOperator.CUSTOM:
            return f"custom:{_text(listed.CustomCode())}"
        return _OPERATOR_NAMES.get(code, f"unknown:{code}")

    def _attributes(self, table) -> dict:
        options = table.BuiltinOptions()
        if not isinstance(options, Table):
            return {}
        read = schema.BuiltinOptionsCreator(table.BuiltinOptionsType(), options)
        named = {} if read is None else {_snake_case(k): v for k, v in vars(read).items()}
        named = {k: _text(v) if isinstance(v, bytes) else v for k, v in named.items()}
        plain = {k: v for k, v in named.items() if isinstance(v, _PLAIN)}
        return dict(self._attribute(k, v) for k, v in plain.items())

    def _attribute(self, name: str, value) -> tuple[str, object]:
        if name == "fused_activation_function":
            return "fused_activation", _ACTIVATION_NAMES[value]
        if name == "padding":
            return name, _PADDING_NAMES[value]
        if isinstance(value, np.ndarray):
            self._spend(value.size)
            return name, tuple(value.tolist())
        return name, value


def _unpack(stored: np.ndarray, shape: tuple, dtype: str) -> np.ndarray:
    """Values of fewer than 8 bits, the first in the lowest bits of its byte."""
    bits = PACKED_BITS[dtype]
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    values = (stored[:, None] >> shifts & (2**bits - 1)).astype(np.int16).ravel()
    if not dtype.startswith("u"):
        values[values >= 2 ** (bits - 1)] -= 2**bits
    unpacked = values[: int(np.prod(shape, dtype=np.int64))]
    unpacked = unpacked.astype(np.uint8 if dtype.startswith("u") else np.int8).reshape(shape)
    unpacked.flags.writeable = False
    return unpacked


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode("utf-8", errors="replace")
