#include "copied_window.h"
#include "dense_sums.h"
#include "nn_dsp_common.h"

/* Place by place, four output channels at a time, without scratch memory. */

/* The output channels of a window whose values lie one behind the other. The offsets of the fields are written out
 * below. */
typedef struct {
    const nn_word *weights;
    const int8_t *input;
    int32_t words;
    const nn_dsp_channel *channel;
    int8_t *output;
    int32_t blocks; /* of four channels */
} window_blocks;

#if defined(__ARM_FEATURE_DSP)

/* r1 is the row of the channel, r3 the output. */
#define FINISH(sum)                                   \
    "   ldr    r8, [r1, #4]                       \n" \
    "   ldr    r9, [r1, #8]                       \n" \
    "   ldr    r10, [r1, #12]                     \n" \
    "   lsl    " sum ", " sum ", #1               \n" \
    "   smmulr " sum ", " sum ", r8               \n" \
    "   add    r1, r1, #16                        \n" \
    "   add    " sum ", " sum ", " sum ", asr #31 \n" \
    "   add    " sum ", " sum ", r9               \n" \
    "   asr    " sum ", " sum ", r10              \n" \
    "   ssat   " sum ", #8, " sum "               \n" \
    "   strb   " sum ", [r3], #1                  \n"

__attribute__((naked, noinline)) static void convolve(const window_blocks *window __attribute__((unused)))
{
    __asm__ volatile("   push   {r4-r11, lr}       \n"
                     "   ldm    r0, {r0-r5}        \n"
                     "   sub    sp, sp, #28        \n"
                     "   stm    sp, {r0-r5}        \n"
                     "0: ldr    r2, [sp, #12]      \n"
                     "   ldr    r1, [sp, #4]       \n"
                     "   ldr    lr, [sp, #8]       \n"
                     "   ldr    r4, [r2]           \n"
                     "   ldr    r5, [r2, #16]      \n"
                     "   ldr    r6, [r2, #32]      \n"
                     "   ldr    r7, [r2, #48]      \n"
                     NN_ADD_WORDS
                     "   ldr    r1, [sp, #12]      \n"
                     "   ldr    r3, [sp, #16]      \n"
                     FINISH("r4") FINISH("r5") FINISH("r6") FINISH("r7")
                     "   ldr    r4, [sp, #20]      \n"
                     "   str    r1, [sp, #12]      \n"
                     "   str    r3, [sp, #16]      \n"
                     "   subs   r4, r4, #1         \n"
                     "   str    r4, [sp, #20]      \n"
                     "   bne    0b                 \n"
                     "   add    sp, sp, #28        \n"
                     "   pop    {r4-r11, pc}       \n");
}

#else

static void convolve(const window_blocks *window)
{
    const nn_word *w = window->weights;
    for (int32_t c = 0; c < 4 * window->blocks; c += 4, w += 4 * window->words) {
        const nn_dsp_channel *channel = window->channel + c;
        int32_t sums[4] = {channel[0].bias, channel[1].bias, channel[2].bias, channel[3].bias};
        nn_sum_four(w, window->input, sums, window->words);
        for (int32_t i = 0; i < 4; i++)
            window->output[c + i] = nn_dsp_finish(sums[i], &channel[i]);
    }
}

#endif

/* Copies `count` values, from value `first` on, of the window's row at (y, left). */
static void copy_part(const nn_dsp_convolution *op, const int8_t *input, int32_t y, int32_t left, int32_t first,
                      int32_t count, int8_t *row)
{
    const nn_shape *image = &op->input_shape;
    int32_t channels = image->channels, c = first % channels;
    int32_t x = left + first / channels * op->window.dilation_width;
    for (; count > 0; count--) {
        int32_t inside = y >= 0 && y < image->height && x >= 0 && x < image->width;
        *row++ = inside ? input[(y * image->width + x) * channels + c] : (int8_t)op->input_zero_point;
        if (++c == channels)
            c = 0, x += op->window.dilation_width;
    }
}

