"""conv2d: every output channel sees all input channels of its group."""

from math import prod

import numpy as np

from tinylab.graph.lowering import Reader
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step
from tinylab.graph.operators.weighted.conv2d_dsp import lower_dsp
from tinylab.graph.operators.weighted.convolution import lower_convolution, weighted
from tinylab.graph.operators.weighted.window import slid_shape, windows


def _shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    out, height, width, _ = reader.tensor(1, "weights").shape
    return (slid_shape(reader, (height, width), out),)


def _macs(inputs, output) -> int:
    return prod(output) * prod(inputs[1][1:])


def _reference(step: Step) -> np.ndarray:
    weights = step.value(1)
    patches = windows(step, step.value(0), weights.shape[1:3])
    groups = patches.shape[-1] // weights.shape[3]
    parts = zip(np.split(patches, groups, -1), np.split(weights, groups), strict=True)
    sums = [np.tensordot(x, w, axes=((2, 3, 4), (1, 2, 3))) for x, w in parts]
    return weighted(step, np.concatenate(sums, axis=-1))


OPERATOR = Operator(
    kind="conv2d",
    shapes=_shapes,
    macs=_macs,
    parameters=(1, 2),
    reference=_reference,
    lower=lower_convolution,
    lower_dsp=lower_dsp,
    options="Conv2DOptions",
    fuses_activation=True,
)
