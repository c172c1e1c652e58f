"""Operators that work on one element at a time, or only change the shape."""

from tinylab.deploy.codegen.call import Call
from tinylab.deploy.codegen.checks import Reader
from tinylab.graph.fixed_point import activation_limits


def lower_rescale(graph, index: int, rounding: str) -> Call:
    """relu, relu6, and quantize from int8 to int8."""
    reader = Reader(graph, index)
    source, target = reader.activation(), reader.output()
    reader.require(source.elements == target.elements > 0, "its shapes differ")
    before, after = reader.affine(source), reader.affine(target)
    activation = "none" if reader.op.kind == "quantize" else reader.op.kind
    low, high = activation_limits(activation, after.scale, after.zero_point)
    factor = reader.multiplier(before.scale / after.scale)
    reader.require(factor.shift < 20, "its scales differ too much")
    return Call(
        function="nn_rescale",
        kernel="rescale.c",
        structure="nn_rescaling",
        parameters={
            "size": target.elements,
            "input_zero_point": before.zero_point,
            "output": {"zero_point": after.zero_point, "minimum": low, "maximum": high},
            "multiplier": factor.mantissa,
            "shift": factor.shift,
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )


def lower_quantize(graph, index: int, rounding: str) -> Call:
    reader = Reader(graph, index)
    if reader.tensor(0, "input").dtype == "int8":
        return lower_rescale(graph, index, rounding)
    return _between_float_and_int8(reader, "nn_quantize", quantized=reader.output())


def lower_dequantize(graph, index: int, rounding: str) -> Call:
    reader = Reader(graph, index)
    return _between_float_and_int8(reader, "nn_dequantize", quantized=reader.activation())


def _between_float_and_int8(reader: Reader, function: str, quantized) -> Call:
    source = reader.tensor(0, "input")
    target = reader.graph.tensors[reader.op.outputs[0]]
    types = {source.dtype, target.dtype}
    reader.require(
        types == {"float32", "int8"}, f"{source.dtype} to {target.dtype} is not supported"
    )
    reader.require(not source.is_constant, "its input is a constant: convert the model to int8")
    reader.require(source.elements == target.elements > 0, "its shapes differ")
    affine = reader.affine(quantized)
    return Call(
        function=function,
        kernel="quantize.c",
        structure="nn_affine",
        parameters={
            "size": target.elements,
            "scale": affine.scale,
            "zero_point": affine.zero_point,
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )


def lower_copy(graph, index: int, rounding: str) -> Call:
    """reshape and its kin, where the input must survive."""
    reader = Reader(graph, index)
    source, target = reader.activation(), reader.output()
    reader.require(source.elements == target.elements > 0, "its shapes differ in size")
    return Call(
        function="nn_copy",
        kernel="copy.c",
        structure="",
        parameters={"size": target.elements},
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )
