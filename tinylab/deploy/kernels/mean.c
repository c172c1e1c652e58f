#include "walk.h"

NN_SHARED void nn_mean(const nn_reduction *op, const int8_t *input, int8_t *output)
{
    int32_t at[NN_MAX_AXES] = {0}, more = 1;
    while (more) {
        int32_t sum = op->offset + nn_sum_of(&op->walk, input);
        *output++ = nn_clamp(nn_requantize(sum, op->multiplier, op->shift), &op->output);
        input += nn_step(at, op->walk.kept, op->walk.kept_strides, NN_MAX_AXES - 1, &more);
    }
}
