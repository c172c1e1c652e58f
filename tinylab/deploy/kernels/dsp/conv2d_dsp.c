#include "four_columns.h"
#include "windows.h"

/* Four output columns at a time: each one's window is widened whole, filter row by filter row, each row filled
 * up to whole words, which meet weights of zero. */

/* Copies what one row of a window sees; outside the image lies the zero point. Returns its end. */
static int8_t *copy_row(const nn_dsp_convolution *op, const int8_t *input, int32_t y, int32_t x, int8_t *row)
{
    const nn_shape *image = &op->input_shape;
    for (int32_t j = 0; j < op->window.width; j++, x += op->window.dilation_width) {
        int32_t inside = y >= 0 && y < image->height && x >= 0 && x < image->width;
        const int8_t *pixel = inside ? input + (y * image->width + x) * image->channels : 0;
        for (int32_t c = 0; c < image->channels; c++)
            *row++ = pixel ? pixel[c] : (int8_t)op->input_zero_point;
    }
    return row;
}

/* Widens the window at (top, left) into a column; `row` has room for what has to be copied first. */
static void gather(const nn_dsp_convolution *op, const int8_t *input, int32_t top, int32_t left, int8_t *row,
                   nn_word *column)
{
    const nn_window *window = &op->window;
    const nn_shape *image = &op->input_shape;
    int32_t words = op->row_words, size = image->height * image->width * image->channels;
    int32_t rows = window->height / op->filter_rows; /* of the image, in a row of the filter */
    int32_t whole = rows == 1 && window->dilation_width == 1 && left >= 0 && left + window->width <= image->width;
    for (int32_t i = 0; i < op->filter_rows; i++, column += 8 * words) {
        int32_t y = top + i * window->dilation_height;
        int32_t start = (y * image->width + left) * image->channels;
        if (whole && start >= 0 && start + 4 * words <= size) {
            nn_dsp_widen_column(input + start, words, column);
            continue;
        }
        int8_t *end = row;
        for (int32_t k = 0; k < rows; k++)
            end = copy_row(op, input, y + k * window->dilation_height, left, end);
        nn_dsp_widen_column(row, words, column);
    }
}

NN_SHARED void nn_conv2d_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output, int16_t *scratch)
{
    const nn_window *window = &op->window;
    int32_t width = op->output_shape.width, channels = op->output_shape.channels;
    int32_t places = op->output_shape.height * width, words = op->filter_rows * op->row_words;
    int32_t step = places < 4 ? 1 : 4; /* of few places, each is computed alone, four times over */
    for (int32_t first = 0; first < places; first += step) {
        int32_t start = first + step > places ? places - step : first; /* the last four may overlap */
        int32_t y = start / width, x = start % width;
        int32_t top = y * window->stride_height - window->pad_top;
        int32_t left = x * window->stride_width - window->pad_left;
        int32_t bytes = 32 * words + 4 * op->row_words;
        nn_word *columns = scratch ? (nn_word *)scratch : nn_dsp_borrow(op, input, output, top, left, bytes);
        int8_t *row = (int8_t *)(columns + 8 * words);
        for (int32_t p = 0; p < 4; p++) {
            gather(op, input, y * window->stride_height - window->pad_top,
                   x * window->stride_width - window->pad_left, row, columns + p);
            if (step == 4 && ++x == width)
                x = 0, y++;
        }
        nn_four_columns block = {op->weights, columns, columns + 8 * words, op->channels,
                                 output + start * channels, channels, step == 4 ? channels : 0, words & 1};
        nn_sum_four_columns(&block);
    }
    nn_dsp_limit(&op->output, output, places * channels);
}
