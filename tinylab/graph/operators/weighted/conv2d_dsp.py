"""conv2d with the DSP extension: two output columns times two output channels at a time."""

import numpy as np

from tinylab.graph.lowering import Call, Reader, Target, Window
from tinylab.graph.operators.weighted.convolution import Convolution
from tinylab.graph.operators.weighted.dsp import NO_TABLE, channel_table, dsp_call, refusal


def lower_dsp(reader: Reader, target: Target) -> Call | str:
    """A call of the DSP kernel, or why it does not apply."""
    if reader.tensor(0).dtype == "float32":
        return "the DSP kernels work on int8, not float32"
    convolution = Convolution(reader)
    window, channels = convolution.window, convolution.input[2]
    reason = refusal(convolution)
    if reason is None and convolution.groups > 1:
        reason = "grouped convolutions take the plain kernel"
    if reason is None and (window.stride_width * channels) % 2:
        reason = f"{channels} channels times stride {window.stride_width} is odd"
    table = None if reason else channel_table(convolution)
    if table is None:
        return reason or NO_TABLE
    image, output = _flattened(convolution)
    tile = _tile_width(window, channels, output[1], target.spare_bytes)
    row_values = ((tile - 1) * window.stride_width + window.width) * channels
    packed, row_words = pack_filters(convolution.weights)
    return dsp_call(
        convolution,
        {"input_shape": image, "output_shape": output, "tile_width": tile, "row_words": row_words},
        packed,
        table,
        scratch_bytes=_row_bytes(row_values) * window.height + 8,
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
    if window.height == 1:
        return 2
    fitting = (spare_bytes - 8) // (2 * window.height) // channels - window.width
    tile = max(fitting // window.stride_width, 2) // 2 * 2
    return min(tile, columns + columns % 2)


def _row_bytes(values: int) -> int:
    return (values + 1) // 2 * 4


def pack_filters(weights: np.ndarray) -> tuple[np.ndarray, int]:
    """Filters [out][row][column][in] as [out / 2][row][word][2] words, byte order 0, 2, 1, 3."""
    out, rows = weights.shape[:2]
    flat = weights.reshape(out, rows, -1)
    words = -(-flat.shape[2] // 4)
    padded = np.zeros((out + out % 2, rows, 4 * words), np.int8)
    padded[:out, :, : flat.shape[2]] = flat
    pairs = padded.reshape(len(padded) // 2, 2, rows, words, 4)[..., [0, 2, 1, 3]]
    return pairs.transpose(0, 2, 3, 1, 4).ravel(), words
