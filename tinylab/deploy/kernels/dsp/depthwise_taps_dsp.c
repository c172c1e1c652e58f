#include "nn_dsp_common.h"

/* Place by place, and in each place four channels after four: the taps of the window say how far their pixels lie
 * behind the input, those outside the image how far a pixel of zero points does, so that neither the image nor its
 * border is copied. */

/* The channels of a place. The offsets of the fields are written out below. */
typedef struct {
    const int32_t *taps;           /* in threes */
    const nn_word *weights;        /* a word a tap */
    const int8_t *input;           /* the taps lie behind it */
    const nn_dsp_channel *channel;
    int8_t *output;
    const int32_t *end;            /* behind the last tap */
    int32_t blocks;                /* of four channels */
    int32_t last;                  /* bytes from the last block but one to the last; four or fewer */
} place;

#if defined(__ARM_FEATURE_DSP)

#define TAP                                     \
    "   ldr    r5, [r0], #4                \n" \
    "   ldr    r7, [r1], #4                \n" \
    "   ldr    r5, [r5, r2]                \n" \
    "   sxtb16 r12, r7, ror #8             \n" \
    "   sxtb16 r7, r7                      \n" \
    "   sxtb16 r6, r5, ror #8              \n" \
    "   sxtb16 r5, r5                      \n" \
    "   smlabb r8, r5, r7, r8              \n" \
    "   smlabb r9, r6, r12, r9             \n" \
    "   smlatt r10, r5, r7, r10            \n" \
    "   smlatt r11, r6, r12, r11           \n"

#define FINISH(sum, multiplier, offset, shift, place)  \
    "   ldr    r5, [r3, #" multiplier "]           \n" \
    "   ldr    r6, [r3, #" offset "]               \n" \
    "   ldr    r7, [r3, #" shift "]                \n" \
    "   lsl    " sum ", " sum ", #1                \n" \
    "   smmulr " sum ", " sum ", r5                \n" \
    "   add    " sum ", " sum ", " sum ", asr #31  \n" \
    "   add    " sum ", " sum ", r6                \n" \
    "   asr    " sum ", " sum ", r7                \n" \
    "   ssat   " sum ", #8, " sum "                \n" \
    "   strb   " sum ", [r4, #" place "]           \n"

/* In assembly, so that no sum is spilled: r0 taps, r1 weights, r2 input, r3 channels, r4 output, r5 to r7 and
 * r12 a tap, r8 to r11 the sums, lr the end of the taps. */
__attribute__((naked, noinline)) static void convolve(const place *at __attribute__((unused)))
{
    __asm__ volatile("   push   {r4-r11, lr}          \n"
                     "   ldr    r6, [r0, #24]         \n"
                     "   ldr    r7, [r0, #28]         \n"
                     "   ldr    lr, [r0, #20]         \n"
                     "   ldr    r5, [r0]              \n"
                     "   push   {r5, r6, r7}          \n"
                     "   ldm    r0, {r0-r4}           \n"
                     "1: ldr    r8, [r3]              \n"
                     "   ldr    r9, [r3, #16]         \n"
                     "   ldr    r10, [r3, #32]        \n"
                     "   ldr    r11, [r3, #48]        \n"
                     "   ldr    r0, [sp]              \n"
                     "2:                              \n" TAP TAP TAP
                     "   cmp    r0, lr                \n"
                     "   bne    2b                    \n"
                     FINISH("r8", "4", "8", "12", "0")
                     FINISH("r9", "20", "24", "28", "1")
                     FINISH("r10", "36", "40", "44", "2")
                     FINISH("r11", "52", "56", "60", "3")
                     "   ldr    r5, [sp, #4]          \n"
                     "   ldr    r6, [sp, #8]          \n"
                     "   subs   r5, r5, #1            \n"
                     "   str    r5, [sp, #4]          \n"
                     "   beq    3f                    \n"
                     "   cmp    r5, #1                \n"
                     "   it     ne                    \n"
                     "   movne  r6, #4                \n"
                     "   add    r2, r2, r6            \n"
                     "   add    r4, r4, r6            \n"
                     "   add    r3, r3, r6, lsl #4    \n"
                     "   b      1b                    \n"
                     "3: add    sp, sp, #12           \n"
                     "   pop    {r4-r11, pc}          \n");
}

#else

