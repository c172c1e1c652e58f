"""batch_matmul: products of matrices, one a batch, both of them activations or one a constant."""

from math import prod

import numpy as np

from tinylab.graph.core.fixed_point import quantize_multiplier, requantize_twice
from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step, scale_of


def _sides(reader: Reader) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shapes of both operands, as if neither were transposed."""
    shapes = []
    for position, option in ((0, "adj_x"), (1, "adj_y")):
        *batch, rows, columns = reader.tensor(position).shape
        flipped = bool(reader.option(option))
        shapes.append((*batch, columns, rows) if flipped else (*batch, rows, columns))
    return shapes[0], shapes[1]


def _shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    first, second = _sides(reader)
    fits = first[-1] == second[-2]
    reader.require(fits, f"{first} and {second} do not fit")
    return ((*np.broadcast_shapes(first[:-2], second[:-2]), first[-2], second[-1]),)


def _macs(inputs, output) -> int:
    rows = output[-2] if len(output) > 1 else 1
    return prod(output) * (prod(inputs[0][-2:]) // max(rows, 1))


def _reference(step: Step) -> np.ndarray:
    operands = [
        np.swapaxes(step.value(i), -1, -2) if step.option(option) else step.value(i)
        for i, option in ((0, "adj_x"), (1, "adj_y"))
    ]
    product = operands[0] @ operands[1]
    if not step.quantized:
        return product
    scales = [scale_of(step.tensor(i))[0] for i in (0, 1)]
    factor = quantize_multiplier(scales[0] * scales[1] / scale_of(step.result())[0])
    return step.finish(requantize_twice(product, [factor]))


def _lower(reader: Reader, target: Target) -> Call:
    (first, second), output = (reader.activation(0), reader.activation(1)), reader.output()
    left, right = _sides(reader)
    batches = prod(left[:-2])
    same = left[:-2] == right[:-2] or prod(right[:-2]) == 1
    reader.require(same, f"the batches of {left} and {right} differ")
    affines = [reader.affine(tensor) for tensor in (first, second)]
    factor = reader.multiplier(affines[0].scale * affines[1].scale / reader.affine(output).scale)
    flipped = [bool(reader.option(option)) for option in ("adj_x", "adj_y")]
    rows, depth, columns = left[-2], left[-1], right[-1]
    return Call(
        function="nn_batch_matmul",
        kernel="batch_matmul.c",
        structure="nn_matrices",
        parameters={
            "batches": batches,
            "rows": rows,
            "depth": depth,
            "columns": columns,
            "first_row": 1 if flipped[0] else depth,
            "first_step": rows if flipped[0] else 1,
            "second_column": depth if flipped[1] else 1,
            "second_step": 1 if flipped[1] else columns,
            "second_batch": depth * columns if prod(right[:-2]) > 1 else 0,
            "first_zero_point": affines[0].zero_point,
            "second_zero_point": affines[1].zero_point,
            **factor.fields(),
            "output": reader.limits(output, "none"),
        },
        inputs=reader.op.inputs[:2],
        output=reader.op.outputs[0],
    )


OPERATOR = Operator(
    kind="batch_matmul",
    shapes=_shapes,
    macs=_macs,
    parameters=(1,),
    reference=_reference,
    lower=_lower,
    options="BatchMatMulOptions",
)
