#define NN_REDUCED int16_t
#include "nn_s16.h"
#include "walk.h"

NN_SHARED void nn_reduce_max_s16(const nn_reduction *op, const int16_t *input, int16_t *output)
{
    int32_t at[NN_MAX_AXES] = {0}, more = 1;
    while (more) {
        const int16_t *x = input;
        int32_t inner[NN_MAX_AXES] = {0}, rest = 1, largest = INT16_MIN;
        while (rest) {
            largest = *x > largest ? *x : largest;
            x += nn_step(inner, op->walk.reduced, op->walk.reduced_strides, NN_MAX_AXES - 1, &rest);
        }
        *output++ = (int16_t)largest;
        input += nn_step(at, op->walk.kept, op->walk.kept_strides, NN_MAX_AXES - 1, &more);
    }
}
