"""What both kinds of pool have in common."""

from dataclasses import asdict

from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.weighted.convolution import SUFFIXES, TYPES, kernel_file
from tinylab.graph.operators.weighted.window import slid_shape


def pool_size(reader: Reader) -> tuple[int, int]:
    """Height and width of the window."""
    return reader.number("filter_height"), reader.number("filter_width")


def pool_shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    """The shape rule."""
    return (slid_shape(reader, pool_size(reader), reader.image(reader.tensor(0))[2]),)


def lower_pool(reader: Reader, target: Target) -> Call:
    """A call of the kernel for the operator's kind and type."""
    source, output = reader.activation(0, TYPES), reader.output(TYPES)
    image, pooled = reader.image(source), reader.image(output)
    reader.require(source.dtype == output.dtype, "its input and output differ in type")
    window = reader.window(*pool_size(reader), image, pooled)
    suffix = SUFFIXES[source.dtype]
    limits: dict[str, object]
    if source.dtype == "float32":
        limits = {"limits": reader.float_limits()}
    else:
        reader.same_scale(source, output)
        limits = {"output": {**reader.limits(output), "zero_point": 0}}
    function, kernel = f"nn_{reader.op.kind}{suffix}", kernel_file(reader.op.kind, source.dtype)
    if reader.option("halves_up"):
        reader.require(source.dtype == "int8", "only bytes can be rounded up")
        function, kernel = f"{function}_shifted", f"shifted/{reader.op.kind}_shifted.c"
    return Call(
        function=function,
        kernel=kernel,
        structure="nn_pool_f32" if suffix == "_f32" else "nn_pool",
        parameters={
            "input_shape": image,
            "output_shape": pooled,
            "window": asdict(window),
            **limits,
        },
        inputs=reader.op.inputs[:1],
        output=reader.op.outputs[0],
    )
