"""conv2d with the DSP extension: two output columns times two output channels at a time."""

import numpy as np

from tinylab.graph.lowering import Call, Reader, Target, Window
from tinylab.graph.operators.weighted.convolution import Convolution
from tinylab.graph.operators.weighted.dense import OnePosition, dsp_dense_call
from tinylab.graph.operators.weighted.dsp import NO_TABLE, channel_table, dsp_call


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
    window = convolution.window
    dilated = window.dilation_height > 1 or window.dilation_width > 1
    if dilated or window.stride_width * convolution.input[2] % 2:
        return columns_call(convolution, convolution.weights, table)
    return _rows_call(convolution, table, target.spare_bytes)


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


def _rows_call(convolution: Convolution, table: np.ndarray, spare_bytes: int) -> Call:
    """Input rows are widened for a tile of output columns at once."""
    image, output = _flattened(convolution)
    window, channels = convolution.window, convolution.input[2]
    tile = _tile_width(window, channels, output[1], spare_bytes)
    row_values = ((tile - 1) * window.stride_width + window.width) * channels
    packed, row_words = _pack_filters(convolution.weights)
    return dsp_call(
        "conv2d",
        convolution,
        {
            "input_shape": image,
            "output_shape": output,
            "tile_width": tile,
            "filter_rows": window.height,
            "row_words": row_words,
        },
        packed,
        table,
        scratch_bytes=_row_bytes(row_values) * window.height + 8,
    )


def columns_call(convolution: Convolution, weights: np.ndarray, table: np.ndarray) -> Call:
    """Each window is gathered whole, for where columns are not aligned or taps are apart.

    `weights` are those of a conv2d, [out][row][column][in].
    """
    packed, words = _pack_filters(weights.reshape(len(weights), 1, -1))
    return dsp_call(
        "conv2d_columns",
        convolution,
        {
            "input_shape": convolution.input,
            "output_shape": convolution.output,
            "filter_rows": 1,
            "row_words": words,
        },
        packed,
        table,
        scratch_bytes=2 * 8 * words,
    )


def _flattened(convolution: Convolution) -> tuple[tuple, tuple]:
    """A 1x1 convolution does not care about rows: the image becomes one long row."""
    window, (height, width, channels) = convolution.window, convolution.input
    pointwise = (window.height, window.width) == (1, 1)
    if pointwise and (window.stride_height, window.stride_width) == (1, 1):
        size = height * width
        return (1, size, channels), (1, size, convolution.output[2])
    return convolution.input, convolution.output


def _tile_width(window: Window, channels: int, columns: int, spare_bytes: int) -> int:
    """As many output columns as the spare memory holds, even, and at least two."""
    if (window.height, window.width) == (1, 1):
        return 2
    fitting = (spare_bytes - 8) // (2 * window.height) // channels - window.width
    tile = max(fitting // window.stride_width, 2) // 2 * 2
    return min(tile, columns + columns % 2)


def _row_bytes(values: int) -> int:
    return (values + 1) // 2 * 4


def _pack_filters(weights: np.ndarray) -> tuple[np.ndarray, int]:
    """Filters [out][row][...] as [out / 2][row][word][2] words, byte order 0, 2, 1, 3."""
    out, rows = weights.shape[:2]
    flat = weights.reshape(out, rows, -1)
    words = -(-flat.shape[2] // 4)
    padded = np.zeros((out + out % 2, rows, 4 * words), np.int8)
    padded[:out, :, : flat.shape[2]] = flat
    pairs = padded.reshape(len(padded) // 2, 2, rows, words, 4)[..., [0, 2, 1, 3]]
    return pairs.transpose(0, 2, 3, 1, 4).ravel(), words
