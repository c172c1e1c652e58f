#include "requantize.h"

/* Both operands are brought to a common scale with 20 more bits before they are added. */
static int32_t rescaled(const nn_operand *operand, int8_t stored)
{
    int32_t value = (stored - operand->zero_point) * (1 << 20);
    return nn_requantize(value, operand->multiplier, operand->shift);
}

void nn_add(const nn_sum *op, const int8_t *first, const int8_t *second, int8_t *output)
{
    for (int32_t i = 0; i < op->size; i++) {
        int32_t sum = rescaled(&op->first, first[i]) + rescaled(&op->second, second[i]);
        output[i] = nn_clamp(nn_requantize(sum, op->multiplier, op->shift), &op->output);
    }
}
