"""fully_connected: every output sees all inputs."""

from math import prod

import numpy as np

from tinylab.graph.core.fixed_point import requantize_once
from tinylab.graph.lowering import Call, Constant, Reader, Target
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step
from tinylab.graph.operators.weighted.convolution import (
    real_scales,
    weighted,
)
from tinylab.graph.operators.weighted.dense import (
    Dense,
    check_rows,
    dense_call,
    dsp_dense_call,
    exact_scales,
    sizes_of,
)


def _shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    weights = reader.tensor(1, "weights").shape
    rows = check_rows(reader, weights)
    if reader.option("keep_num_dims"):
        return ((*reader.tensor(0).shape[:-1], weights[0]),)
    claimed = reader.result().shape
    if prod(claimed[:-1]) == rows and claimed[-1:] == weights[:1]:
        return (claimed,)
    return ((rows, weights[0]),)


def _macs(inputs, output) -> int:
    return prod(output) * inputs[1][-1]


def _reference(step: Step) -> np.ndarray:
    weights = step.value(1)
    sums = step.value(0).reshape(-1, weights.shape[1]) @ weights.T
    if not step.quantized:
        return weighted(step, sums)
    if step.weight_zero_point():
        return weighted(step, sums)
    if len(step.inputs) > 2 and step.inputs[2] is not None:
        sums = sums + step.inputs[2].ravel()
    return step.finish(requantize_once(sums, real_scales(step)))


def _lower(reader: Reader, target: Target) -> Call:
    if reader.tensor(0).dtype == "float32":
        return _lower_float(reader)
    dense = Dense(reader, target.rounding)
    if dense.dtype == "int16":
        return _lower_wide(dense)
    return dense_call(dense, "", dense.weights.ravel(), dense.bias)


def _lower_wide(dense: Dense) -> Call:
    """16-bit activations; their sums fit 34 bits, or the layer is refused."""
    index = dense.index
    largest = np.abs(dense.weights.astype(np.int64)).sum(axis=1) * 2**15
    fits = (largest + np.abs(dense.bias.astype(np.int64))).max(initial=0) < 2**34
    dense.reader.require(bool(fits), "its sums may need more than 34 bits")
    per_channel = len(set(dense.real.tolist())) > 1
    exact = exact_scales(index, dense.real if per_channel else dense.real[:1])
    weights = Constant(f"weights_{index}", dense.weights.ravel())
    bias = Constant(f"bias_{index}", dense.bias.astype(np.int64))
    return Call(
        function="nn_fully_connected_s16",
        kernel="s16/fully_connected_s16.c",
        structure="nn_dense_s16",
        parameters={
            **sizes_of(dense),
            "output": dense.limits,
            "weights": weights.symbol,
            "bias": bias.symbol,
            "per_channel": int(per_channel),
            "exact": exact.symbol,
        },
        inputs=dense.op.inputs[:1],
        output=dense.op.outputs[0],
        constants=(weights, bias, exact),
    )


def _lower_float(reader: Reader) -> Call:
    reader.activation(0, ("float32",)), reader.output(("float32",))
    weights = reader.constant(1, "weights", "float32")
    reader.require(weights.ndim == 2, "its weights must have 2 axes")
    rows = check_rows(reader, weights.shape)
    index = reader.index
    constants = (
        Constant(f"weights_{index}", weights.ravel()),
        Constant(f"bias_{index}", reader.bias(weights.shape[0], dtypes=("float32",))),
    )
    return Call(
        function="nn_fully_connected_f32",
        kernel="f32/fully_connected_f32.c",
        structure="nn_dense_f32",
        parameters={
            "rows": rows,
            "input_size": weights.shape[1],
            "output_size": weights.shape[0],
            "limits": reader.float_limits(),
            "weights": constants[0].symbol,
            "bias": constants[1].symbol,
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
        constants=constants,
    )


def _lower_dsp(reader: Reader, target: Target) -> Call | str:
    if reader.tensor(0).dtype != "int8":
        return f"the DSP kernels work on int8, not {reader.tensor(0).dtype}"
    dense = Dense(reader, target.rounding)
    if dense.weight_zero_point:
        return "its weights have a zero point"
    if dense.input_size % 4 and dense.rows > 1:
        return f"{dense.rows} rows of {dense.input_size} inputs, which is no multiple of four"
    return dsp_dense_call(dense)


OPERATOR = Operator(
    kind="fully_connected",
    shapes=_shapes,
    macs=_macs,
    parameters=(1, 2),
    reference=_reference,
    lower=_lower,
    lower_dsp=_lower_dsp,
    options="FullyConnectedOptions",
    fuses_activation=True,
)
