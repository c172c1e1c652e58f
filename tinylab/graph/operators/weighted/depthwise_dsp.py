"""depthwise_conv2d with the DSP extension: four channels at a time."""

from dataclasses import replace

import numpy as np

from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.weighted.conv2d_dsp import four_columns_call
from tinylab.graph.operators.weighted.convolution import Convolution
from tinylab.graph.operators.weighted.dsp import NO_TABLE, channel_table, dsp_call

_FEW_PLACES, _FEW_PLACES_APART = 12, 144  # of the output, with a stride of one and of two
_MANY_CHANNELS = 32
_FEW_CHANNELS = 3  # so few that a conv2d with weights of zero for the other channels is faster
_STACK_TAPS = 27  # NN_DSP_STACK_TAPS in nn_dsp.h
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
    channels, out = convolution.input[2], convolution.output[2]
    if channels == 1 or channels <= _FEW_CHANNELS < out:
        return four_columns_call(convolution, _of_all_channels(convolution), table, target)
    if _is_3x3(convolution) and not _is_dilated(convolution):
        by_rows = _call_3x3(convolution, table)
        if not _pays_place_by_place(convolution) and _has_room(by_rows, target):
            return by_rows
    if channels == out >= 4:
        return _call_taps(convolution, table)
    if channels <= _FEW_CHANNELS and _is_dilated(convolution):
        return four_columns_call(convolution, _of_all_channels(convolution), table, target)
    if _is_dilated(convolution):
        return "dilated windows with two or more outputs a channel take the plain kernel"
    if window.height > _MAX_WINDOW_ROWS:
        return f"its window has more than {_MAX_WINDOW_ROWS} rows"
    by_blocks = _call_blocks(convolution, table)
    if channels <= _FEW_CHANNELS and not _has_room(by_blocks, target):
        return four_columns_call(convolution, _of_all_channels(convolution), table, target)
    return by_blocks


def _call_blocks(convolution: Convolution, table: np.ndarray) -> Call:
    """A call of the kernel for any number of outputs a channel."""
    window, channels = convolution.window, convolution.output[2]
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


def _of_all_channels(convolution: Convolution) -> np.ndarray:
    """The weights of a conv2d: every output channel sees all of the input, most with zeros."""
    _, height, width, out = convolution.weights.shape
    channels = convolution.input[2]
    weights = np.zeros((out, height, width, channels), np.int8)
    seen = np.arange(out) // (out // channels)
    weights[np.arange(out), :, :, seen] = convolution.weights[0].transpose(2, 0, 1)
    return weights


def _is_dilated(convolution: Convolution) -> bool:
    return max(convolution.window.dilation_height, convolution.window.dilation_width) > 1


def _is_3x3(convolution: Convolution) -> bool:
    """Whether the kernel for the usual window applies."""
    window, (height, width, channels) = convolution.window, convolution.output
    square = (window.height, window.width) == (3, 3)
    steps = (window.stride_height, window.stride_width) in ((1, 1), (2, 2))
    many = channels >= 4 and width >= 2 and height >= 2
    return square and steps and many and convolution.input[2] == channels


def _has_room(call: Call, target: Target) -> bool:
    return call.scratch_bytes <= target.spare_bytes + target.slack_bytes


def _pays_place_by_place(convolution: Convolution) -> bool:
    """Whether pairs of rows, which are made for wide images, are slower."""
    height, width, channels = convolution.output
    if convolution.window.stride_width == 1:
        return height * width <= _FEW_PLACES
    return height * width <= _FEW_PLACES_APART or channels >= _MANY_CHANNELS


def _call_taps(convolution: Convolution, table: np.ndarray) -> Call:
    window, channels = convolution.window, convolution.output[2]
    count = window.height * window.width
    blocks = [min(first, channels - 4) for first in range(0, channels, 4)]
    taps = np.zeros((-(-count // 3) * 3, channels), np.int8)
    taps[:count] = convolution.weights[0].reshape(count, channels)
    packed = np.concatenate([taps[:, first : first + 4].ravel() for first in blocks])
    has_border = int(_reaches_out(convolution))
    fields = {
        "input_shape": convolution.input,
        "output_shape": convolution.output,
        "has_border": has_border,
    }
    scratch_bytes = (4 * len(taps) if count > _STACK_TAPS else 0) + channels * has_border
    call = dsp_call("depthwise_taps", convolution, fields, packed, table, scratch_bytes)
    return call if scratch_bytes else replace(call, finds_scratch=True)


def _reaches_out(convolution: Convolution) -> bool:
    """Whether some window sees what lies outside the image."""
    window = convolution.window
    sides = (
        (window.pad_top, window.stride_height, window.height, window.dilation_height, 0),
        (window.pad_left, window.stride_width, window.width, window.dilation_width, 1),
    )
    return any(
        pad > 0
        or (convolution.output[axis] - 1) * stride + (size - 1) * dilation
        >= convolution.input[axis]
        for pad, stride, size, dilation, axis in sides
    )


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