/* Adds a row of the filter, straight from the image or in copied parts. */
static void add_row(const nn_dsp_convolution *op, const int8_t *input, int32_t y, int32_t left, const nn_word *w,
                    int32_t *sums)
{
    const nn_window *window = &op->window;
    const nn_shape *image = &op->input_shape;
    int32_t words = op->row_words, start = (y * image->width + left) * image->channels;
    int32_t whole = window->dilation_width == 1 && left >= 0 && left + window->width <= image->width && y >= 0;
    if (whole && start + 4 * words <= image->height * image->width * image->channels) {
        nn_sum_four(w, input + start, sums, words);
        return;
    }
    int32_t size = window->width * image->channels;
    for (int32_t from = 0; from < words; from += NN_DSP_COPIED_WORDS) {
        nn_word row[NN_DSP_COPIED_WORDS];
        int32_t some = words - from < NN_DSP_COPIED_WORDS ? words - from : NN_DSP_COPIED_WORDS;
        int32_t count = size - 4 * from < 4 * some ? size - 4 * from : 4 * some;
        row[some - 1] = 0;
        copy_part(op, input, y, left, 4 * from, count, (int8_t *)row);
        nn_sum_four(w + 4 * from, (const int8_t *)row, sums, some);
    }
}

/* One place, row by row of the filter. */
static void add_rows(const nn_dsp_convolution *op, const int8_t *input, int32_t top, int32_t left, int8_t *output)
{
    const nn_word *w = op->weights;
    int32_t channels = op->output_shape.channels;
    for (int32_t c = 0; c < channels; c++) {
        const nn_dsp_channel *channel = op->channels + c;
        int32_t sums[4] = {channel[0].bias, channel[1].bias, channel[2].bias, channel[3].bias}, y = top;
        for (int32_t k = 0; k < op->window.height; k++, w += 4 * op->row_words, y += op->window.dilation_height)
            add_row(op, input, y, left, w, sums);
        output[c] = nn_dsp_finish(sums[0], channel++);
        for (int32_t i = 1; i < 4 && c + 1 < channels; i++)
            output[++c] = nn_dsp_finish(sums[i], channel++);
    }
}

/* Where a window lies in the image, if its values lie one behind the other and words may be read to its end. */
static const int8_t *whole_window(const nn_dsp_convolution *op, const int8_t *input, int32_t top,
                                  int32_t left, int32_t words)
{
    const nn_window *window = &op->window;
    const nn_shape *image = &op->input_shape;
    int32_t start = (top * image->width + left) * image->channels;
    int32_t together = window->height == 1 || (window->width == image->width && window->dilation_height == 1);
    int32_t inside = top >= 0 && left >= 0 && left + window->width <= image->width && window->dilation_width == 1;
    int32_t size = image->height * image->width * image->channels;
    return together && inside && start + 4 * words <= size ? input + start : 0;
}

/* One place whose window fits the stack. */
static void add_window(const nn_dsp_convolution *op, const int8_t *input, int32_t top, int32_t left, int8_t *output)
{
    const nn_word *w = op->weights;
    int32_t words = op->row_words, channels = op->output_shape.channels, blocks = channels / 4, c = 4 * blocks;
    nn_word copied[NN_DSP_COPIED_WORDS];
    const int8_t *x = whole_window(op, input, top, left, words);
    if (!x) {
        int8_t *end = (int8_t *)copied;
        copied[words - 1] = 0;
        for (int32_t k = 0; k < op->window.height; k++, top += op->window.dilation_height)
            end = nn_dsp_copy_row(op, input, top, left, end);
        x = (const int8_t *)copied;
    }
    window_blocks window = {w, x, words, op->channels, output, blocks};
    if (blocks)
        convolve(&window);
    if (c == channels)
        return;
    const nn_dsp_channel *channel = op->channels + c; /* the last one to three */
    int32_t sums[4] = {channel[0].bias, channel[1].bias, channel[2].bias, channel[3].bias};
    nn_sum_four(w + words * c, x, sums, words);
    for (int32_t i = 0; c + i < channels; i++)
        output[c + i] = nn_dsp_finish(sums[i], &channel[i]);
}

NN_SHARED void nn_conv2d_direct_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output)
{
    const nn_window *window = &op->window;
    int8_t *place = output;
    int32_t fits = op->filter_rows == 1 && op->row_words <= NN_DSP_COPIED_WORDS;
    for (int32_t y = 0; y < op->output_shape.height; y++)
        for (int32_t x = 0; x < op->output_shape.width; x++, place += op->output_shape.channels) {
            int32_t top = y * window->stride_height - window->pad_top;
            int32_t left = x * window->stride_width - window->pad_left;
            if (fits)
                add_window(op, input, top, left, place);
            else
                add_rows(op, input, top, left, place);
        }
    nn_dsp_limit(&op->output, output, (int32_t)(place - output));
}
