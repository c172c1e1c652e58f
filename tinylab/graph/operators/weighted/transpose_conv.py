"""transpose_conv: every input pixel adds a copy of the filter to the output."""

from math import prod

import numpy as np

from tinylab.graph.lowering import Call, Constant, Reader, Target
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step
from tinylab.graph.operators.weighted.convolution import scale_constants, weighted

_IMAGE, _BIAS = 2, 3


def _shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    shape = tuple(reader.integers(0, "output shape"))
    (height, width, _), (out, rows, columns, _) = (
        reader.image(reader.tensor(_IMAGE)),
        reader.tensor(1, "weights").shape,
    )
    reader.require(len(shape) == 4 and shape[3] == out, f"its output shape is {shape}")
    sides = (("h", rows, shape[1], height), ("w", columns, shape[2], width))
    for side, size, large, small in sides:
        reader.require(reader.slid(side, size, large) == small, f"its output shape is {shape}")
    return (shape,)


def _macs(inputs, output) -> int:
    weight, image = inputs[1], inputs[_IMAGE]
    return prod(image) * prod(weight[1:3]) * weight[0]


def _padding(reader: Reader) -> tuple[int, int]:
    """Rows above and columns left that are cut off."""
    image, weights = reader.tensor(_IMAGE).shape, reader.tensor(1, "weights").shape
    cut = []
    for axis, side in ((1, "h"), (2, "w")):
        stride = reader.number(f"stride_{side}")
        missing = (image[axis] - 1) * stride + weights[axis] - reader.result().shape[axis]
        cut.append(max(missing, 0) // 2 if reader.option("padding") == "same" else 0)
    return cut[0], cut[1]


def _reference(step: Step) -> np.ndarray:
    weights, x = step.value(1), step.value(_IMAGE)[0]
    top, left = _padding(step)
    stride_h, stride_w = step.number("stride_h"), step.number("stride_w")
    rows, columns = weights.shape[1:3]
    _, height, width, out = step.result().shape
    reach = rows + stride_h * x.shape[0], columns + stride_w * x.shape[1]
    large = np.zeros((top + height + reach[0], left + width + reach[1], out), x.dtype)
    spread = np.tensordot(x, weights, axes=((2,), (3,))).transpose(0, 1, 3, 4, 2)
    for y in range(x.shape[0]):
        for z in range(x.shape[1]):
            corner = np.s_[
                y * stride_h : y * stride_h + rows, z * stride_w : z * stride_w + columns
            ]
            large[corner] += spread[y, z]
    return weighted(step, large[top : top + height, left : left + width], bias=_BIAS)


def _geometry(reader: Reader, weights: np.ndarray) -> dict[str, object]:
    """Shapes, strides and cuts, after checking that the weights fit."""
    image, shape = reader.image(reader.tensor(_IMAGE)), reader.image(reader.result())
    fits = weights.ndim == 4 and (weights.shape[0], weights.shape[3]) == (shape[2], image[2])
    reader.require(fits, f"weights {weights.shape} do not fit {image[2]} -> {shape[2]} channels")
    top, left = _padding(reader)
    return {
        "input_shape": image,
        "output_shape": shape,
        "filter_height": weights.shape[1],
        "filter_width": weights.shape[2],
        "stride_height": reader.number("stride_h"),
        "stride_width": reader.number("stride_w"),
        "cut_top": top,
        "cut_left": left,
    }


def _lower_float(reader: Reader) -> Call:
    reader.activation(_IMAGE, ("float32",))
    reader.output(("float32",))
    weights = reader.constant(1, "weights", "float32")
    geometry = _geometry(reader, weights)
    bias = reader.bias(weights.shape[0], _BIAS, ("float32",))
    constants = (
        Constant(f"weights_{reader.index}", weights.ravel()),
        Constant(f"bias_{reader.index}", bias),
    )
    return Call(
        function="nn_transpose_conv_f32",
        kernel="f32/transpose_conv_f32.c",
        structure="nn_transposed_f32",
        parameters={
            **geometry,
            "limits": reader.float_limits(),
            "weights": constants[0].symbol,
            "bias": constants[1].symbol,
        },
        inputs=(reader.op.inputs[_IMAGE],),
        output=reader.op.outputs[0],
        constants=constants,
    )


def _lower(reader: Reader, target: Target) -> Call:
    if reader.tensor(_IMAGE).dtype == "float32":
        return _lower_float(reader)
    source, output = reader.activation(_IMAGE), reader.output()
    weights = reader.weights(axes=4)
    geometry, out = _geometry(reader, weights), weights.shape[0]
    reader.require(not reader.weight_zero_point(), "its weights must have the zero point 0")
    per_channel = reader.weight_scales(reader.tensor(1, "weights"), out, 0)
    real = reader.affine(source).scale * per_channel / reader.affine(output).scale
    factors = scale_constants(reader.index, [reader.multiplier(float(f)) for f in real])
    constants = (
        Constant(f"weights_{reader.index}", weights.ravel()),
        Constant(f"bias_{reader.index}", reader.bias(out, _BIAS)),
        *factors,
    )
    return Call(
        function="nn_transpose_conv",
        kernel="transpose_conv.c",
        structure="nn_transposed",
        parameters={
            **geometry,
            "input_zero_point": reader.affine(source).zero_point,
            "output": reader.limits(output),
            "weights": constants[0].symbol,
            "bias": constants[1].symbol,
            "scales": {"multiplier": factors[0].symbol, "shift": factors[1].symbol},
        },
        inputs=(reader.op.inputs[_IMAGE],),
        output=reader.op.outputs[0],
        constants=constants,
    )


OPERATOR = Operator(
    kind="transpose_conv",
    shapes=_shapes,
    macs=_macs,
    parameters=(1, _BIAS),
    reference=_reference,
    lower=_lower,
    options="TransposeConvOptions",
    fuses_activation=True,
)
