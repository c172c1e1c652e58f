"""depthwise_conv2d with the DSP extension: four channels at a time."""

import numpy as np

from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.weighted.conv2d_dsp import four_columns_call, has_one_position
from tinylab.graph.operators.weighted.convolution import Convolution
from tinylab.graph.operators.weighted.dsp import NO_TABLE, channel_table, dsp_call

_MOST_PLACES, _MOST_PLACES_APART = 12, 144  # of the output, with a stride of one and of two
_MOST_SCRATCH_PERCENT = 100  # of what the arena has free
_MAX_WINDOW_ROWS = 32  # NN_DSP_MAX_ROWS in nn_dsp.h


def lower_dsp(reader: Reader, target: Target) -> Call | str:
    """A call of the DSP kernel, or why it does not apply."""
    if reader.tensor(0).dtype != "int8":
        return f"the DSP kernels work on int8, not {reader.tensor(0).dtype}"
    convolution = Convolution(reader)
    if convolution.weight_zero_point:
        return "its weights have a zero point"
    table = channel_table(convolution)
    if table is None:
        return NO_TABLE
    window = convolution.window
    if convolution.input[2] == 1:  # then every output channel sees all of the input
        return four_columns_call(
            convolution, convolution.weights.transpose(3, 1, 2, 0), table, target
        )
    if has_one_position(convolution) and convolution.input[2] == convolution.output[2]:
        if convolution.input[2] % 4 == 0:
            shapes = {"input_shape": convolution.input, "output_shape": convolution.output}
            packed = convolution.weights.ravel()
            return dsp_call("depthwise_position", convolution, shapes, packed, table, 0)
    if window.dilation_height > 1 or window.dilation_width > 1:
        return "dilated windows take the plain kernel"
    if _is_3x3(convolution):
        return _call_small(convolution, table, target) or _call_3x3(convolution, table)
    if window.height > _MAX_WINDOW_ROWS:
        return f"its window has more than {_MAX_WINDOW_ROWS} rows"
    channels = convolution.output[2]
    columns = (convolution.output[1] - 1) * window.stride_width + window.width
    return dsp_call(
        "depthwise_conv2d",
        convolution,
        {
            "input_shape": convolution.input,
            "output_shape": convolution.output,
            "multiplier": channels // convolution.input[2],
        },
        _packed(convolution.weights[0]),
        table,
        scratch_bytes=window.height * columns * 4 * 2,
    )


def _is_3x3(convolution: Convolution) -> bool:
    """Whether the kernel for the usual window applies."""
    window, (height, width, channels) = convolution.window, convolution.output
    square = (window.height, window.width) == (3, 3)
    steps = (window.stride_height, window.stride_width) in ((1, 1), (2, 2))
    many = channels >= 4 and width >= 2 and height >= 2
    return square and steps and many and convolution.input[2] == channels


def _call_small(convolution: Convolution, table: np.ndarray, target: Target) -> Call | None:
    """A call of the kernel for small images, None where pairs of rows are faster."""
    height, width, channels = convolution.output
    stride = convolution.window.stride_width
    scratch_bytes = 4 * ((height - 1) * stride + 3) * ((width - 1) * stride + 3)
    small = height * width <= (_MOST_PLACES if stride == 1 else _MOST_PLACES_APART)
    room = (target.spare_bytes + target.slack_bytes) * _MOST_SCRATCH_PERCENT // 100
    if not small or scratch_bytes > room:
        return None
    blocks = [min(first, channels - 4) for first in range(0, channels, 4)]
    taps = convolution.weights[0].reshape(9, channels)
    packed = np.concatenate([taps[:, first : first + 4].ravel() for first in blocks])
    shapes = {"input_shape": convolution.input, "output_shape": convolution.output}
    return dsp_call("depthwise_small", convolution, shapes, packed, table, scratch_bytes)


def _call_3x3(convolution: Convolution, table: np.ndarray) -> Call:
    packed = np.zeros((convolution.output[2], 3, 4), np.int8)
    packed[..., :3] = convolution.weights[0].transpose(2, 1, 0)
    columns = (convolution.output[1] - 1) * convolution.window.stride_width + 3
    shapes = {"input_shape": convolution.input, "output_shape": convolution.output}
    scratch_bytes = 4 * 2 * columns * 4
    return dsp_call("depthwise_3x3", convolution, shapes, packed.ravel(), table, scratch_bytes)


def _packed(weights: np.ndarray) -> np.ndarray:
    """[row][column][channel] as [channel / 4][row][column][4] int16, filled up with zeros."""
    height, width, channels = weights.shape
    blocks = -(-channels // 4)
    padded = np.zeros((height * width, 4 * blocks), np.int16)
    padded[:, :channels] = weights.reshape(height * width, channels)
    return padded.reshape(height * width, blocks, 4).transpose(1, 0, 2).ravel()
