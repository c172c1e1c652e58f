#include "nn.h"

/* Copies runs of bytes from one walk through memory to another. The last axis turns fastest; an axis that
 * has come to its end goes back to its start, and the one before it takes a step. */
NN_SHARED void nn_move(const nn_movement *op, const void *input, void *output)
{
    const int8_t *from = (const int8_t *)input + op->from_start;
    int8_t *to = (int8_t *)output + op->to_start;
    int32_t at[NN_MAX_AXES] = {0}, axis;
    do {
        for (int32_t i = 0; i < op->run; i++)
            to[i] = from[i];
        for (axis = NN_MAX_AXES - 1; axis >= 0; axis--) {
            from += op->from[axis], to += op->to[axis];
            if (++at[axis] < op->sizes[axis])
                break;
            from -= at[axis] * op->from[axis], to -= at[axis] * op->to[axis];
            at[axis] = 0;
        }
    } while (axis >= 0);
}
