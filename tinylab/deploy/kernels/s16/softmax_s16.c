#include "requantize_s16.h"

/* Between two of 512 entries, on a straight line. */
static int32_t between(const int16_t *table, int32_t x)
{
    int32_t saturated = x < INT16_MIN ? INT16_MIN : x > INT16_MAX ? INT16_MAX : x;
    int32_t i = 256 + (saturated >> 7), rest = saturated & 0x7f;
    return table[i] + (((table[i + 1] - table[i]) * rest + 64) >> 7);
}

static int32_t exponential(const nn_normalize_s16 *op, int32_t difference)
{
    return between(op->exponential, nn_requantize(difference, op->multiplier, op->shift) + INT16_MAX);
}

static void normalize_row(const nn_normalize_s16 *op, const int16_t *input, int16_t *output)
{
    int32_t largest = INT16_MIN, sum = 0, shift = 0;
    for (int32_t i = 0; i < op->size; i++)
        largest = input[i] > largest ? input[i] : largest;
    for (int32_t i = 0; i < op->size; i++)
        sum += exponential(op, input[i] - largest);
    while (((uint32_t)sum << shift) < 0x40000000u)
        shift++;
    int32_t fraction = (int32_t)((((int64_t)sum << shift) + (1 << 13)) >> 14); /* 1 to 2 as 2^16 to 2^17 */
    int32_t reciprocal = between(op->reciprocal, fraction - (1 << 15) - (1 << 16));
    int32_t right = 30 - shift;
    for (int32_t i = 0; i < op->size; i++) {
        int64_t product = (int64_t)exponential(op, input[i] - largest) * reciprocal;
        int64_t value = (product + ((int64_t)1 << (right - 1))) >> right;
        output[i] = (int16_t)(value < 0 ? 0 : value > INT16_MAX ? INT16_MAX : value);
    }
}

NN_SHARED void nn_softmax_s16(const nn_normalize_s16 *op, const int16_t *input, int16_t *output)
{
    for (int32_t row = 0; row < op->rows; row++)
        normalize_row(op, input + row * op->size, output + row * op->size);
}
