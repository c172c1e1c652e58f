#define NN_POOL_TYPE int16_t
#include "nn_s16.h"
#include "pool.h"

static void largest(const nn_pool *op, const nn_patch *patch, int16_t *output)
{
    for (int32_t c = 0; c < patch->channels; c++) {
        const int16_t *row = patch->corner + c;
        int32_t found = INT16_MIN;
        for (int32_t y = patch->rows; y > 0; y--, row += patch->row_elements) {
            const int16_t *x = row;
            for (int32_t n = patch->columns; n > 0; n--, x += patch->channels)
                found = *x > found ? *x : found;
        }
        output[c] = (int16_t)nn_limit(found, &op->output);
    }
}

NN_SHARED void nn_max_pool2d_s16(const nn_pool *op, const int16_t *input, int16_t *output)
{
    nn_pool_patches(op, largest, input, output);
}
