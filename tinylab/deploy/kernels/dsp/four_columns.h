/* The inner loop of every convolution: four output columns times two output channels, so that each value
 * that is loaded serves several times. */
#ifndef NN_FOUR_COLUMNS_H
#define NN_FOUR_COLUMNS_H

#include "nn_dsp_common.h"
#include "pairs.h"

/* Four windows, widened to int16 and interleaved: [pair of values][column] words. The offsets of the fields are
 * written out below. */
typedef struct {
    const nn_word *weights;        /* [out / 2][pair of values] words: both values of both channels */
    const nn_word *columns;        /* first word of the windows */
    const nn_word *end;            /* behind their last one */
    const nn_dsp_channel *channel; /* walks through the output channels, as the next two do */
    int8_t *output;
    int32_t left;                  /* output channels */
    int32_t step;                  /* from a column's output to that of the next */
    int32_t odd;                   /* whether pairs of values are no multiple of four; they are one of two */
} nn_four_columns;

#if defined(__ARM_FEATURE_DSP)

/* nn_dsp_finish() of one sum; r1 holds the multiplier, r2 the offset, r3 the shift. */
#define NN_FINISH_SUM(sum)                            \
    "   lsl    " sum ", " sum ", #1               \n" \
    "   smmulr " sum ", " sum ", r1               \n" \
    "   add    " sum ", " sum ", " sum ", asr #31 \n" \
    "   add    " sum ", " sum ", r2               \n" \
    "   asr    " sum ", " sum ", r3               \n" \
    "   ssat   " sum ", #8, " sum "               \n"

/* One channel of four columns: r12 is where the first one goes, lr the step to the next. */
#define NN_FINISH_CHANNEL(row, s0, s1, s2, s3)                                             \
    "   ldr    r1, [sp, #12]             \n"                                               \
    "   ldr    r12, [sp, #16]            \n"                                               \
    "   ldr    lr, [sp, #24]             \n"                                               \
    "   ldr    r2, [r1, #" row " + 8]    \n"                                               \
    "   ldr    r3, [r1, #" row " + 12]   \n"                                               \
    "   ldr    r1, [r1, #" row " + 4]    \n"                                               \
    NN_FINISH_SUM(s0) NN_FINISH_SUM(s1) NN_FINISH_SUM(s2) NN_FINISH_SUM(s3)

/* In assembly, because it takes all fourteen registers: r0 weights, r1 columns, r4 to r7 the sums of the first
 * channel, r8 to r11 those of the second. Sixty-four multiply-accumulates in sixty-three instructions. The
 * structure's copy lies at sp. */
__attribute__((naked, noinline)) static void
nn_sum_four_columns(const nn_four_columns *block __attribute__((unused)))
{
    __asm__ volatile(
        "   push   {r4-r11, lr}          \n"
        "   ldm    r0, {r0-r7}           \n"
        "   sub    r0, r0, #4            \n"
        "   sub    r1, r1, #4            \n" /* loads are at 4, 8, ... */
        "   sub    r2, r2, #4            \n"
        "   sub    sp, sp, #36           \n"
        "   stm    sp, {r0-r7}           \n"
        "1: ldr    r2, [sp, #12]         \n"
        "   ldr    r4, [r2]              \n"
        "   ldr    r8, [r2, #16]         \n"
        "   ldr    r3, [sp, #28]         \n"
        "   ldr    r1, [sp, #4]          \n"
        "   mov    r5, r4                \n"
        "   mov    r6, r4                \n"
        "   mov    r7, r4                \n"
        "   mov    r9, r8                \n"
        "   mov    r10, r8               \n"
        "   mov    r11, r8               \n"
        "   cmp    r3, #0                \n"
        "   bne    3f                    \n"
        "2:                              \n"
        NN_FIRST_PAIR NN_SECOND_PAIR
        "3:                              \n"
        NN_FIRST_PAIR NN_SECOND_PAIR
        "   ldr    r2, [sp, #8]          \n"
        "   cmp    r1, r2                \n"
        "   bne    2b                    \n"
        NN_FINISH_CHANNEL("0", "r4", "r5", "r6", "r7")
        "   strb   r4, [r12]             \n"
        "   strb   r5, [r12, lr]         \n"
        "   add    r12, r12, lr, lsl #1  \n"
        "   strb   r6, [r12]             \n"
        "   strb   r7, [r12, lr]         \n"
        "   ldr    r4, [sp, #20]         \n"
        "   subs   r4, r4, #1            \n"
        "   beq    4f                    \n"
        NN_FINISH_CHANNEL("16", "r8", "r9", "r10", "r11")
        "   add    r12, r12, #1          \n"
        "   strb   r8, [r12]             \n"
        "   strb   r9, [r12, lr]         \n"
        "   add    r6, r12, lr, lsl #1   \n"
        "   strb   r10, [r6]             \n"
        "   strb   r11, [r6, lr]         \n"
        "   add    r12, r12, #1          \n"
        "   ldr    r5, [sp, #12]         \n"
        "   add    r5, r5, #32           \n"
        "   subs   r4, r4, #1            \n"
        "   str    r5, [sp, #12]         \n"
        "   str    r12, [sp, #16]        \n"
        "   str    r4, [sp, #20]         \n"
        "   bne    1b                    \n"
        "4: add    sp, sp, #36           \n"
        "   pop    {r4-r11, pc}          \n");
}

#else

static void nn_sum_four_columns(const nn_four_columns *block)
{
    const nn_dsp_channel *channel = block->channel;
    const nn_word *w = block->weights;
    for (int32_t c = 0; c < block->left; c += 2, channel += 2) {
        int32_t sums[2][4];
        for (int32_t p = 0; p < 4; p++)
            sums[0][p] = channel[0].bias, sums[1][p] = channel[1].bias;
        for (const nn_word *x = block->columns; x != block->end; x += 4, w++)
            for (int32_t p = 0; p < 4; p++) {
                sums[0][p] = nn_smlad(x[p], nn_bytes_02(*w), sums[0][p]);
                sums[1][p] = nn_smlad(x[p], nn_bytes_13(*w), sums[1][p]);
            }
        for (int32_t i = 0; i < 2 && c + i < block->left; i++)
            for (int32_t p = 0; p < 4; p++)
                block->output[p * block->step + c + i] = nn_dsp_finish(sums[i][p], &channel[i]);
    }
}

#endif

#endif
