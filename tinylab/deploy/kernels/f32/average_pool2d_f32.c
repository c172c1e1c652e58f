#define NN_POOL_TYPE float
#define NN_POOL nn_pool_f32
#include "nn_f32.h"
#include "pool.h"

/* Only positions inside the image count. */
static void average(const nn_pool_f32 *op, const nn_patch *patch, float *output)
{
    int32_t count = patch->rows * patch->columns;
    for (int32_t c = 0; c < patch->channels; c++) {
        const float *row = patch->corner + c;
        float sum = 0;
        for (int32_t y = patch->rows; y > 0; y--, row += patch->row_elements) {
            const float *x = row;
            for (int32_t n = patch->columns; n > 0; n--, x += patch->channels)
                sum += *x;
        }
        output[c] = nn_clip_f32(sum / (float)count, &op->limits);
    }
}

NN_SHARED void nn_average_pool2d_f32(const nn_pool_f32 *op, const float *input, float *output)
{
    nn_pool_patches(op, average, input, output);
}
