#include "nn_dsp_common.h"
#include "pair.h"

/* Widens the part of one input row that a tile of outputs sees, with padding where it lies outside. */
static void widen_row(const nn_dsp_convolution *op, const int8_t *input, int32_t y, int32_t left,
                      int32_t width, int16_t *scratch)
{
    const nn_shape *shape = &op->input_shape;
    int32_t first = left < 0 ? 0 : left;
    int32_t end = left + width > shape->width ? shape->width : left + width;
    if (y < 0 || y >= shape->height || end <= first) {
        nn_dsp_fill(scratch, width * shape->channels, op->input_zero_point);
        return;
    }
    scratch = nn_dsp_fill(scratch, (first - left) * shape->channels, op->input_zero_point);
    input += (y * shape->width + first) * shape->channels;
    scratch = nn_dsp_widen(input, (end - first) * shape->channels, scratch);
    nn_dsp_fill(scratch, (left + width - end) * shape->channels, op->input_zero_point);
}

NN_SHARED void nn_conv2d_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output, int16_t *scratch)
{
    const nn_window *window = &op->window;
    int32_t channels = op->output_shape.channels;
    int32_t step = window->stride_width * op->input_shape.channels;
    for (int32_t y = 0; y < op->output_shape.height; y++) {
        int32_t top = y * window->stride_height - window->pad_top;
        for (int32_t x = 0; x < op->output_shape.width; x += op->tile_width) {
            int32_t rest = op->output_shape.width - x;
            int32_t tile = rest < op->tile_width ? rest : op->tile_width;
            int32_t width = (tile - 1) * window->stride_width + window->width;
            int32_t row_stride = (width * op->input_shape.channels + 1) & ~1;
            int32_t left = x * window->stride_width - window->pad_left;
            for (int32_t i = 0; i < window->height; i++)
                widen_row(op, input, top + i, left, width, scratch + i * row_stride);
            for (int32_t p = 0; p < tile; p += 2, output += 2 * channels) {
                int32_t last = p + 1 == tile; /* then the pair is the same column twice */
                const int16_t *a = scratch + p * step;
                nn_dsp_pair(op, a, last ? a : a + step, row_stride, output,
                            last ? output : output + channels);
            }
            output -= (tile & 1) * channels;
        }
    }
    int32_t size = op->output_shape.height * op->output_shape.width * channels;
    nn_dsp_limit(&op->output, output - size, size);
}
