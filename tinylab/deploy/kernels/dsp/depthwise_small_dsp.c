#include "nn_dsp_common.h"

/* Windows of 3 x 3 over a small image, four channels at a time: the image with its border is copied first, a word
 * a pixel, and the taps are widened as they are met. A larger image is better paired row by row. */

/* A row of output values of four channels. The offsets of the fields are written out below. */
typedef struct {
    const nn_word *x;              /* the window's first pixel */
    const nn_word *weights;        /* a word a tap */
    int32_t row;                   /* bytes of a row of pixels */
    int8_t *output;
    const nn_dsp_channel *channel;
    int32_t columns;               /* of output */
    int32_t step;                  /* from an output column to the next */
    int32_t advance;               /* bytes from a window to the next */
} small_row;

#if defined(__ARM_FEATURE_DSP)

#define TAP(x, w)                              \
    "   ldr    r5, [r0, #" x "]            \n" \
    "   ldr    r7, [r1, #" w "]            \n" \
    "   sxtb16 r6, r5, ror #8              \n" \
    "   sxtb16 r5, r5                      \n" \
    "   sxtb16 r12, r7, ror #8             \n" \
    "   sxtb16 r7, r7                      \n" \
    "   smlabb r8, r5, r7, r8              \n" \
    "   smlabb r9, r6, r12, r9             \n" \
    "   smlatt r10, r5, r7, r10            \n" \
    "   smlatt r11, r6, r12, r11           \n"

#define FINISH(sum, multiplier, offset, shift, place)  \
    "   ldr    r5, [r4, #" multiplier "]           \n" \
    "   ldr    r6, [r4, #" offset "]               \n" \
    "   ldr    r7, [r4, #" shift "]                \n" \
    "   lsl    " sum ", " sum ", #1                \n" \
    "   smmulr " sum ", " sum ", r5                \n" \
    "   add    " sum ", " sum ", " sum ", asr #31  \n" \
    "   add    " sum ", " sum ", r6                \n" \
    "   asr    " sum ", " sum ", r7                \n" \
    "   ssat   " sum ", #8, " sum "                \n" \
    "   strb   " sum ", [r3, #" place "]           \n"

/* In assembly, so that no sum is spilled: r0 pixels, r1 weights, r2 row, r3 output, r4 channels, r5 to r7 and r12
 * a tap, r8 to r11 the sums, lr the columns left. */
__attribute__((naked, noinline)) static void convolve_row(const small_row *row __attribute__((unused)))
{
    __asm__ volatile("   push   {r4-r11, lr}          \n"
                     "   ldr    lr, [r0, #20]         \n"
                     "   ldr    r6, [r0, #24]         \n"
                     "   ldr    r7, [r0, #28]         \n"
                     "   push   {r6, r7}              \n"
                     "   ldm    r0, {r0-r4}           \n"
                     "1: ldr    r8, [r4]              \n"
                     "   ldr    r9, [r4, #16]         \n"
                     "   ldr    r10, [r4, #32]        \n"
                     "   ldr    r11, [r4, #48]        \n"
                     TAP("0", "0") TAP("4", "4") TAP("8", "8")
                     "   add    r0, r0, r2            \n"
                     TAP("0", "12") TAP("4", "16") TAP("8", "20")
                     "   add    r0, r0, r2            \n"
                     TAP("0", "24") TAP("4", "28") TAP("8", "32")
                     "   sub    r0, r0, r2, lsl #1    \n"
                     FINISH("r8", "4", "8", "12", "0")
                     FINISH("r9", "20", "24", "28", "1")
                     FINISH("r10", "36", "40", "44", "2")
                     FINISH("r11", "52", "56", "60", "3")
                     "   ldr    r5, [sp]              \n"
                     "   ldr    r6, [sp, #4]          \n"
                     "   add    r3, r3, r5            \n"
                     "   add    r0, r0, r6            \n"
                     "   subs   lr, lr, #1            \n"
                     "   bne    1b                    \n"
                     "   add    sp, sp, #8            \n"
                     "   pop    {r4-r11, pc}          \n");
}

#else

static void convolve_row(const small_row *row)
{
    const nn_word *x = row->x;
    int8_t *output = row->output;
    for (int32_t n = row->columns; n > 0; n--, x += row->advance / 4, output += row->step)
        for (int32_t c = 0; c < 4; c++) {
            int32_t sum = row->channel[c].bias;
            for (int32_t k = 0; k < 9; k++) {
                uint32_t pixel = x[k / 3 * row->row / 4 + k % 3] >> 8 * c;
                sum += (int8_t)(pixel & 0xffu) * (int8_t)((row->weights[k] >> 8 * c) & 0xffu);
            }
            output[c] = nn_dsp_finish(sum, &row->channel[c]);
        }
}

#endif

static nn_word *fill(nn_word *copy, int32_t count, uint32_t zero)
{
    for (; count > 0; count--)
        *copy++ = zero;
    return copy;
}

/* The image of four channels with its border, as far as windows reach. */
static void copy_image(const nn_dsp_convolution *op, const int8_t *input, int32_t rows, int32_t width,
                       nn_word *copy)
{
    int32_t channels = op->input_shape.channels, left = op->window.pad_left, size = op->input_shape.width;
    int32_t inside = width - left < size ? width - left : size, above = op->window.pad_top;
    int32_t end = above + op->input_shape.height < rows ? above + op->input_shape.height : rows;
    uint32_t zero = (uint8_t)op->input_zero_point * 0x01010101u;
    copy = fill(copy, above * width, zero);
    for (int32_t i = above; i < end; i++, input += (size - inside) * channels) {
        copy = fill(copy, left, zero);
        for (int32_t n = inside; n > 0; n--, input += channels)
            *copy++ = *(const nn_unaligned_word *)input;
        copy = fill(copy, width - left - inside, zero);
    }
    fill(copy, (rows - end) * width, zero);
}

NN_SHARED void nn_depthwise_small_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output,
                                      int16_t *scratch)
{
    int32_t channels = op->output_shape.channels, stride = op->window.stride_height;
    int32_t rows = (op->output_shape.height - 1) * stride + 3, width = (op->output_shape.width - 1) * stride + 3;
    const nn_word *weights = op->weights;
    for (int32_t c = 0; c < channels; c += 4, weights += 9) {
        int32_t first = c + 4 > channels ? channels - 4 : c; /* the last four may overlap */
        copy_image(op, input + first, rows, width, (nn_word *)scratch);
        for (int32_t y = 0; y < op->output_shape.height; y++) {
            small_row row = {(const nn_word *)scratch + y * stride * width, weights, 4 * width,
                             output + y * op->output_shape.width * channels + first, op->channels + first,
                             op->output_shape.width, channels, 4 * stride};
            convolve_row(&row);
        }
    }
    nn_dsp_limit(&op->output, output, op->output_shape.height * op->output_shape.width * channels);
}
