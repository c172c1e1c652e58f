"""depthwise_conv2d: every output channel sees one input channel."""

from math import prod

import numpy as np

from tinylab.graph.lowering import Reader
from tinylab.graph.operators.record import Operator
from tinylab.graph.operators.step import Step
from tinylab.graph.operators.weighted.convolution import lower_convolution, weighted
from tinylab.graph.operators.weighted.depthwise_dsp import lower_dsp
from tinylab.graph.operators.weighted.window import slid_shape, windows


def _shapes(reader: Reader) -> tuple[tuple[int, ...], ...]:
    _, height, width, out = reader.tensor(1, "weights").shape
    return (slid_shape(reader, (height, width), out),)


def _macs(inputs, output) -> int:
    return prod(output) * prod(inputs[1][1:3])


def _reference(step: Step) -> np.ndarray:
    weights = step.value(1)[0]
    patches = windows(step, step.value(0), weights.shape[:2])
    patches = np.repeat(patches, weights.shape[2] // patches.shape[-1], axis=-1)
    return weighted(step, np.einsum("rchwk,hwk->rck", patches, weights))


OPERATOR = Operator(
    kind="depthwise_conv2d",
    shapes=_shapes,
    macs=_macs,
    parameters=(1, 2),
    reference=_reference,
    lower=lower_convolution,
    lower_dsp=lower_dsp,
    options="DepthwiseConv2DOptions",
    fuses_activation=True,
)
