#include "walk.h"

NN_SHARED void nn_reduce_min(const nn_reduction *op, const int8_t *input, int8_t *output)
{
    int32_t at[NN_MAX_AXES] = {0}, more = 1;
    while (more) {
        const int8_t *x = input;
        int32_t inner[NN_MAX_AXES] = {0}, rest = 1, smallest = INT8_MAX;
        while (rest) {
            smallest = *x < smallest ? *x : smallest;
            x += nn_step(inner, op->walk.reduced, op->walk.reduced_strides, NN_MAX_AXES - 1, &rest);
        }
        *output++ = (int8_t)smallest;
        input += nn_step(at, op->walk.kept, op->walk.kept_strides, NN_MAX_AXES - 1, &more);
    }
}
