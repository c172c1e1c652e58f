"""Writes a `Graph` as a `.tflite` file, so that what a pass made of it runs in LiteRT again."""

import re

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tinylab.graph.core.ir import Graph, Op, Tensor
from tinylab.graph.operators import find_operator

_OPERATOR_CODES = {
    re.sub(r"_([123])d\b", r"\1d", name.lower()): code
    for name, code in vars(schema.BuiltinOperator).items()
    if not name.startswith("_")
}
_ENUMS = {"padding": schema.Padding, "fused_activation": schema.ActivationFunctionType}


def write_tflite(graph: Graph) -> bytes:
    """The content of a `.tflite` file.

    Parameters
    ----------
    graph : Graph
        With operators whose options are known here: the usual layers of small models.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        An operator or a type that cannot be written.
    """
    kinds = sorted({op.kind for op in graph.ops})
    model = schema.ModelT()
    model.version = 3
    model.description = "tinylab"
    model.operatorCodes = [_operator_code(kind) for kind in kinds]
    model.buffers = [schema.BufferT()]
    subgraph = schema.SubGraphT()
    subgraph.name = graph.name
    subgraph.tensors = [_tensor(tensor, model.buffers) for tensor in graph.tensors]
    subgraph.operators = [_operator(op, kinds, subgraph.tensors) for op in graph.ops]
    subgraph.inputs, subgraph.outputs = list(graph.inputs), list(graph.outputs)
    model.subgraphs = [subgraph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _operator_code(kind: str):
    operator = find_operator(kind)
    if operator is None or operator.shapes is None or kind not in _OPERATOR_CODES:
        raise ValueError(f"operator {kind!r} cannot be written to a .tflite file")
    code = schema.OperatorCodeT()
    code.builtinCode = _OPERATOR_CODES[kind]
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    code.version = operator.version
    return code


def _tensor(tensor: Tensor, buffers: list):
    table = schema.TensorT()
    table.name, table.shape = tensor.name, list(tensor.shape)
    table.isVariable = tensor.is_state
    try:
        table.type = getattr(schema.TensorType, tensor.dtype.upper())
    except AttributeError as error:
        raise ValueError(f"tensor {tensor.name!r} has the unknown type {tensor.dtype}") from error
    if tensor.is_constant:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(_stored(tensor), np.uint8)
        table.buffer = len(buffers)
        buffers.append(buffer)
    if tensor.quantization is not None:
        stored = table.quantization = schema.QuantizationParametersT()
        stored.scale = np.asarray(tensor.quantization.scale, np.float32)
        stored.zeroPoint = np.asarray(tensor.quantization.zero_point, np.int64)
        stored.quantizedDimension = tensor.quantization.axis or 0
    return table


def _stored(tensor: Tensor) -> bytes:
    data = np.ascontiguousarray(tensor.data)
    if tensor.dtype == "int4":
        nibbles = np.append(data.ravel(), np.zeros(data.size % 2, np.int8)).astype(np.uint8) & 15
        data = nibbles[::2] | nibbles[1::2] << 4
    return data.tobytes()


def _operator(op: Op, kinds: list[str], tensors: list):
    if op.attributes.get("halves_up"):
        raise ValueError(f"{op.kind} rounds as on unsigned bytes, which no .tflite file can say")
    table = schema.OperatorT()
    table.opcodeIndex = kinds.index(op.kind)
    table.inputs, table.outputs = list(op.inputs), list(op.outputs)
    operator = find_operator(op.kind)
    name = operator.options if operator else ""
    if "hidden_scale" in op.attributes:
        table.intermediates = _hidden(op, tensors)
    if name:
        table.builtinOptionsType = getattr(schema.BuiltinOptions, name)
        table.builtinOptions = getattr(schema, f"{name}T")()
        for attribute, value in op.attributes.items():
            if not attribute.startswith("hidden_"):
                _set(table.builtinOptions, attribute, value)
    return table


def _hidden(op: Op, tensors: list) -> list[int]:
    """Five tensors that no operator writes; the last has the scale of a layer's hidden values."""
    for _ in range(5):
        table = schema.TensorT()
        table.name, table.shape, table.type = "intermediate", [0], schema.TensorType.INT8
        stored = table.quantization = schema.QuantizationParametersT()
        stored.scale = np.array([op.attributes["hidden_scale"]], np.float32)
        stored.zeroPoint = np.array([op.attributes["hidden_zero_point"]], np.int64)
        tensors.append(table)
    return list(range(len(tensors) - 5, len(tensors)))


def _set(options, attribute: str, value) -> None:
    if attribute in _ENUMS:
        value = getattr(_ENUMS[attribute], value.upper())
    field = "fused_activation_function" if attribute == "fused_activation" else attribute
    head, *rest = field.split("_")
    field = head + "".join(word.capitalize() for word in rest)
    if isinstance(value, tuple):
        value = list(value)
    setattr(options, field, value)
