"""conv2d with the DSP extension: four output columns times two output channels at a time."""

from dataclasses import replace
from math import prod

import numpy as np

from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.weighted.convolution import Convolution
from tinylab.graph.operators.weighted.dense import OnePosition, dsp_dense_call
from tinylab.graph.operators.weighted.dsp import NO_TABLE, channel_table, dsp_call

_COPIED_WORDS = 16  # NN_DSP_COPIED_WORDS in nn_dsp.h


def lower_dsp(reader: Reader, target: Target) -> Call | str:
    """A call of the DSP kernel, or why it does not apply."""
    if reader.tensor(0).dtype != "int8":
        return f"the DSP kernels work on int8, not {reader.tensor(0).dtype}"
    convolution = Convolution(reader)
    if convolution.weight_zero_point:
        return "its weights have a zero point"
    if convolution.groups > 1:
        return "grouped convolutions take the plain kernel"
    if has_one_position(convolution):
        return dsp_dense_call(_as_dense(convolution))
    table = channel_table(convolution)
    if table is None:
        return NO_TABLE
    return four_columns_call(convolution, convolution.weights, table, target)


def has_one_position(convolution: Convolution) -> bool:
    """Whether the window covers the whole input, as in networks that work on a stream."""
    window = convolution.window
    whole = (window.height, window.width) == convolution.input[:2]
    plain = window.dilation_height == window.dilation_width == 1
    return whole and plain and convolution.output[:2] == (1, 1)


def _as_dense(convolution: Convolution) -> OnePosition:
    return OnePosition(
        convolution.index,
        convolution.op,
        convolution.weights.reshape(len(convolution.weights), -1),
        convolution.bias,
        convolution.input_zero_point,
        convolution.limits,
        convolution.multipliers,
    )


def four_columns_call(
    convolution: Convolution, weights: np.ndarray, table: np.ndarray, target: Target
) -> Call:
    """The call; `weights` are those of a conv2d, [out][row][column][in]."""
    rows = _filter_rows(*weights.shape[1:])
    packed, words = _pack_filters(weights.reshape(len(weights), rows, -1))
    kernel = "conv2d"
    fields: dict[str, object] = {"filter_rows": rows, "row_words": words}
    scratch_bytes = 32 * rows * words + 4 * words
    place = _place(convolution, scratch_bytes, target)
    if not place and rows == convolution.window.height and prod(convolution.output[:2]) >= 4:
        part = _part_words(convolution, words, target)
        if _part_bytes(convolution, part) < scratch_bytes:
            kernel, fields["part_words"] = "conv2d_parts", part
            scratch_bytes = _part_bytes(convolution, part)
            place = _place(convolution, scratch_bytes, target)
    if not place and _grows_too_much(scratch_bytes, target):
        return _direct_call(convolution, weights, table)
    borrows = place == "borrowed"
    fields |= {"input_shape": convolution.input, "output_shape": convolution.output}
    call = dsp_call(kernel, convolution, fields, packed, table, 0 if borrows else scratch_bytes)
    return replace(call, finds_scratch=borrows)


def _grows_too_much(scratch_bytes: int, target: Target) -> bool:
    return scratch_bytes > target.spare_bytes + target.slack_bytes


def _direct_call(convolution: Convolution, weights: np.ndarray, table: np.ndarray) -> Call:
    """A call of the kernel that needs no memory, and is slower."""
    out, height, width, channels = weights.shape
    rows = 1 if height * width * channels <= 4 * _COPIED_WORDS else height
    words = -(-height * width * channels // (4 * rows))
    padded = np.zeros((-(-out // 4) * 4, rows, 4 * words), np.int8)
    padded[:out, :, : height * width * channels // rows] = weights.reshape(out, rows, -1)
    blocks = padded.reshape(len(padded) // 4, 4, rows, words, 4).transpose(0, 2, 3, 1, 4)
    fields = {"filter_rows": rows, "row_words": words}
    fields |= {"input_shape": convolution.input, "output_shape": convolution.output}
    return dsp_call("conv2d_direct", convolution, fields, blocks.ravel(), table, 0)


def _part_words(convolution: Convolution, words: int, target: Target) -> int:
    """The longest part of a filter row for which there is a place; four words if there is none."""
    part = words
    while not _place(convolution, _part_bytes(convolution, part), target):
        if part == 1:
            return min(words, 4)
        part = -(-part // 2)
    return part


def _part_bytes(convolution: Convolution, words: int) -> int:
    """Four columns of a part, a copy of one, and the sums of four columns."""
    return 36 * words + 32 * -(-convolution.output[2] // 2)


def _place(convolution: Convolution, scratch_bytes: int, target: Target) -> str:
    """Where working memory costs next to nothing: "spare", "borrowed", or nowhere."""
    if scratch_bytes <= target.spare_bytes:
        return "spare"
    if target.input_dies and _can_borrow(convolution, scratch_bytes):
        return "borrowed"
    return "spare" if scratch_bytes <= target.spare_bytes + target.slack_bytes else ""


def _can_borrow(convolution: Convolution, scratch_bytes: int) -> bool:
    """Whether the working memory fits behind what is written of the output until it fits before
    what is still read of the input."""
    (_, width, channels), window = convolution.output, convolution.window
    places, step = prod(convolution.output[:2]), prod(convolution.input[1:])
    pad, stride = window.pad_top, window.stride_height
    if convolution.input[0] == 1:  # then by columns, not by rows
        step, pad, stride, width = convolution.input[2], window.pad_left, window.stride_width, 1
    read = -(-scratch_bytes // step) + pad  # rows that are read by then
    first = min(-(-read // stride) * width, places)
    return (first + 4) * channels <= places * channels - scratch_bytes - 3


def _filter_rows(height: int, width: int, channels: int) -> int:
    """Rows that are filled up to whole words one by one, or 1 where that is a third more work."""
    apart, together = height * -(-width * channels // 4), -(-height * width * channels // 4)
    return height if 3 * apart < 4 * together else 1


def _pack_filters(weights: np.ndarray) -> tuple[np.ndarray, int]:
    """Filters [out][row][...] as [out / 2][row][word], values 0 0 2 2 1 1 3 3 of two filters."""
    out, rows, size = weights.shape
    words = -(-size // 4)
    padded = np.zeros((out + out % 2, rows, 4 * words), np.int8)
    padded[:out, :, :size] = weights
    pairs = padded.reshape(len(padded) // 2, 2, rows, words, 4)[..., [0, 2, 1, 3]]
    return pairs.transpose(0, 2, 3, 4, 1).ravel(), words
