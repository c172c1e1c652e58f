#define NN_POOL_TYPE int8_t
#include "pool.h"

static void largest(const nn_pool *op, const nn_patch *patch, int8_t *output)
{
    for (int32_t c = 0; c < patch->channels; c++) {
        const int8_t *row = patch->corner + c;
        int32_t found = INT8_MIN;
        for (int32_t y = patch->rows; y > 0; y--, row += patch->row_elements) {
            const int8_t *x = row;
            for (int32_t n = patch->columns; n > 0; n--, x += patch->channels)
                found = *x > found ? *x : found;
        }
        output[c] = nn_clamp(found, &op->output);
    }
}

NN_SHARED void nn_max_pool2d(const nn_pool *op, const int8_t *input, int8_t *output)
{
    nn_pool_patches(op, largest, input, output);
}
