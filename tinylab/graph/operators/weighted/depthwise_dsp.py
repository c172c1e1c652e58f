"""depthwise_conv2d on cores with the DSP extension: four channels at a time."""

import numpy as np

from tinylab.graph.lowering import Call, Reader, Target
from tinylab.graph.operators.weighted.convolution import Convolution
from tinylab.graph.operators.weighted.dsp import NO_TABLE, channel_table, dsp_call, refusal

_MAX_WINDOW_ROWS = 16  # NN_DSP_MAX_ROWS in nn_dsp.h


def lower_dsp(reader: Reader, target: Target) -> Call | str:
    """A call of the DSP kernel, or why it does not apply."""
    if reader.tensor(0).dtype == "float32":
        return "the DSP kernels work on int8, not float32"
    convolution = Convolution(reader)
    window, channels = convolution.window, convolution.output[2]
    reason = refusal(convolution)
    if reason is None and channels != convolution.input[2]:
        reason = "a depth multiplier takes the plain kernel"
    if reason is None and channels % 4:
        reason = f"{channels} channels are not a multiple of four"
    if reason is None and window.height > _MAX_WINDOW_ROWS:
        reason = f"its window has more than {_MAX_WINDOW_ROWS} rows"
    table = None if reason else channel_table(convolution)
    if table is None:
        return reason or NO_TABLE
    blocks = convolution.weights.reshape(window.height * window.width, channels // 4, 4)
    packed = blocks.transpose(1, 0, 2).astype(np.int16).ravel()
    columns = (convolution.output[1] - 1) * window.stride_width + window.width
    shapes = {"input_shape": convolution.input, "output_shape": convolution.output}
    return dsp_call(
        convolution,
        {**shapes, "tile_width": convolution.output[1], "row_words": 0},
        packed,
        table,
        scratch_bytes=window.height * columns * 4 * 2,
    )
