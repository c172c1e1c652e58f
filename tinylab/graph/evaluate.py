"""Runs a `Graph` in numpy, slowly and plainly: the reference a changed graph is compared with.

In: a graph, float or integer, and examples. Out: what its output would be. Float graphs are
computed in double precision; integer ones with the arithmetic of LiteRT's reference kernels.
"""

from math import prod

import numpy as np

from tinylab.graph.core.ir import Graph, UnsupportedOperatorError
from tinylab.graph.operators import Step, check_shapes, find_operator

_MOST_ELEMENTS = 2**27
"""Of all tensors of a graph together: about a gigabyte in double precision."""
_MOST_MACS = 2**34


def evaluate(graph: Graph, x: np.ndarray) -> np.ndarray:
    """The graph's output.

    Parameters
    ----------
    graph : Graph
        With one input and one output.
    x : ndarray, shape (n, ...)
        Examples, in the input's type and shape but for the batch. A graph with state sees them as
        a stream, from its initial state on.

    Returns
    -------
    ndarray, shape (n, ...)
        float32, or integers like the graph's output. The softmax of integers is computed in
        floating point and rounded, so it may be off by one; all other operators are exact.

    Raises
    ------
    UnsupportedOperatorError
        An operator this evaluator does not know.
    ValueError
        The graph is far larger than what runs on a small device.
    """
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise ValueError(f"{graph.name} must have one input and one output")
    source = graph.tensors[graph.inputs[0]]
    state = dict(initial_state(graph))
    rows = []
    for example in np.asarray(x):
        values = evaluate_ops(graph, {graph.inputs[0]: example.reshape(source.shape)}, state)
        values |= {key: kept for key, kept in state.items() if isinstance(key, int)}
        rows.append(values[graph.outputs[0]])
    result = np.concatenate(rows)
    quantized = graph.tensors[graph.outputs[0]].dtype.startswith(("int", "uint"))
    return result if quantized else result.astype(np.float32)


def initial_state(graph: Graph) -> dict[int | str, np.ndarray]:
    """What a graph remembers at first: variables by name, state tensors by index."""
    state: dict[int | str, np.ndarray] = {v.name: v.initial for v in graph.variables}
    for index, tensor in enumerate(graph.tensors):
        if tensor.is_state:
            state[index] = tensor.initial_state()
    return state


def evaluate_ops(
    graph: Graph, values: dict[int, np.ndarray], state: dict | None = None
) -> dict[int, np.ndarray]:
    """All tensors the operators write, given the graph's inputs; see `evaluate`.

    Parameters
    ----------
    graph : Graph
    values : dict of tensor index to ndarray
        The graph's inputs.
    state : dict, optional
        As `initial_state` gives it; it is changed. By default the initial state.
    """
    _check_size(graph)
    state = initial_state(graph) if state is None else state
    constants = {i: t.values for i, t in enumerate(graph.tensors) if t.is_constant}
    values = constants | values
    for index, op in enumerate(graph.ops):
        operator = find_operator(op.kind)
        if operator is None or operator.reference is None:
            raise UnsupportedOperatorError(
                f"operator {index} is {op.kind!r}, which cannot be evaluated"
            )
        inputs = [values.get(i, state.get(i)) if i >= 0 else None for i in op.inputs]
        step = Step(graph, index, inputs, state)
        check_shapes(step, operator)
        try:
            results = operator.reference(step)
            results = results if isinstance(results, tuple) else (results,)
            for output, result in zip(op.outputs, results, strict=True):
                values[output] = np.asarray(result).reshape(graph.tensors[output].shape)
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            MemoryError,
            TypeError,
            ValueError,
        ) as error:
            raise ValueError(
                f"operator {index}, {op.kind}, does not fit its tensors ({error})"
            ) from error
    return values


def _check_size(graph: Graph) -> None:
    """Before numpy makes something far larger than any small device holds."""
    elements = sum(tensor.elements for tensor in graph.tensors)
    macs = sum(map(_macs, [graph] * len(graph.ops), graph.ops))
    if elements > _MOST_ELEMENTS or macs > _MOST_MACS:
        raise ValueError(
            f"{graph.name} has {elements:,} elements and {macs:,} multiply-accumulates; pass a "
            f"model with at most {_MOST_ELEMENTS:,} and {_MOST_MACS:,}"
        )


def _macs(graph: Graph, op) -> int:
    """Multiply-accumulates, or the work of a sliding window."""
    operator = find_operator(op.kind)
    if operator is None or not op.outputs:
        return 0
    output = graph.tensors[op.outputs[0]].shape
    window = [op.attributes.get(f"filter_{side}", 1) for side in ("height", "width")]
    shapes = [graph.tensors[i].shape if i >= 0 else () for i in op.inputs]
    try:
        return max(operator.macs(shapes, output), prod(output) * prod(window))
    except IndexError:
        return 0
