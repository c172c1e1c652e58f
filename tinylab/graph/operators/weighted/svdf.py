"""svdf: a dense layer over the last time steps, as filters over features and over time.

Nakkiran et al. 2015, "Compressing deep neural networks using a rank-constrained topology".
"""

from math import prod

import numpy as np

from tinylab.graph.core.fixed_point import quantize_multiplier, requantize_twice
from tinylab.graph.lowering import Call, Constant, Reader, Target
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step

_FEATURES, _TIME, _BIAS, _STATE = 1, 2, 3, 4
_STATES = {"int16": "_s16", "int8": "_s8"}


def _rank(reader: Reader) -> int:
    rank, filters = reader.number("rank", 1), reader.tensor(_FEATURES, "weights").shape[0]
    reader.require(0 < rank <= filters and filters % rank == 0, f"its rank is {rank}")
    return rank


def _shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    filters = reader.tensor(_FEATURES, "weights").shape[0]
    return ((reader.tensor(0).shape[0], filters // _rank(reader)),)


def _macs(inputs, output) -> int:
    return prod(inputs[_FEATURES]) + prod(inputs[_TIME])


def _factors(reader: Reader) -> tuple[float, float]:
    """From products of features to the state, and from the state to the output, in single
    precision as LiteRT computes them."""
    source, features, time, state, target = (
        np.float32(reader.affine(tensor).scale)
        for tensor in (
            reader.tensor(0),
            reader.tensor(_FEATURES, "weights"),
            reader.tensor(_TIME, "time weights"),
            reader.tensor(_STATE, "state"),
            reader.result(),
        )
    )
    return float(source * features / state), float(state * time / target)


def _reference(step: Step) -> np.ndarray:
    features, time = step.value(_FEATURES), step.value(_TIME)
    factors = [[quantize_multiplier(factor)] for factor in _factors(step)]
    state = step.inputs[_STATE].reshape(time.shape).astype(np.int64)
    new = requantize_twice(features @ step.value(0)[0], factors[0])
    stored = step.tensor(_STATE)
    ends, zero = np.iinfo(stored.dtype), step.affine(stored).zero_point
    state = np.column_stack([state[:, 1:], zero + np.clip(new, ends.min, ends.max)])
    kept = state.astype(stored.dtype)
    step.state[step.op.inputs[_STATE]] = kept.reshape(stored.shape)
    sums = ((kept.astype(np.int64) - zero) * time).sum(axis=1).reshape(-1, _rank(step)).sum(axis=1)
    if step.inputs[_BIAS] is not None:
        sums = sums + step.inputs[_BIAS]
    return step.finish(requantize_twice(sums, factors[1]), "none")


def _lower(reader: Reader, target: Target) -> Call:
    source, state = reader.activation(), reader.tensor(_STATE, "state")
    output = reader.output()
    reader.require(source.shape[0] == 1, "its batch must be 1")
    features = reader.constant(_FEATURES, "weights", "int8")
    time = reader.constant(_TIME, "time weights", *_STATES)
    filters, memory = time.shape
    fits = features.shape == (filters, source.elements) and state.elements == time.size
    sound = state.is_state and state.dtype == time.dtype.name and fits
    reader.require(sound, f"its state {state.shape} {state.dtype} does not fit its weights")
    rank = _rank(reader)
    to_state, to_output = (reader.multiplier(factor) for factor in _factors(reader))
    reader.require(max(to_state.shift, to_output.shift) < 15, "its scales differ too much")
    constants = (
        Constant(f"features_{reader.index}", features.ravel()),
        Constant(f"time_{reader.index}", time.ravel()),
        Constant(f"bias_{reader.index}", reader.bias(filters // rank, _BIAS)),
    )
    return Call(
        function=f"nn_svdf{_STATES[state.dtype]}",
        kernel="svdf.c",
        structure="nn_factored",
        parameters={
            "input_size": source.elements,
            "units": filters // rank,
            "rank": rank,
            "memory": memory,
            "input_zero_point": reader.affine(source).zero_point,
            "state_zero_point": reader.affine(state).zero_point,
            "to_state": to_state.fields(),
            "to_output": to_output.fields(),
            "output": reader.limits(output, "none"),
            "features": constants[0].symbol,
            "time": constants[1].symbol,
            "bias": constants[2].symbol,
        },
        inputs=(reader.op.inputs[0], reader.op.inputs[_STATE]),
        output=reader.op.outputs[0],
        constants=constants,
    )


OPERATOR = Operator(
    kind="svdf",
    shapes=_shapes,
    macs=_macs,
    parameters=(_FEATURES, _BIAS),
    reference=_reference,
    lower=_lower,
    options="SVDFOptions",
    version=3,
    has_state=True,
)
