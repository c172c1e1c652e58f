/* Two operands of different shapes: a walk through both, row by row. */
#ifndef NN_OPERANDS_H
#define NN_OPERANDS_H

#include "requantize.h"

/* A row of `size` elements; each operand takes its own steps, in bytes, and 0 repeats an element. */
typedef struct {
    const int8_t *first, *second;
    int32_t first_step, second_step, size;
    int8_t *output;
} nn_row;

typedef void (*nn_row_kernel)(const void *op, const nn_row *row);

static inline void nn_walk_operands(const nn_operands *operands, nn_row_kernel kernel, const void *op,
                                    const void *first, const void *second, void *output)
{
    const int32_t last = NN_MAX_AXES - 1;
    int32_t at[NN_MAX_AXES] = {0}, axis;
    nn_row row = {first, second, operands->first[last], operands->second[last], operands->sizes[last], output};
    do {
        kernel(op, &row);
        row.output += row.size * operands->item;
        for (axis = last - 1; axis >= 0; axis--) {
            row.first += operands->first[axis], row.second += operands->second[axis];
            if (++at[axis] < operands->sizes[axis])
                break;
            row.first -= at[axis] * operands->first[axis], row.second -= at[axis] * operands->second[axis];
            at[axis] = 0;
        }
    } while (axis >= 0);
}

#endif
