#include "copied_window.h"
#include "four_columns.h"
#include "windows.h"

/* Four output columns at a time: each one's window is widened whole, filter row by filter row, each row filled
 * up to whole words, which meet weights of zero. */

/* What is the same for all windows. */
typedef struct {
    int32_t step;      /* from a row of the filter to the next, in the image */
    int32_t last;      /* to the last one */
    int32_t most_left; /* where a window may begin at most to be widened straight from the image; negative: nowhere */
    int32_t most;      /* how far behind the input, so that no word reaches behind its end */
} reach;

static reach reach_of(const nn_dsp_convolution *op)
{
    const nn_window *window = &op->window;
    const nn_shape *image = &op->input_shape;
    int32_t row = image->width * image->channels, step = window->dilation_height * row;
    int32_t last = (op->filter_rows - 1) * step, size = image->height * row;
    int32_t rows_apart = op->filter_rows == window->height;
    int32_t together = rows_apart || (window->width == image->width && window->dilation_height == 1);
    int32_t straight = together && window->dilation_width == 1;
    return (reach){step, last, straight ? image->width - window->width : -1, size - last - 4 * op->row_words};
}

/* Widens the window at (top, left) into a column, row by row; `row` has room for what has to be copied first. */
static void gather_edge(const nn_dsp_convolution *op, const int8_t *input, int32_t top, int32_t left, int8_t *row,
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
            end = nn_dsp_copy_row(op, input, y + k * window->dilation_height, left, end);
        nn_dsp_widen_column(row, words, column);
    }
}

NN_SHARED void nn_conv2d_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output, int16_t *scratch)
{
    const nn_window *window = &op->window;
    int32_t width = op->output_shape.width, channels = op->output_shape.channels;
    int32_t places = op->output_shape.height * width, words = op->filter_rows * op->row_words;
    int32_t pixels = op->input_shape.width, size = op->input_shape.channels;
    reach in = reach_of(op);
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
            top = y * window->stride_height - window->pad_top;
            left = x * window->stride_width - window->pad_left;
            int32_t place = (top * pixels + left) * size;
            if (top >= 0 && left >= 0 && left <= in.most_left && place <= in.most) {
                nn_word *column = columns + p;
                const int8_t *from = input + place, *last = from + in.last;
                for (; from <= last; from += in.step, column += 8 * op->row_words)
                    nn_dsp_widen_column(from, op->row_words, column);
            } else {
                gather_edge(op, input, top, left, row, columns + p);
            }
            if (step == 4 && ++x == width)
                x = 0, y++;
        }
        nn_four_columns block = {op->weights, columns, columns + 8 * words, op->channels,
                                 output + start * channels, channels, step == 4 ? channels : 0, words & 1};
        nn_sum_four_columns(&block);
    }
    nn_dsp_limit(&op->output, output, places * channels);
}
