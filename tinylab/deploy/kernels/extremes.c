#include "operands.h"

static void minimum_row(const void *op, const nn_row *row)
{
    const int8_t *first = row->first, *second = row->second;
    (void)op;
    for (int32_t i = 0; i < row->size; i++, first += row->first_step, second += row->second_step)
        row->output[i] = *first < *second ? *first : *second;
}

static void maximum_row(const void *op, const nn_row *row)
{
    const int8_t *first = row->first, *second = row->second;
    (void)op;
    for (int32_t i = 0; i < row->size; i++, first += row->first_step, second += row->second_step)
        row->output[i] = *first > *second ? *first : *second;
}

NN_SHARED void nn_minimum(const nn_extremes *op, const int8_t *first, const int8_t *second, int8_t *output)
{
    nn_walk_operands(&op->operands, minimum_row, op, first, second, output);
}

NN_SHARED void nn_maximum(const nn_extremes *op, const int8_t *first, const int8_t *second, int8_t *output)
{
    nn_walk_operands(&op->operands, maximum_row, op, first, second, output);
}
