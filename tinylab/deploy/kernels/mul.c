#include "operands.h"

static void multiply_row(const void *parameters, const nn_row *row)
{
    const nn_product *op = parameters;
    const int8_t *first = row->first, *second = row->second;
    for (int32_t i = 0; i < row->size; i++, first += row->first_step, second += row->second_step) {
        int32_t product = (*first - op->first_zero_point) * (*second - op->second_zero_point);
        row->output[i] = nn_clamp(nn_requantize(product, op->multiplier, op->shift), &op->output);
    }
}

NN_SHARED void nn_mul(const nn_product *op, const int8_t *first, const int8_t *second, int8_t *output)
{
    nn_walk_operands(&op->operands, multiply_row, op, first, second, output);
}
