#include "operands.h"

static void slope_row(const void *parameters, const nn_row *row)
{
    const nn_slopes *op = parameters;
    const int8_t *first = row->first, *second = row->second;
    for (int32_t i = 0; i < row->size; i++, first += row->first_step, second += row->second_step) {
        int32_t x = *first - op->input_zero_point, slope = *second - op->slope_zero_point;
        int32_t value = x >= 0 ? nn_requantize(x, op->positive.multiplier, op->positive.shift)
                               : nn_requantize(x * slope, op->negative.multiplier, op->negative.shift);
        row->output[i] = nn_clamp(value, &op->output);
    }
}

NN_SHARED void nn_prelu(const nn_slopes *op, const int8_t *input, const int8_t *slopes, int8_t *output)
{
    nn_walk_operands(&op->operands, slope_row, op, input, slopes, output);
}
