#include "pair.h"

/* The window of one output value, widened: its rows one behind the other, without gaps between. Outside the
 * image lies the zero point. */
static void gather(const nn_dsp_convolution *op, const int8_t *input, int32_t top, int32_t left,
                   int16_t *scratch)
{
    const nn_window *window = &op->window;
    const nn_shape *image = &op->input_shape;
    int32_t step = window->dilation_width * image->channels;
    for (int32_t i = 0; i < window->height; i++) {
        int32_t y = top + i * window->dilation_height, first = 0, end = 0;
        if (y >= 0 && y < image->height) {
            int32_t right = image->width - left; /* the first tap at or behind it lies outside */
            first = left < 0 ? (-left + window->dilation_width - 1) / window->dilation_width : 0;
            end = right < 0 ? 0 : (right + window->dilation_width - 1) / window->dilation_width;
            end = end > window->width ? window->width : end;
            end = end < first ? first : end;
            first = first > window->width ? window->width : first;
            end = end > window->width ? window->width : end;
        }
        scratch = nn_dsp_fill(scratch, first * image->channels, op->input_zero_point);
        const int8_t *tap = input + (y * image->width + left + first * window->dilation_width) * image->channels;
        if (step == image->channels)
            scratch = nn_dsp_widen(tap, (end - first) * step, scratch);
        else
            for (int32_t j = first; j < end; j++, tap += step)
                scratch = nn_dsp_widen(tap, image->channels, scratch);
        scratch = nn_dsp_fill(scratch, (window->width - end) * image->channels, op->input_zero_point);
    }
}

NN_SHARED void nn_conv2d_columns_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output,
                           int16_t *scratch)
{
    const nn_window *window = &op->window;
    int32_t channels = op->output_shape.channels, last = op->output_shape.width - 1;
    int16_t *second = scratch + 4 * op->row_words;
    for (int32_t y = 0; y < op->output_shape.height; y++) {
        int32_t top = y * window->stride_height - window->pad_top;
        for (int32_t x = 0; x <= last; x += 2) {
            int32_t left = x * window->stride_width - window->pad_left, single = x == last;
            gather(op, input, top, left, scratch);
            if (!single)
                gather(op, input, top, left + window->stride_width, second);
            nn_dsp_pair(op, scratch, single ? scratch : second, 4 * op->row_words, output,
                        single ? output : output + channels);
            output += (single ? 1 : 2) * channels;
        }
    }
    int32_t size = op->output_shape.height * op->output_shape.width * channels;
    nn_dsp_limit(&op->output, output - size, size);
}
