#define NN_POOL_TYPE int8_t
#include "pool.h"

/* Only positions inside the image count; the average is rounded, halves away from zero. */
static void average(const nn_pool *op, const nn_patch *patch, int8_t *output)
{
    int32_t count = patch->rows * patch->columns;
    for (int32_t c = 0; c < patch->channels; c++) {
        const int8_t *row = patch->corner + c;
        int32_t sum = 0;
        for (int32_t y = patch->rows; y > 0; y--, row += patch->row_elements) {
            const int8_t *x = row;
            for (int32_t n = patch->columns; n > 0; n--, x += patch->channels)
                sum += *x;
        }
        sum = sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
        output[c] = nn_clamp(sum, &op->output);
    }
}

NN_SHARED void nn_average_pool2d(const nn_pool *op, const int8_t *input, int8_t *output)
{
    nn_pool_patches(op, average, input, output);
}
