#include "requantize.h"
#include "nn_dsp.h"

#if defined(__ARM_FEATURE_DSP)

/* A word of inputs and one of the weights of each output. */
#define ADD_WORD                      \
    "   ldr    r2, [r1], #4       \n" \
    "   ldm    r0!, {r8-r11}      \n" \
    "   sxtb16 r3, r2, ror #8     \n" \
    "   sxtb16 r2, r2             \n" \
    ADD_OUTPUT("r4", "r8") ADD_OUTPUT("r5", "r9") ADD_OUTPUT("r6", "r10") ADD_OUTPUT("r7", "r11")
#define ADD_OUTPUT(sum, w)                     \
    "   sxtb16 r12, " w ", ror #8          \n" \
    "   sxtb16 " w ", " w "                \n" \
    "   smlad  " sum ", r12, r3, " sum "   \n" \
    "   smlad  " sum ", " w ", r2, " sum " \n"

/* Adds words > 0 of inputs times weights to four sums. In assembly, because it takes all fourteen registers:
 * r0 weights, r1 inputs, r2 and r3 inputs 0 2 and 1 3, r4 to r7 the sums, r8 to r12 weights, lr the words left.
 * Sixteen multiply-accumulates in twenty instructions. */
__attribute__((naked, noinline)) static void
sum_four(const nn_word *w __attribute__((unused)), const int8_t *x __attribute__((unused)),
         int32_t *sums __attribute__((unused)), int32_t words __attribute__((unused)))
{
    __asm__ volatile("   push   {r2, r4-r11, lr}   \n"
                     "   ldm    r2, {r4-r7}        \n"
                     "   mov    lr, r3             \n"
                     "   tst    lr, #1             \n"
                     "   beq    1f                 \n"
                     "   add    lr, lr, #1         \n"
                     "   b      2f                 \n"
                     "1:                           \n" ADD_WORD
                     "2:                           \n" ADD_WORD
                     "   subs   lr, lr, #2         \n"
                     "   bne    1b                 \n"
                     "   pop    {r2}               \n"
                     "   stm    r2, {r4-r7}        \n"
                     "   pop    {r4-r11, pc}       \n");
}

#else

static void sum_four(const nn_word *w, const int8_t *input, int32_t *sums, int32_t words)
{
    const nn_unaligned_word *x = (const nn_unaligned_word *)input;
    for (; words > 0; words--, x++)
        for (int32_t i = 0; i < 4; i++, w++) {
            sums[i] = nn_smlad(nn_bytes_13(*x), nn_bytes_13(*w), sums[i]);
            sums[i] = nn_smlad(nn_bytes_02(*x), nn_bytes_02(*w), sums[i]);
        }
}

#endif

/* Four output values at a time. */
static void multiply_four(const nn_dense *op, const int8_t *input, const nn_word *w, int32_t c, int8_t *output)
{
    int32_t sums[4] = {op->bias[c], op->bias[c + 1], op->bias[c + 2], op->bias[c + 3]};
    sum_four(w, input, sums, (op->input_size + 3) / 4);
    for (int32_t i = 0; i < 4; i++)
        output[i] = nn_finish_dense(op, sums[i], c + i);
}

/* What is left over, one by one. */
static void multiply_single(const nn_dense *op, const int8_t *input, const nn_word *w, int32_t c, int8_t *output)
{
    int32_t sum = op->bias[c];
    const nn_unaligned_word *x = (const nn_unaligned_word *)input, *end = x + (op->input_size + 3) / 4;
    for (; x != end; x++, w++)
        sum = nn_smlad(nn_bytes_13(*x), nn_bytes_13(*w), nn_smlad(nn_bytes_02(*x), nn_bytes_02(*w), sum));
    *output = nn_finish_dense(op, sum, c);
}

static void multiply_row(const nn_dense *op, const int8_t *input, int8_t *output)
{
    const nn_word *w = (const nn_word *)(const void *)op->weights;
    int32_t words = (op->input_size + 3) / 4, c = 0;
    for (; c + 4 <= op->output_size; c += 4, w += 4 * words)
        multiply_four(op, input, w, c, output + c);
    for (; c < op->output_size; c++, w += words)
        multiply_single(op, input, w, c, output + c);
}

NN_SHARED void nn_fully_connected_dsp(const nn_dense *op, const int8_t *input, int8_t *output)
{
    for (int32_t row = 0; row < op->rows; row++)
        multiply_row(op, input + row * op->input_size, output + row * op->output_size);
}
