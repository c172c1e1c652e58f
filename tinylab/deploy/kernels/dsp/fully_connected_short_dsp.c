#include "dense_sums.h"
#include "nn_dsp_common.h"

/* Dense layers whose sums are all scaled right by one multiplication of 32 bits. */

/* The offsets of the fields are written out below. */
typedef struct {
    const nn_word *weights;
    const int8_t *input;
    int32_t words;                 /* of input */
    const int32_t *bias;
    const nn_dsp_scale *scale;
    int32_t step;                  /* bytes from an output's scale to that of the next */
    int8_t *output;
    int32_t blocks;                /* of four outputs */
} dense_blocks;

static int8_t finish(int32_t sum, const nn_dsp_scale *scale)
{
    int64_t product = (int64_t)sum * scale->multiplier, offset = (int64_t)scale->high << 32 | scale->low;
    return (int8_t)nn_saturate8((int32_t)((product + offset) >> 32) >> scale->shift);
}

#if defined(__ARM_FEATURE_DSP)

/* r1 is the scale, r2 the step to the next, r3 the output. */
#define FINISH(sum)                           \
    "   ldm    r1, {r8-r11}               \n" \
    "   smlal  r9, r10, " sum ", r8       \n" \
    "   add    r1, r1, r2                 \n" \
    "   asr    r10, r10, r11              \n" \
    "   ssat   r10, #8, r10               \n" \
    "   strb   r10, [r3], #1              \n"

__attribute__((naked, noinline)) static void multiply(const dense_blocks *dense __attribute__((unused)))
{
    __asm__ volatile("   push   {r4-r11, lr}       \n"
                     "   ldm    r0, {r0-r7}        \n"
                     "   sub    sp, sp, #36        \n"
                     "   stm    sp, {r0-r7}        \n"
                     "0: ldr    r2, [sp, #12]      \n"
                     "   ldr    r1, [sp, #4]       \n"
                     "   ldr    lr, [sp, #8]       \n"
                     "   ldm    r2!, {r4-r7}       \n"
                     "   str    r2, [sp, #12]      \n"
                     NN_ADD_WORDS
                     "   ldr    r1, [sp, #16]      \n"
                     "   ldr    r2, [sp, #20]      \n"
                     "   ldr    r3, [sp, #24]      \n"
                     FINISH("r4") FINISH("r5") FINISH("r6") FINISH("r7")
                     "   ldr    r4, [sp, #28]      \n"
                     "   str    r1, [sp, #16]      \n"
                     "   str    r3, [sp, #24]      \n"
                     "   subs   r4, r4, #1         \n"
                     "   str    r4, [sp, #28]      \n"
                     "   bne    0b                 \n"
                     "   add    sp, sp, #36        \n"
                     "   pop    {r4-r11, pc}       \n");
}

#else

static void multiply(const dense_blocks *dense)
{
    const nn_word *w = dense->weights;
    const int8_t *scale = (const int8_t *)dense->scale;
    for (int32_t c = 0; c < 4 * dense->blocks; c += 4, w += 4 * dense->words) {
        int32_t sums[4] = {dense->bias[c], dense->bias[c + 1], dense->bias[c + 2], dense->bias[c + 3]};
        nn_sum_four(w, dense->input, sums, dense->words);
        for (int32_t i = 0; i < 4; i++, scale += dense->step)
            dense->output[c + i] = finish(sums[i], (const nn_dsp_scale *)(const void *)scale);
    }
}

#endif

static void multiply_row(const nn_dsp_dense *op, const int8_t *input, int8_t *output)
{
    const nn_word *w = (const nn_word *)op->weights;
    int32_t words = (op->input_size + 3) / 4, blocks = op->output_size / 4, c = 4 * blocks;
    dense_blocks dense = {w, input, words, op->bias, op->scales, op->per_channel * (int32_t)sizeof(nn_dsp_scale),
                          output, blocks};
    if (blocks)
        multiply(&dense);
    for (w += words * c; c < op->output_size; c++) { /* what is left over, one by one */
        int32_t sum = op->bias[c];
        const nn_unaligned_word *x = (const nn_unaligned_word *)input, *end = x + words;
        for (; x != end; x++, w++)
            sum = nn_smlad(nn_bytes_13(*x), nn_bytes_13(*w), nn_smlad(nn_bytes_02(*x), nn_bytes_02(*w), sum));
        output[c] = finish(sum, op->scales + op->per_channel * c);
    }
}

NN_SHARED void nn_fully_connected_short_dsp(const nn_dsp_dense *op, const int8_t *input, int8_t *output)
{
    for (int32_t row = 0; row < op->rows; row++)
        multiply_row(op, input + row * op->input_size, output + row * op->output_size);
    nn_dsp_limit(&op->output, output, op->rows * op->output_size);
}
