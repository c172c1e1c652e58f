#define NN_REDUCED int16_t
#include "nn_s16.h"
#include "walk.h"

NN_SHARED void nn_mean_s16(const nn_reduction *op, const int16_t *input, int16_t *output)
{
    int32_t at[NN_MAX_AXES] = {0}, more = 1;
    while (more) {
        int32_t sum = op->offset + nn_sum_of(&op->walk, input);
        *output++ = (int16_t)nn_limit(nn_requantize(sum, op->multiplier, op->shift), &op->output);
        input += nn_step(at, op->walk.kept, op->walk.kept_strides, NN_MAX_AXES - 1, &more);
    }
}
