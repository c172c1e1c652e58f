#define NN_POOL_TYPE int8_t
#include "nn_shifted.h"
#include "pool.h"

/* Only positions inside the image count; halves are rounded up. */
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
        int32_t unsigned_sum = sum + 128 * count;
        output[c] = nn_clamp((unsigned_sum + count / 2) / count - 128, &op->output);
    }
}

NN_SHARED void nn_average_pool2d_shifted(const nn_pool *op, const int8_t *input, int8_t *output)
{
    nn_pool_patches(op, average, input, output);
}
