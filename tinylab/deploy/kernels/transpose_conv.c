#include "requantize.h"

/* Each output value gathers what reaches it: the taps at which an input pixel stands. */
static int32_t sum_at(const nn_transposed *op, const int8_t *input, int32_t y, int32_t x, int32_t c)
{
    int32_t depth = op->input_shape.channels, sum = op->bias[c];
    const int8_t *weights = op->weights + c * op->filter_height * op->filter_width * depth;
    for (int32_t i = 0; i < op->filter_height; i++) {
        int32_t down = y + op->cut_top - i, row = down / op->stride_height;
        if (down < 0 || row * op->stride_height != down || row >= op->input_shape.height)
            continue;
        for (int32_t j = 0; j < op->filter_width; j++) {
            int32_t right = x + op->cut_left - j, column = right / op->stride_width;
            if (right < 0 || column * op->stride_width != right || column >= op->input_shape.width)
                continue;
            const int8_t *pixel = input + (row * op->input_shape.width + column) * depth;
            const int8_t *tap = weights + (i * op->filter_width + j) * depth;
            for (int32_t k = 0; k < depth; k++)
                sum += (pixel[k] - op->input_zero_point) * tap[k];
        }
    }
    return sum;
}

NN_SHARED void nn_transpose_conv(const nn_transposed *op, const int8_t *input, int8_t *output)
{
    const nn_shape *shape = &op->output_shape;
    for (int32_t y = 0; y < shape->height; y++) {
        for (int32_t x = 0; x < shape->width; x++) {
            for (int32_t c = 0; c < shape->channels; c++) {
                int32_t value = nn_requantize(sum_at(op, input, y, x, c), op->scales.multiplier[c],
                                              op->scales.shift[c]);
                *output++ = nn_clamp(value, &op->output);
            }
        }
    }
}
