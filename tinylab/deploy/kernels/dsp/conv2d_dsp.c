#include "nn_dsp_common.h"
#include "sum_2x2.h"

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
    int32_t count = (end - first) * shape->channels;
    for (; count >= 4 && ((uintptr_t)scratch & 2) == 0; count -= 4, input += 4, scratch += 4)
        nn_dsp_widen4(input, scratch);
    for (; count > 0; count--)
        *scratch++ = *input++;
    nn_dsp_fill(scratch, (left + width - end) * shape->channels, op->input_zero_point);
}

/* All output channels of two neighbouring output columns, whose widened inputs start at a and b. */
static void convolve_pair(const nn_dsp_convolution *op, const int16_t *a, const int16_t *b,
                          int32_t row_stride, int8_t *output_a, int8_t *output_b)
{
    const nn_dsp_channel *channel = op->channels;
    const nn_word *w = op->weights;
    int32_t channels = op->output_shape.channels, rows = op->window.height;
    int32_t filter_words = 2 * rows * op->row_words;
    const nn_rows layout = {op->row_words, 2 * row_stride - 8 * op->row_words};
    for (int32_t c = 0; c < channels; c += 2, channel += 2, w += filter_words) {
        int32_t sums[4] = {channel[0].bias, channel[1].bias, channel[0].bias, channel[1].bias};
        nn_sum_2x2(w, a, b, &layout, sums, rows);
        output_a[c] = nn_dsp_finish(sums[0], &channel[0]);
        output_b[c] = nn_dsp_finish(sums[2], &channel[0]);
        if (c + 1 < channels) {
            output_a[c + 1] = nn_dsp_finish(sums[1], &channel[1]);
            output_b[c + 1] = nn_dsp_finish(sums[3], &channel[1]);
        }
    }
}

void nn_conv2d_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output, int16_t *scratch)
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
                convolve_pair(op, a, last ? a : a + step, row_stride, output,
                              last ? output : output + channels);
            }
            output -= (tile & 1) * channels;
        }
    }
    int32_t size = op->output_shape.height * op->output_shape.width * channels;
    nn_dsp_limit(&op->output, output - size, size);
}
