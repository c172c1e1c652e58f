/* Logistic and hyperbolic tangent on 16 bits, in the arithmetic of gemmlowp: exp() by a Taylor polynomial
 * and products, division by Newton's method (Jacob et al. 2018, appendix A.2). */
#ifndef NN_CURVES_S16_H
#define NN_CURVES_S16_H

#include "requantize.h"

#define NN_ONE_S16 0x7fff

/* round(a * b / 2^15), halves up. */
static inline int32_t nn_product_s16(int32_t a, int32_t b)
{
    int32_t product = (a * b + (1 << 14)) >> 15;
    return product > NN_ONE_S16 ? NN_ONE_S16 : product;
}

/* x * 2^times, cut to 16 bits. */
static inline int32_t nn_doubled_s16(int32_t x, int32_t times)
{
    int32_t result = (int32_t)((uint32_t)x << times);
    return result > NN_ONE_S16 ? NN_ONE_S16 : result < -0x8000 ? -0x8000 : result;
}

/* exp(a) for -1/4 <= a < 0: a Taylor polynomial about -1/8. */
static inline int32_t nn_exp_of_quarter_s16(int32_t a)
{
    int32_t x = a + (1 << 12), square = nn_product_s16(x, x);
    int32_t fourth = nn_round_shift(nn_product_s16(square, square), 2);
    int32_t cubes = nn_product_s16(fourth + nn_product_s16(square, x), 10923);
    int32_t rest = x + nn_round_shift(cubes + square, 1);
    int32_t sum = 28918 + nn_product_s16(28918, rest);
    return sum > NN_ONE_S16 ? NN_ONE_S16 : sum;
}

/* exp(a) for a <= 0 with 15 - integer_bits bits behind the point. */
static inline int32_t nn_exp_of_negative_s16(int32_t a, int32_t integer_bits)
{
    static const int16_t powers[7] = {25520, 19875, 12055, 4435, 600, 11, 0}; /* exp(-2^(k - 2)) */
    int32_t fraction = 15 - integer_bits, quarter = 1 << (fraction - 2);
    int32_t rest = (a & (quarter - 1)) - quarter, whole = rest - a;
    int32_t result = nn_exp_of_quarter_s16(nn_doubled_s16(rest, integer_bits));
    for (int32_t k = 0; k < 7 && k < integer_bits + 2; k++)
        if (whole & (quarter << k))
            result = nn_product_s16(result, powers[k]);
    if (integer_bits > 5 && a < -32 * (1 << fraction))
        result = 0;
    return a ? result : NN_ONE_S16;
}

/* 2 / (1 + a) for a in 0 to 1, with 13 bits behind the point: three steps of Newton's method. */
static inline int32_t nn_reciprocal_s16(int32_t a)
{
    int32_t half = (a + NN_ONE_S16 + 1) >> 1;
    int32_t x = 23130 + nn_product_s16(half, -15420);
    for (int32_t step = 0; step < 3; step++) {
        int32_t error = (1 << 13) - nn_product_s16(half, x);
        x += nn_doubled_s16(nn_product_s16(x, error), 2);
    }
    return x;
}

/* 1 / (1 + exp(-x)); x has 12 bits behind the point, the result 15. */
static inline int32_t nn_logistic_curve_s16(int32_t x)
{
    int32_t result = nn_doubled_s16(nn_reciprocal_s16(nn_exp_of_negative_s16(x < 0 ? x : -x, 3)), 1);
    return !x ? 1 << 14 : x > 0 ? result : NN_ONE_S16 - result;
}

/* tanh(x); x has 15 - integer_bits bits behind the point, the result 15. */
static inline int32_t nn_tanh_curve_s16(int32_t x, int32_t integer_bits)
{
    int32_t power = nn_exp_of_negative_s16(x < 0 ? x : -x, integer_bits + 1);
    int32_t result = nn_doubled_s16(nn_reciprocal_s16(power) - (1 << 13), 2);
    return !x ? 0 : x < 0 ? -result : result;
}

#endif
