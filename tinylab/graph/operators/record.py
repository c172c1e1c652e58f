"""What tinylab knows about a kind of operator, in one record."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.step import Step

Shape = tuple[int, ...]


def no_macs(inputs: list[Shape], output: Shape) -> int:
    """Operators without multiply-accumulates: moves, sums, pools, activation functions."""
    return 0


@dataclass(frozen=True, kw_only=True)
class Operator:
    """All that is known about one kind of operator.

    Parameters
    ----------
    kind : str
        As in `Op.kind`.
    shapes : callable, optional
        The shape rule: `shapes(reader)` gives the shape of each output. Whatever a file claims is
        compared with it before the operator is computed or becomes C.
    macs : callable
        Multiply-accumulates: `macs(input_shapes, output_shape)`.
    parameters : tuple of int
        Positions of the weights and of the bias among the inputs.
    in_place : str
        "view": the output is the input's memory under another shape. "elementwise": an output
        element depends on the input elements at the same position only, so the output may
        overwrite an input. Empty: neither.
    reference : callable, optional
        The result in numpy: `reference(step)` gives an array, or a tuple of one an output.
    lower : callable, optional
        The plain kernel: `lower(reader, target)` gives a `Call`, or a tuple of them.
    lower_dsp : callable, optional
        The kernel for cores with the DSP extension; or a str, the reason why it does not apply.
    options : str
        The name of its table in a `.tflite` file, empty if it has none.
    version : int
        As written to a `.tflite` file.
    fuses_activation : bool
        It can end with an activation function of its own.
    keeps_channels : bool
        A channel of the output depends on the same channel of the input only.
    needs_shape_only : bool
        The result follows from the input's shape.
    has_state : bool
        It writes something that outlives the inference: it is never dropped or folded.
    """

    kind: str
    shapes: Callable[[Reader], tuple[Shape, ...]] | None = None
    macs: Callable[[list[Shape], Shape], int] = no_macs
    parameters: tuple[int, ...] = ()
    in_place: str = ""
    reference: Callable[[Step], np.ndarray | tuple[np.ndarray, ...]] | None = None
    lower: Callable[[Reader, Target], Call | tuple[Call, ...]] | None = None
    lower_dsp: Callable[[Reader, Target], Call | str] | None = None
    options: str = ""
    version: int = 1
    fuses_activation: bool = False
    keeps_channels: bool = False
    needs_shape_only: bool = False
    has_state: bool = False


def same_shape(reader: Reader) -> tuple[Shape, ...]:
    """The shape rule of elementwise operators of one input."""
    return (reader.tensor(0).shape,)


def check_shapes(reader: Reader, operator: Operator) -> None:
    """UnsupportedOperatorError if what the graph claims is not what the shape rule says."""
    if operator.shapes is None:
        return
    try:
        expected = operator.shapes(reader)
    except (AttributeError, IndexError, TypeError, ZeroDivisionError) as error:
        raise reader.refuse(f"it does not fit its tensors ({error})") from error
    shapes = tuple(reader.graph.tensors[i].shape for i in reader.op.outputs)
    reader.require(
        tuple(map(tuple, expected)) == shapes,
        f"its outputs must have the shapes {expected}, not {shapes}",
    )
