/* From a 32-bit sum back to int8: the fixed-point arithmetic that every kernel shares.
 *
 * Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient
 * Integer-Arithmetic-Only Inference", section 2.2.
 */
#ifndef NN_REQUANTIZE_H
#define NN_REQUANTIZE_H

#include "nn.h"

/* round(a * b / 2^31), halves up. */
static inline int32_t nn_high_product(int32_t a, int32_t b)
{
    return (int32_t)(((int64_t)a * b + (1 << 30)) >> 31);
}

/* round(x / 2^exponent), halves away from zero. */
static inline int32_t nn_round_shift(int32_t x, int32_t exponent)
{
    int32_t mask = (int32_t)((1u << exponent) - 1u);
    int32_t remainder = x & mask;
    int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
    return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

/* sum * multiplier * 2^(shift - 31), rounded twice: after the product and after the shift. */
static inline int32_t nn_requantize(int32_t sum, int32_t multiplier, int32_t shift)
{
    int32_t left = shift > 0 ? shift : 0;
    int32_t right = shift > 0 ? 0 : -shift;
    int32_t shifted = (int32_t)((uint32_t)sum << left);
    return nn_round_shift(nn_high_product(shifted, multiplier), right);
}

/* sum * scale rounded once, halves away from zero; |sum| < 2^34. */
static inline int32_t nn_requantize_once(int64_t sum, const nn_exact_scale *scale)
{
    uint64_t size = sum < 0 ? 0u - (uint64_t)sum : (uint64_t)sum;
    uint64_t product = size * scale->high + ((size * scale->low) >> 24);
    uint64_t half = (uint64_t)1 << (scale->shift - 1);
    uint64_t rounded = (product + half) >> scale->shift;
    int32_t result = rounded > 0x7fffff ? 0x7fffff : (int32_t)rounded;
    return sum < 0 ? -result : result;
}

/* Adds the zero point and cuts to the limits. */
static inline int32_t nn_limit(int32_t value, const nn_output *output)
{
    value += output->zero_point;
    value = value < output->minimum ? output->minimum : value;
    return value > output->maximum ? output->maximum : value;
}

static inline int8_t nn_clamp(int32_t value, const nn_output *output)
{
    return (int8_t)nn_limit(value, output);
}

/* Output c of a fully connected layer. */
static inline int8_t nn_finish_dense(const nn_dense *op, int32_t sum, int32_t c)
{
    int32_t i = op->per_channel ? c : 0;
    if (op->exact)
        return nn_clamp(nn_requantize_once(sum, &op->exact[i]), &op->output);
    return nn_clamp(nn_requantize(sum, op->scales.multiplier[i], op->scales.shift[i]), &op->output);
}

#endif
