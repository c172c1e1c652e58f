#include "nn_f32.h"
#include "walk.h"

NN_SHARED void nn_reduce_min_f32(const nn_reduction_f32 *op, const float *input, float *output)
{
    int32_t at[NN_MAX_AXES] = {0}, more = 1;
    while (more) {
        const float *x = input;
        int32_t inner[NN_MAX_AXES] = {0}, rest = 1;
        float smallest = *x;
        while (rest) {
            smallest = *x < smallest ? *x : smallest;
            x += nn_step(inner, op->walk.reduced, op->walk.reduced_strides, NN_MAX_AXES - 1, &rest);
        }
        *output++ = smallest;
        input += nn_step(at, op->walk.kept, op->walk.kept_strides, NN_MAX_AXES - 1, &more);
    }
}
