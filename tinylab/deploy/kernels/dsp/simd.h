/* The Cortex-M4's DSP instructions on two 16-bit values in a word, with a plain C stand-in for each, so
 * that the same kernels can be tested on any computer.
 */
#ifndef NN_SIMD_H
#define NN_SIMD_H

#include <stdint.h>

/* A word that may lie over int8 or int16 data; the Cortex-M4 loads it from any address. */
typedef uint32_t __attribute__((may_alias)) nn_word;
typedef uint32_t __attribute__((may_alias, aligned(1))) nn_unaligned_word;
/* Two neighbouring words, which one instruction loads. */
typedef uint64_t __attribute__((may_alias, aligned(4))) nn_pair;
#define nn_first(pair) ((uint32_t)(pair))
#define nn_second(pair) ((uint32_t)((pair) >> 32))

#if defined(__ARM_FEATURE_DSP)

#include <arm_acle.h>

/* sum + a.low * b.low + a.high * b.high */
#define nn_smlad(a, b, sum) __smlad((int16x2_t)(a), (int16x2_t)(b), sum)
/* sum + a.low * b.low */
#define nn_smlabb(a, b, sum) __smlabb((int32_t)(a), (int32_t)(b), sum)
/* sum + a.high * b.high */
#define nn_smlatt(a, b, sum) __smlatt((int32_t)(a), (int32_t)(b), sum)
/* Sign-extended bytes 0 and 2. */
#define nn_bytes_02(word) ((uint32_t)__sxtb16((int8x4_t)(word)))
#define nn_saturate8(value) __ssat(value, 8)

/* round(a * b / 2^32), halves up. */
static inline int32_t nn_smmulr(int32_t a, int32_t b)
{
    int32_t result;
    __asm__("smmulr %0, %1, %2" : "=r"(result) : "r"(a), "r"(b));
    return result;
}

#else

static inline int32_t nn_low(uint32_t pair)
{
    return (int16_t)(pair & 0xffffu);
}

static inline int32_t nn_high(uint32_t pair)
{
    return (int16_t)(pair >> 16);
}

static inline int32_t nn_smlad(uint32_t a, uint32_t b, int32_t sum)
{
    return sum + nn_low(a) * nn_low(b) + nn_high(a) * nn_high(b);
}

static inline int32_t nn_smlabb(uint32_t a, uint32_t b, int32_t sum)
{
    return sum + nn_low(a) * nn_low(b);
}

static inline int32_t nn_smlatt(uint32_t a, uint32_t b, int32_t sum)
{
    return sum + nn_high(a) * nn_high(b);
}

static inline uint32_t nn_bytes_02(uint32_t word)
{
    uint32_t low = (uint16_t)(int8_t)(word & 0xffu), high = (uint16_t)(int8_t)((word >> 16) & 0xffu);
    return low | high << 16;
}

static inline int32_t nn_smmulr(int32_t a, int32_t b)
{
    return (int32_t)(((int64_t)a * b + 0x80000000ll) >> 32);
}

static inline int32_t nn_saturate8(int32_t value)
{
    return value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : value;
}

#endif

/* Keeps an inner loop in a function of its own, where the compiler has all registers for it. */
#define NN_ALONE __attribute__((noinline))

/* Sign-extended bytes 1 and 3. */
#define nn_bytes_13(word) nn_bytes_02((word) >> 8 | (word) << 24)

#endif
