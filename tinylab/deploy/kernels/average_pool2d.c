#include "sliding.h"

/* Only positions inside the image count; the average is rounded, halves away from zero. */
static int8_t value_at(const void *parameters, const int8_t *input, int32_t top, int32_t left, int32_t c)
{
    const nn_pool *op = parameters;
    int32_t sum = 0, count = 0;
    for (int32_t y = top; y < top + op->window.height; y++) {
        for (int32_t x = left; x < left + op->window.width; x++) {
            const int8_t *pixel = nn_pixel(&op->input_shape, input, y, x);
            sum += pixel ? pixel[c] : 0;
            count += pixel ? 1 : 0;
        }
    }
    sum = sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
    return nn_clamp(sum, &op->output);
}

void nn_average_pool2d(const nn_pool *op, const int8_t *input, int8_t *output)
{
    nn_slide(&op->window, &op->output_shape, value_at, op, input, output);
}