static void convolve(const place *at)
{
    const nn_dsp_channel *channel = at->channel;
    const nn_word *w = at->weights;
    const int8_t *input = at->input;
    int8_t *output = at->output;
    for (int32_t block = at->blocks; block > 0; block--) {
        int32_t sums[4] = {channel[0].bias, channel[1].bias, channel[2].bias, channel[3].bias};
        for (const int32_t *tap = at->taps; tap != at->end; tap++, w++)
            for (int32_t c = 0; c < 4; c++)
                sums[c] += input[*tap + c] * (int8_t)((*w >> 8 * c) & 0xffu);
        for (int32_t c = 0; c < 4; c++)
            output[c] = nn_dsp_finish(sums[c], &channel[c]);
        int32_t step = block == 2 ? at->last : 4;
        input += step, output += step, channel += step;
    }
}

#endif

/* The taps of the window at (top, left); `zeros` is that of a pixel outside. */
static void point(const nn_dsp_convolution *op, int32_t top, int32_t left, int32_t zeros, int32_t *taps)
{
    const nn_window *window = &op->window;
    int32_t height = op->input_shape.height, width = op->input_shape.width, channels = op->input_shape.channels;
    for (int32_t i = 0, y = top; i < window->height; i++, y += window->dilation_height) {
        int32_t is_row = y >= 0 && y < height, place = (y * width + left) * channels;
        for (int32_t j = 0, x = left; j < window->width; j++, x += window->dilation_width) {
            *taps++ = is_row && x >= 0 && x < width ? place : zeros;
            place += window->dilation_width * channels;
        }
    }
}

NN_ALONE static void run(const nn_dsp_convolution *op, const int8_t *input, int8_t *output, int32_t *taps,
                         int8_t *zeros)
{
    const nn_window *window = &op->window;
    int32_t channels = op->input_shape.channels, height = op->input_shape.height, width = op->input_shape.width;
    int32_t rows = (window->height - 1) * window->dilation_height + 1;
    int32_t columns = (window->width - 1) * window->dilation_width + 1;
    int32_t *end = taps + window->height * window->width;
    for (; (end - taps) % 3; end++) /* meet weights of zero */
        *end = 0;
    for (int32_t c = 0; op->has_border && c < channels; c++)
        zeros[c] = (int8_t)op->input_zero_point;
    int32_t outside = (int32_t)((intptr_t)zeros - (intptr_t)input), pointed = -1; /* the corner of whole taps */
    for (int32_t y = 0; y < op->output_shape.height; y++)
        for (int32_t x = 0; x < op->output_shape.width; x++, output += channels) {
            int32_t top = y * window->stride_height - window->pad_top;
            int32_t left = x * window->stride_width - window->pad_left;
            int32_t whole = top >= 0 && left >= 0 && top + rows <= height && left + columns <= width;
            int32_t corner = (top * width + left) * channels;
            if (!whole || pointed < 0)
                point(op, top, left, outside, taps), pointed = whole ? corner : -1;
            place at = {taps, op->weights, input + (whole ? corner - pointed : 0), op->channels, output,
                        end, (channels + 3) / 4, (channels + 3) % 4 + 1};
            convolve(&at);
        }
}

/* Taps that are not too many lie on the stack, which only these functions need. */
NN_ALONE static void run_few(const nn_dsp_convolution *op, const int8_t *input, int8_t *output, int8_t *zeros)
{
    int32_t taps[9];
    run(op, input, output, taps, zeros);
}

NN_ALONE static void run_some(const nn_dsp_convolution *op, const int8_t *input, int8_t *output, int8_t *zeros)
{
    int32_t taps[NN_DSP_STACK_TAPS];
    run(op, input, output, taps, zeros);
}

NN_SHARED void nn_depthwise_taps_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output,
                                     int16_t *scratch)
{
    int32_t count = op->window.height * op->window.width;
    if (count <= 9)
        run_few(op, input, output, (int8_t *)scratch);
    else if (count <= NN_DSP_STACK_TAPS)
        run_some(op, input, output, (int8_t *)scratch);
    else
        run(op, input, output, (int32_t *)(void *)scratch, (int8_t *)scratch + (count + 2) / 3 * 12);
    nn_dsp_limit(&op->output, output,
                 op->output_shape.height * op->output_shape.width * op->output_shape.channels);
}
