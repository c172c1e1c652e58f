#include "operands.h"

/* Both operands are brought to a common scale with 7 more bits before they are subtracted. */
static inline int32_t rescaled(const nn_operand *operand, int8_t stored)
{
    int32_t value = (stored - operand->zero_point) * (1 << 7);
    return nn_requantize(value, operand->multiplier, operand->shift);
}

static void square_row(const void *parameters, const nn_row *row)
{
    const nn_addition *op = parameters;
    const int8_t *first = row->first, *second = row->second;
    for (int32_t i = 0; i < row->size; i++, first += row->first_step, second += row->second_step) {
        int32_t difference = rescaled(&op->first, *first) - rescaled(&op->second, *second);
        row->output[i] = nn_clamp(nn_requantize(difference * difference, op->multiplier, op->shift), &op->output);
    }
}

NN_SHARED void nn_squared_difference(const nn_addition *op, const int8_t *first, const int8_t *second,
                                     int8_t *output)
{
    nn_walk_operands(&op->operands, square_row, op, first, second, output);
}
