/* Sums of inputs times weights for four outputs at once, straight from bytes. */
#ifndef NN_DENSE_SUMS_H
#define NN_DENSE_SUMS_H

#include "simd.h"

#if defined(__ARM_FEATURE_DSP)

/* A word of inputs, at r1, and one of the weights of each output, at r0: r2 and r3 hold inputs 0 2 and 1 3, r4 to
 * r7 the sums, r8 to r12 weights. Sixteen multiply-accumulates in twenty instructions. */
#define NN_ADD_WORD                        \
    "   ldr    r2, [r1], #4            \n" \
    "   ldm    r0!, {r8-r11}           \n" \
    "   sxtb16 r3, r2, ror #8          \n" \
    "   sxtb16 r2, r2                  \n" \
    NN_ADD_OUTPUT("r4", "r8")              \
    NN_ADD_OUTPUT("r5", "r9")              \
    NN_ADD_OUTPUT("r6", "r10")             \
    NN_ADD_OUTPUT("r7", "r11")
#define NN_ADD_OUTPUT(sum, w)                  \
    "   sxtb16 r12, " w ", ror #8          \n" \
    "   sxtb16 " w ", " w "                \n" \
    "   smlad  " sum ", r12, r3, " sum "   \n" \
    "   smlad  " sum ", " w ", r2, " sum " \n"

/* All words, of which lr > 0 are left. */
#define NN_ADD_WORDS             \
    "   tst    lr, #1        \n" \
    "   beq    1f            \n" \
    "   add    lr, lr, #1    \n" \
    "   b      2f            \n" \
    "1:                      \n" NN_ADD_WORD \
    "2:                      \n" NN_ADD_WORD \
    "   subs   lr, lr, #2    \n" \
    "   bne    1b            \n"

/* Adds words > 0 of inputs times weights to four sums. In assembly, because it takes all fourteen registers. */
__attribute__((naked, noinline, unused)) static void
nn_sum_four(const nn_word *w __attribute__((unused)), const int8_t *x __attribute__((unused)),
            int32_t *sums __attribute__((unused)), int32_t words __attribute__((unused)))
{
    __asm__ volatile("   push   {r2, r4-r11, lr}   \n"
                     "   ldm    r2, {r4-r7}        \n"
                     "   mov    lr, r3             \n"
                     NN_ADD_WORDS
                     "   pop    {r2}               \n"
                     "   stm    r2, {r4-r7}        \n"
                     "   pop    {r4-r11, pc}       \n");
}

#else

__attribute__((unused)) static void nn_sum_four(const nn_word *w, const int8_t *input, int32_t *sums, int32_t words)
{
    const nn_unaligned_word *x = (const nn_unaligned_word *)input;
    for (; words > 0; words--, x++)
        for (int32_t i = 0; i < 4; i++, w++) {
            sums[i] = nn_smlad(nn_bytes_13(*x), nn_bytes_13(*w), sums[i]);
            sums[i] = nn_smlad(nn_bytes_02(*x), nn_bytes_02(*w), sums[i]);
        }
}

#endif

#endif
