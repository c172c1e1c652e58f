#include "nn_dsp_common.h"
#include "pairs.h"
#include "windows.h"

/* Four output columns at a time, for windows that do not fit scratch memory whole: a few words of a filter row
 * after the other, with the sums kept between. */

/* The offsets of the fields are written out below. */
typedef struct {
    const nn_word *weights; /* those of the part, of the first two filters */
    const nn_word *columns; /* first word of the four windows' part */
    const nn_word *end;     /* behind its last one */
    int32_t *sums;          /* [channel][column] */
    int32_t pairs;          /* of output channels */
    int32_t jump;           /* bytes from the end of the part's weights to those of the next two filters */
    int32_t odd;            /* whether its pairs of values are no multiple of four; they are one of two */
} part;

#if defined(__ARM_FEATURE_DSP)

__attribute__((naked, noinline)) static void add_part(const part *p __attribute__((unused)))
{
    __asm__ volatile("   push   {r4-r11, lr}          \n"
                     "   ldm    r0, {r0-r6}           \n"
                     "   sub    r0, r0, #4            \n"
                     "   sub    r1, r1, #4            \n" /* loads are at 4, 8, ... */
                     "   sub    r2, r2, #4            \n"
                     "   sub    sp, sp, #28           \n"
                     "   stm    sp, {r0-r6}           \n"
                     "1: ldr    r2, [sp, #12]         \n"
                     "   ldr    r3, [sp, #24]         \n"
                     "   ldr    r1, [sp, #4]          \n"
                     "   ldm    r2, {r4-r11}          \n"
                     "   cmp    r3, #0                \n"
                     "   bne    3f                    \n"
                     "2:                              \n" NN_FIRST_PAIR NN_SECOND_PAIR
                     "3:                              \n" NN_FIRST_PAIR NN_SECOND_PAIR
                     "   ldr    r2, [sp, #8]          \n"
                     "   cmp    r1, r2                \n"
                     "   bne    2b                    \n"
                     "   ldr    r2, [sp, #12]         \n"
                     "   ldr    r3, [sp, #20]         \n"
                     "   stm    r2!, {r4-r11}         \n"
                     "   ldr    r12, [sp, #16]        \n"
                     "   add    r0, r0, r3            \n"
                     "   str    r2, [sp, #12]         \n"
                     "   subs   r12, r12, #1          \n"
                     "   str    r12, [sp, #16]        \n"
                     "   bne    1b                    \n"
                     "   add    sp, sp, #28           \n"
                     "   pop    {r4-r11, pc}          \n");
}

#else

static void add_part(const part *p)
{
    const nn_word *w = p->weights;
    int32_t *sums = p->sums;
    for (int32_t pair = p->pairs; pair > 0; pair--, sums += 8, w += p->jump / 4)
        for (const nn_word *x = p->columns; x != p->end; x += 4, w++)
            for (int32_t i = 0; i < 4; i++) {
                sums[i] = nn_smlad(x[i], nn_bytes_02(*w), sums[i]);
                sums[4 + i] = nn_smlad(x[i], nn_bytes_13(*w), sums[4 + i]);
            }
}

#endif

/* Widens `words` words, from value `first` on, of the window's row at (y, left); `row` has room for them. */
static void gather(const nn_dsp_convolution *op, const int8_t *input, int32_t y, int32_t left, int32_t first,
                   int32_t words, int8_t *row, nn_word *column)
{
    const nn_window *window = &op->window;
    const nn_shape *image = &op->input_shape;
    int32_t channels = image->channels, size = image->height * image->width * channels;
    int32_t start = (y * image->width + left) * channels + first;
    int32_t whole = window->dilation_width == 1 && left >= 0 && left + window->width <= image->width;
    if (whole && y >= 0 && start + 4 * words <= size) {
        nn_dsp_widen_column(input + start, words, column);
        return;
    }
    int32_t x = left + first / channels * window->dilation_width, c = first % channels;
    for (int32_t i = 0; i < 4 * words; i++) {
        int32_t inside = y >= 0 && y < image->height && x >= 0 && x < image->width;
        row[i] = inside ? input[(y * image->width + x) * channels + c] : (int8_t)op->input_zero_point;
        if (++c == channels)
            c = 0, x += window->dilation_width;
    }
    nn_dsp_widen_column(row, words, column);
}

NN_SHARED void nn_conv2d_parts_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output,
                                   int16_t *scratch)
{
    const nn_window *window = &op->window;
    int32_t width = op->output_shape.width, channels = op->output_shape.channels, pairs = (channels + 1) / 2;
    int32_t places = op->output_shape.height * width, bytes = 36 * op->part_words + 32 * pairs;
    int32_t filter_words = op->filter_rows * op->row_words;
    for (int32_t first = 0; first < places; first += 4) {
        int32_t start = first + 4 > places ? places - 4 : first; /* the last four may overlap */
        int32_t top = start / width * window->stride_height - window->pad_top;
        int32_t left = start % width * window->stride_width - window->pad_left;
        int32_t *sums = scratch ? (int32_t *)(void *)scratch
                                : (int32_t *)nn_dsp_borrow(op, input, output, top, left, bytes);
        nn_word *columns = (nn_word *)sums + 8 * pairs;
        int8_t *row = (int8_t *)(columns + 8 * op->part_words);
        for (int32_t i = 0; i < 8 * pairs; i++)
            sums[i] = op->channels[i / 4].bias;
        for (int32_t n = 0; n < filter_words;) {
            int32_t line = n / op->row_words, from = n % op->row_words, words = op->row_words - from;
            words = words < op->part_words ? words : op->part_words;
            for (int32_t i = 0; i < 4; i++) {
                int32_t y = (start + i) / width, x = (start + i) % width;
                gather(op, input, y * window->stride_height - window->pad_top + line * window->dilation_height,
                       x * window->stride_width - window->pad_left, 4 * from, words, row, columns + i);
            }
            part step = {(const nn_word *)op->weights + 2 * n, columns, columns + 8 * words, sums, pairs,
                         8 * (filter_words - words), words & 1};
            add_part(&step);
            n += words;
        }
        int8_t *place = output + start * channels;
        for (int32_t c = 0; c < channels; c++)
            for (int32_t i = 0; i < 4; i++)
                place[i * channels + c] = nn_dsp_finish(sums[4 * c + i], &op->channels[c]);
    }
    nn_dsp_limit(&op->output, output, places * channels);
}
