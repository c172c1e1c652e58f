"""Kernels for cores with the DSP extension: weights reordered, zero points folded into biases.

Each function returns None where its kernel does not apply; the plain kernel then takes over.
"""

from dataclasses import asdict

import numpy as np

from tinylab.deploy.codegen.call import Call, Constant
from tinylab.deploy.codegen.lower import Convolution, Dense, dense_call
from tinylab.graph.fixed_point import Multiplier, requantize_twice

_MAX_WINDOW_ROWS = 16  # NN_DSP_MAX_ROWS in nn_dsp.h


def lower_conv2d(graph, index: int, rounding: str, spare_bytes: int) -> Call | None:
    """`spare_bytes` is what the arena has free during this operator; wider tiles use it."""
    convolution = Convolution(graph, index)
    window, channels = convolution.window, convolution.input[2]
    dilated = window.dilation_height > 1 or window.dilation_width > 1
    if dilated or (window.stride_width * channels) % 2:
        return None
    table = _channel_table(convolution)
    if table is None:
        return None
    image, output = _flattened(convolution)
    tile = _tile_width(window, channels, output[1], spare_bytes)
    row_values = ((tile - 1) * window.stride_width + window.width) * channels
    packed, row_words = _pack_filters(convolution.weights)
    return _call(
        convolution,
        {"input_shape": image, "output_shape": output, "tile_width": tile, "row_words": row_words},
        packed,
        table,
        scratch_bytes=_row_bytes(row_values) * window.height + 8,
    )


def lower_depthwise_conv2d(graph, index: int, rounding: str, spare_bytes: int) -> Call | None:
    convolution = Convolution(graph, index)
    window, channels = convolution.window, convolution.output[2]
    dilated = window.dilation_height > 1 or window.dilation_width > 1
    if dilated or channels != convolution.input[2] or channels % 4:
        return None
    if window.height > _MAX_WINDOW_ROWS:
        return None
    table = _channel_table(convolution)
    if table is None:
        return None
    blocks = convolution.weights.reshape(window.height * window.width, channels // 4, 4)
    packed = blocks.transpose(1, 0, 2).astype(np.int16).ravel()
    columns = (convolution.output[1] - 1) * window.stride_width + window.width
    shapes = {"input_shape": convolution.input, "output_shape": convolution.output}
    return _call(
        convolution,
        {**shapes, "tile_width": convolution.output[1], "row_words": 0},
        packed,
        table,
        scratch_bytes=window.height * columns * 4 * 2,
    )


def lower_fully_connected(graph, index: int, rounding: str, spare_bytes: int) -> Call | None:
    dense = Dense(graph, index, rounding)
    if dense.input_size % 4:
        return None
    out = -(-dense.output_size // 4) * 4
    padded = np.zeros((out, dense.input_size), np.int8)
    padded[: dense.output_size] = dense.weights
    words = padded.reshape(out // 4, 4, dense.input_size // 4, 4).transpose(0, 2, 1, 3)
    bias = dense.bias - dense.input_zero_point * dense.weights.sum(axis=1, dtype=np.int64)
    if np.abs(bias).max(initial=0) >= 2**31:
        return None
    filled = np.zeros(out, np.int32)
    filled[: dense.output_size] = bias
    return dense_call(dense, "_dsp", np.ascontiguousarray(words).ravel().view("<u4"), filled)


def _call(convolution, parameters: dict, packed, table, scratch_bytes: int) -> Call:
    index, kind = convolution.index, convolution.op.kind
    words = np.ascontiguousarray(packed).view("<u4")
    weights = Constant(f"weights_{index}", words)
    channels = Constant(
        f"channels_{index}", _filled(table, len(table) + len(table) % 2), "nn_dsp_channel"
    )
    return Call(
        function=f"nn_{kind}_dsp",
        kernel=f"dsp/{kind}_dsp.c",
        structure="nn_dsp_convolution",
        parameters={
            **parameters,
            "window": asdict(convolution.window),
            "input_zero_point": convolution.input_zero_point,
            "output": convolution.limits,
            "weights": weights.symbol,
            "channels": channels.symbol,
        },
        inputs=convolution.op.inputs[:1],
        output=convolution.op.outputs[0],
        constants=(weights, channels),
        scratch_bytes=scratch_bytes,
    )


def _channel_table(convolution) -> np.ndarray | None:
    """Rows of `nn_dsp_channel`; None where the short scaling of the DSP kernels would overflow."""
    weights = convolution.weights
    rows = weights.reshape(-1, weights.shape[3]).T if convolution.depthwise else weights
    rows = rows.reshape(len(rows), -1).astype(np.int64)
    bias = convolution.bias - convolution.input_zero_point * rows.sum(axis=1)
    lowest = bias + np.minimum(-128 * rows, 127 * rows).sum(axis=1)
    highest = bias + np.maximum(-128 * rows, 127 * rows).sum(axis=1)
    columns = zip(bias, lowest, highest, convolution.multipliers, strict=True)
    table = [_row(*values, convolution.limits["zero_point"]) for values in columns]
    return None if None in table else np.array(table, np.int64)


def _row(bias: int, lowest: int, highest: int, multiplier: Multiplier, zero_point: int):
    """One channel. Trained models have dead channels, whose scale is so small that no input moves
    the output: these become a constant."""
    ends = requantize_twice(np.array([[lowest], [highest]]), [multiplier]).ravel() + zero_point
    first, last = np.clip(ends, -128, 127).tolist()
    within = -(2**31) <= lowest and highest < 2**31
    if first == last and within:
        return 0, 0, 2 * first, 1
    shift = -multiplier.shift
    if not 1 <= shift <= 22 or max(-lowest, highest) >= 2**30:
        return None
    return int(bias), multiplier.mantissa, (1 << (shift - 1)) + (zero_point << shift), shift


def _filled(table: np.ndarray, rows: int) -> np.ndarray:
    return np.vstack([table, np.zeros((rows - len(table), 4), table.dtype)])


def _flattened(convolution) -> tuple[tuple, tuple]:
    """A 1x1 convolution does not care about rows: the image becomes one long row."""
    window, (height, width, channels) = convolution.window, convolution.input
    pointwise = (window.height, window.width) == (1, 1)
    if pointwise and (window.stride_height, window.stride_width) == (1, 1):
        size = height * width
        return (1, size, channels), (1, size, convolution.output[2])
    return convolution.input, convolution.output


def _tile_width(window, channels: int, columns: int, spare_bytes: int) -> int:
    """As many output columns as the spare memory holds, even, and at least two."""
    if window.height == 1:
        return 2
    fitting = (spare_bytes - 8) // (2 * window.height) // channels - window.width
    tile = max(fitting // window.stride_width, 2) // 2 * 2
    return min(tile, columns + columns % 2)


def _row_bytes(values: int) -> int:
    return (values + 1) // 2 * 4


def _pack_filters(weights: np.ndarray) -> tuple[np.ndarray, int]:
    """Filters [out][row][column][in] as [out / 2][row][word][2] words, byte order 0, 2, 1, 3."""
    out, rows = weights.shape[:2]
    flat = weights.reshape(out, rows, -1)
    words = -(-flat.shape[2] // 4)
    padded = np.zeros((out + out % 2, rows, 4 * words), np.int8)
    padded[:out, :, : flat.shape[2]] = flat
    pairs = padded.reshape(len(padded) // 2, 2, rows, words, 4)[..., [0, 2, 1, 3]]
    return pairs.transpose(0, 2, 3, 1, 4).ravel(), words
