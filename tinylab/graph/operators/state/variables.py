"""var_handle, read_variable and assign_variable: named memory that outlives the inference."""

import numpy as np

from tinylab.graph.core.ir import Graph
from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step


def variable_name(graph: Graph, handle: int) -> str:
    """The variable behind a handle; ValueError if no `var_handle` writes it."""
    op = graph.producer(handle)
    if op is None or op.kind != "var_handle":
        raise ValueError(f"{graph.tensors[handle].name!r} is not the handle of a variable")
    return str(op.attributes.get("shared_name", ""))


def _initial(reader: Reader) -> np.ndarray:
    name = variable_name(reader.graph, reader.op.inputs[0])
    for variable in reader.graph.variables:
        if variable.name == name:
            return variable.initial
    raise reader.refuse(f"the variable {name!r} has no initial value")


def _handle(step: Step) -> np.ndarray:
    return np.zeros(step.result().shape, np.int8)


def _read(step: Step) -> np.ndarray:
    return step.state[variable_name(step.graph, step.op.inputs[0])].copy()


def _assign(step: Step) -> tuple[()]:
    step.state[variable_name(step.graph, step.op.inputs[0])] = step.inputs[1].copy()
    return ()


def _no_calls(reader: Reader, target: Target) -> tuple[Call, ...]:
    return ()


def _lower_read(reader: Reader, target: Target) -> Call:
    return _copy(reader, reader.op.inputs[0], reader.op.outputs[0], reader.op.outputs[0])


def _lower_assign(reader: Reader, target: Target) -> Call:
    return _copy(reader, reader.op.inputs[1], reader.op.inputs[0], reader.op.inputs[1])


def _copy(reader: Reader, source: int, target: int, value: int) -> Call:
    """One run of bytes; `value` is the tensor that is not a handle."""
    tensor, initial = reader.graph.tensors[value], _initial(reader)
    fits = tensor.shape == initial.shape and tensor.dtype == initial.dtype.name
    reader.require(fits, f"{tensor.name!r} does not fit its variable, {initial.shape}")
    return Call(
        function="nn_copy",
        kernel="copy.c",
        structure="nn_run",
        parameters={"bytes": tensor.stored_bytes},
        inputs=(source,),
        output=target,
    )


OPERATORS = (
    Operator(
        kind="var_handle",
        reference=_handle,
        lower=_no_calls,
        options="VarHandleOptions",
        has_state=True,
    ),
    Operator(
        kind="read_variable",
        reference=_read,
        lower=_lower_read,
        options="ReadVariableOptions",
        has_state=True,
    ),
    Operator(
        kind="assign_variable",
        reference=_assign,
        lower=_lower_assign,
        options="AssignVariableOptions",
        has_state=True,
    ),
)
