/* The inner loop of every convolution: two output columns times two output channels, so that each value
 * that is loaded serves twice. */
#ifndef NN_SUM_2X2_H
#define NN_SUM_2X2_H

#include "simd.h"

/* How the widened inputs lie: a filter row takes `words` times four values; the next row of inputs
 * starts `skip` bytes after the end of this one. */
typedef struct {
    int32_t words, skip;
} nn_rows;

/* Adds up filter rows. w walks through the filters of two channels, word by word in turn; a and b are the
 * widened inputs of two columns. sums: column a with channel 0 and 1, column b with channel 0 and 1. */
#if defined(__ARM_FEATURE_DSP)

/* In assembly, because it takes all fourteen registers, and compilers spill some of them in this loop.
 * r0 w, r1 a, r2 b, r3 words left, r4-r7 sums, r8-r9 inputs, r10-r11 weights 0 and 1 of each filter,
 * r12 and lr weights 2 and 3. Sixteen multiply-accumulates in seventeen instructions. */
__attribute__((naked, noinline)) static void
nn_sum_2x2(const nn_word *w __attribute__((unused)), const int16_t *a __attribute__((unused)),
           const int16_t *b __attribute__((unused)), const nn_rows *layout __attribute__((unused)),
           int32_t *sums __attribute__((unused)), int32_t rows __attribute__((unused)))
{
    __asm__ volatile(
        "   push   {r3-r11, lr}        \n" /* layout at sp, sums at sp + 40, rows at sp + 44 */
        "   ldr    r8, [sp, #40]       \n"
        "   ldm    r8, {r4-r7}         \n"
        "1: ldr    r8, [sp]            \n"
        "   ldr    r3, [r8]            \n"
        "2: ldrd   r12, lr, [r0], #8   \n"
        "   ldrd   r8, r9, [r1], #8    \n"
        "   sxtb16 r10, r12            \n"
        "   sxtb16 r11, lr             \n"
        "   sxtb16 r12, r12, ror #8    \n"
        "   sxtb16 lr, lr, ror #8      \n"
        "   smlad  r4, r8, r10, r4     \n"
        "   smlad  r5, r8, r11, r5     \n"
        "   smlad  r4, r9, r12, r4     \n"
        "   smlad  r5, r9, lr, r5      \n"
        "   ldrd   r8, r9, [r2], #8    \n"
        "   subs   r3, r3, #1          \n"
        "   smlad  r6, r8, r10, r6     \n"
        "   smlad  r7, r8, r11, r7     \n"
        "   smlad  r6, r9, r12, r6     \n"
        "   smlad  r7, r9, lr, r7      \n"
        "   bne    2b                  \n"
        "   ldr    r8, [sp, #44]       \n"
        "   subs   r8, r8, #1          \n"
        "   str    r8, [sp, #44]       \n"
        "   beq    3f                  \n"
        "   ldr    r8, [sp]            \n"
        "   ldr    r8, [r8, #4]        \n"
        "   add    r1, r1, r8          \n"
        "   add    r2, r2, r8          \n"
        "   b      1b                  \n"
        "3: ldr    r8, [sp, #40]       \n"
        "   stm    r8, {r4-r7}         \n"
        "   pop    {r3-r11, pc}        \n");
}

#else

static void nn_sum_2x2(const nn_word *w, const int16_t *a, const int16_t *b, const nn_rows *layout,
                       int32_t *sums, int32_t rows)
{
    const nn_word *x = (const nn_word *)a, *y = (const nn_word *)b;
    for (; rows > 0; rows--, x += layout->skip / 4, y += layout->skip / 4) {
        for (int32_t n = 0; n < layout->words; n++, w += 2, x += 2, y += 2) {
            uint32_t low0 = nn_bytes_02(w[0]), high0 = nn_bytes_13(w[0]);
            uint32_t low1 = nn_bytes_02(w[1]), high1 = nn_bytes_13(w[1]);
            sums[0] = nn_smlad(x[1], high0, nn_smlad(x[0], low0, sums[0]));
            sums[1] = nn_smlad(x[1], high1, nn_smlad(x[0], low1, sums[1]));
            sums[2] = nn_smlad(y[1], high0, nn_smlad(y[0], low0, sums[2]));
            sums[3] = nn_smlad(y[1], high1, nn_smlad(y[0], low1, sums[3]));
        }
    }
}

#endif

#endif
