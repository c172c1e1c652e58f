#include "operands.h"

/* Both operands are brought to a common scale with 20 more bits before they are added. */
static inline int32_t rescaled(const nn_operand *operand, int8_t stored)
{
    int32_t value = (stored - operand->zero_point) * (1 << 20);
    return nn_requantize(value, operand->multiplier, operand->shift);
}

static void add_row(const void *parameters, const nn_row *row)
{
    const nn_addition *op = parameters;
    const int8_t *first = row->first, *second = row->second;
    for (int32_t i = 0; i < row->size; i++, first += row->first_step, second += row->second_step) {
        int32_t sum = rescaled(&op->first, *first) + rescaled(&op->second, *second);
        row->output[i] = nn_clamp(nn_requantize(sum, op->multiplier, op->shift), &op->output);
    }
}

static void subtract_row(const void *parameters, const nn_row *row)
{
    const nn_addition *op = parameters;
    const int8_t *first = row->first, *second = row->second;
    for (int32_t i = 0; i < row->size; i++, first += row->first_step, second += row->second_step) {
        int32_t sum = rescaled(&op->first, *first) - rescaled(&op->second, *second);
        row->output[i] = nn_clamp(nn_requantize(sum, op->multiplier, op->shift), &op->output);
    }
}

NN_SHARED void nn_add(const nn_addition *op, const int8_t *first, const int8_t *second, int8_t *output)
{
    nn_walk_operands(&op->operands, add_row, op, first, second, output);
}

NN_SHARED void nn_sub(const nn_addition *op, const int8_t *first, const int8_t *second, int8_t *output)
{
    nn_walk_operands(&op->operands, subtract_row, op, first, second, output);
}
