/* What convolutions share that work on four windows at a time. */
#ifndef NN_WINDOWS_H
#define NN_WINDOWS_H

#include "nn_dsp.h"

/* Widens words > 0 of four int8; a window's words of two values lie four words apart. */
#if defined(__ARM_FEATURE_DSP)

__attribute__((naked, noinline)) static void
nn_dsp_widen_column(const int8_t *input __attribute__((unused)), int32_t words __attribute__((unused)),
                    nn_word *column __attribute__((unused)))
{
    __asm__ volatile("   lsrs   r1, r1, #1        \n"
                     "   bcc    1f                \n"
                     "   ldr    r3, [r0], #4      \n"
                     "   sxtb16 r12, r3           \n"
                     "   sxtb16 r3, r3, ror #8    \n"
                     "   str    r12, [r2], #16    \n"
                     "   str    r3, [r2], #16     \n"
                     "   cbz    r1, 2f            \n"
                     "1: push   {r4, r5}          \n"
                     "3: ldr    r3, [r0], #4      \n"
                     "   ldr    r5, [r0], #4      \n"
                     "   subs   r1, r1, #1        \n"
                     "   sxtb16 r12, r3           \n"
                     "   sxtb16 r3, r3, ror #8    \n"
                     "   sxtb16 r4, r5            \n"
                     "   sxtb16 r5, r5, ror #8    \n"
                     "   str    r12, [r2], #16    \n"
                     "   str    r3, [r2], #16     \n"
                     "   str    r4, [r2], #16     \n"
                     "   str    r5, [r2], #16     \n"
                     "   bne    3b                \n"
                     "   pop    {r4, r5}          \n"
                     "2: bx     lr                \n");
}

#else

static void nn_dsp_widen_column(const int8_t *input, int32_t words, nn_word *column)
{
    const nn_unaligned_word *x = (const nn_unaligned_word *)input;
    for (; words > 0; words--, x++, column += 8) {
        column[0] = nn_bytes_02(*x);
        column[4] = nn_bytes_13(*x);
    }
}

#endif

/* The beginning of the input, once the rows above `top` (of an image of one row, the columns before `left`) hold
 * `bytes`; else the end of the output. */
static nn_word *nn_dsp_borrow(const nn_dsp_convolution *op, const int8_t *input, int8_t *output,
                              int32_t top, int32_t left, int32_t bytes)
{
    int32_t before = op->input_shape.height == 1 ? left : top * op->input_shape.width;
    int32_t read = before * op->input_shape.channels;
    int32_t size = op->output_shape.height * op->output_shape.width * op->output_shape.channels;
    return (nn_word *)(read >= bytes ? (uintptr_t)input : (uintptr_t)(output + ((size - bytes) & ~3)));
}

#endif
