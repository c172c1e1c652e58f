#include "sliding.h"

static int8_t value_at(const void *parameters, const int8_t *input, int32_t top, int32_t left, int32_t c)
{
    const nn_pool *op = parameters;
    int32_t largest = INT8_MIN;
    for (int32_t y = top; y < top + op->window.height; y++) {
        for (int32_t x = left; x < left + op->window.width; x++) {
            const int8_t *pixel = nn_pixel(&op->input_shape, input, y, x);
            largest = pixel && pixel[c] > largest ? pixel[c] : largest;
        }
    }
    return nn_clamp(largest, &op->output);
}

void nn_max_pool2d(const nn_pool *op, const int8_t *input, int8_t *output)
{
    nn_slide(&op->window, &op->output_shape, value_at, op, input, output);
}
