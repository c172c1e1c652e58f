/* The multiply-accumulates of four windows, widened and interleaved, with two filters: r0 walks through the
 * weights, r1 through the windows, each four bytes before the next load; r4 to r7 are the sums of the first
 * filter, r8 to r11 those of the second. Thirty-two multiply-accumulates in thirty instructions. */
#ifndef NN_PAIRS_H
#define NN_PAIRS_H

/* Two pairs of values: r2 and r3 hold the weights of a pair for the two channels, r12 and lr the inputs of two
 * columns. Loads stand together, where the next one takes a cycle less. */
#define NN_FIRST_PAIR                   \
    "   ldr    r2, [r0, #4]         \n" \
    "   ldr    r12, [r1, #4]        \n" \
    "   ldr    lr, [r1, #8]         \n" \
    "   sxtb16 r3, r2, ror #8       \n" \
    "   sxtb16 r2, r2               \n" \
    "   smlad  r4, r12, r2, r4      \n" \
    "   smlad  r8, r12, r3, r8      \n" \
    "   smlad  r5, lr, r2, r5       \n" \
    "   smlad  r9, lr, r3, r9       \n" \
    "   ldr    r12, [r1, #12]       \n" \
    "   ldr    lr, [r1, #16]        \n" \
    "   smlad  r6, r12, r2, r6      \n" \
    "   smlad  r10, r12, r3, r10    \n" \
    "   smlad  r7, lr, r2, r7       \n" \
    "   smlad  r11, lr, r3, r11     \n"
#define NN_SECOND_PAIR                  \
    "   ldr    r2, [r0, #8]!        \n" \
    "   ldr    r12, [r1, #20]       \n" \
    "   ldr    lr, [r1, #24]        \n" \
    "   sxtb16 r3, r2, ror #8       \n" \
    "   sxtb16 r2, r2               \n" \
    "   smlad  r4, r12, r2, r4      \n" \
    "   smlad  r8, r12, r3, r8      \n" \
    "   smlad  r5, lr, r2, r5       \n" \
    "   smlad  r9, lr, r3, r9       \n" \
    "   ldr    r12, [r1, #28]       \n" \
    "   ldr    lr, [r1, #32]!       \n" \
    "   smlad  r6, r12, r2, r6      \n" \
    "   smlad  r10, r12, r3, r10    \n" \
    "   smlad  r7, lr, r2, r7       \n" \
    "   smlad  r11, lr, r3, r11     \n"

#endif
