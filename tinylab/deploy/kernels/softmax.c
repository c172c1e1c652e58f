/* Softmax without floating point.
 *
 * exp() of a negative Q5.26 number: a fourth-order Taylor polynomial around -1/8 for the fraction of a
 * quarter, times a table of exp(-2^k) for each remaining bit. 1 / (1 + x): three Newton-Raphson steps.
 * The operations and their roundings follow gemmlowp's fixedpoint.h, so that results match LiteRT and
 * TensorFlow Lite Micro bit for bit.
 */
#include "requantize.h"

#define SUM_INTEGER_BITS 12

/* round(x * 2^exponent) that saturates at the limits of 32 bits. */
static int32_t saturating_left_shift(int32_t x, int32_t exponent)
{
    int64_t wide = (int64_t)x * ((int64_t)1 << exponent);
    wide = wide > INT32_MAX ? INT32_MAX : wide;
    return (int32_t)(wide < INT32_MIN ? INT32_MIN : wide);
}

/* exp(a) as Q0.31 for a in [-1/4, 0) as Q0.31. */
static int32_t exp_of_fraction(int32_t a)
{
    const int32_t exp_of_minus_eighth = 1895147668, third = 715827883;
    int32_t x = a + (1 << 28);
    int32_t x2 = nn_high_product(x, x);
    int32_t x3 = nn_high_product(x2, x);
    int32_t x4 = nn_high_product(x2, x2);
    int32_t inner = nn_round_shift(x4, 2) + x3;
    int32_t tail = nn_round_shift(nn_high_product(inner, third) + x2, 1);
    return exp_of_minus_eighth + nn_high_product(exp_of_minus_eighth, x + tail);
}

/* exp(a) as Q0.31 for a <= 0 as Q5.26. */
static int32_t exp_of_negative(int32_t a)
{
    static const int32_t exp_of_minus_power[] = {
        1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242,
    }; /* exp(-1/4), exp(-1/2), exp(-1), ... exp(-16) as Q0.31 */
    const int32_t quarter = 1 << 24;
    if (a == 0)
        return INT32_MAX;
    int32_t fraction = (a & (quarter - 1)) - quarter;
    int32_t remainder = fraction - a;
    int32_t result = exp_of_fraction(fraction * (1 << 5));
    for (int32_t bit = 0; bit < 7; bit++)
        if (remainder & (quarter << bit))
            result = nn_high_product(result, exp_of_minus_power[bit]);
    return result;
}

/* 1 / (1 + x) as Q0.31 for x in [0, 1) as Q0.31. */
static int32_t reciprocal_of_one_plus(int32_t x)
{
    const int32_t two_48_over_17 = 1515870810, two_minus_32_over_17 = -1010580540; /* Q2.29 */
    int64_t sum = (int64_t)x + INT32_MAX;
    int32_t half_denominator = (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
    int32_t guess = two_48_over_17 + nn_high_product(half_denominator, two_minus_32_over_17);
    for (int32_t step = 0; step < 3; step++) {
        int32_t error = (1 << 29) - nn_high_product(half_denominator, guess);
        guess += saturating_left_shift(nn_high_product(guess, error), 2);
    }
    return saturating_left_shift(guess, 1);
}

static int32_t scaled_difference(const nn_normalize *op, int32_t difference)
{
    return nn_high_product((int32_t)((uint32_t)difference << op->left_shift), op->multiplier);
}

/* What makes shares of the exponentials of one row: value = numerator * scale * 2^-exponent, with as many
 * bits behind the point as the output has. */
typedef struct {
    int32_t largest, scale, exponent;
} row_sum;

static row_sum sum_row(const nn_normalize *op, const int8_t *input, int32_t bits)
{
    int32_t largest = INT8_MIN, sum = 0, leading_zeros = 0;
    for (int32_t i = 0; i < op->size; i++)
        largest = input[i] > largest ? input[i] : largest;
    for (int32_t i = 0; i < op->size; i++)
        if (input[i] - largest >= op->minimum_difference)
            sum += nn_round_shift(exp_of_negative(scaled_difference(op, input[i] - largest)),
                                  SUM_INTEGER_BITS);
    uint32_t normalized = (uint32_t)sum;
    for (; !(normalized & 0x80000000u); leading_zeros++)
        normalized <<= 1;
    int32_t scale = reciprocal_of_one_plus((int32_t)(normalized - 0x80000000u));
    return (row_sum){largest, scale, SUM_INTEGER_BITS - leading_zeros + 31 - bits};
}

static int32_t share(const nn_normalize *op, const row_sum *row, int8_t input, int32_t bits)
{
    int32_t difference = input - row->largest, most = (1 << bits) - 1;
    if (difference < op->minimum_difference)
        return 0;
    int32_t numerator = exp_of_negative(scaled_difference(op, difference));
    int32_t value = nn_round_shift(nn_high_product(row->scale, numerator), row->exponent);
    return value > most ? most : value;
}

NN_SHARED void nn_softmax(const nn_normalize *op, const int8_t *input, int8_t *output)
{
    for (int32_t n = 0; n < op->rows; n++, input += op->size, output += op->size) {
        row_sum row = sum_row(op, input, 8);
        for (int32_t i = 0; i < op->size; i++)
            output[i] = (int8_t)(share(op, &row, input[i], 8) + INT8_MIN);
    }
}

NN_SHARED void nn_softmax_s8_s16(const nn_normalize *op, const int8_t *input, int16_t *output)
{
    for (int32_t n = 0; n < op->rows; n++, input += op->size, output += op->size) {
        row_sum row = sum_row(op, input, 16);
        for (int32_t i = 0; i < op->size; i++)
            output[i] = (int16_t)(share(op, &row, input[i], 16) + INT16_MIN);
    }
}
