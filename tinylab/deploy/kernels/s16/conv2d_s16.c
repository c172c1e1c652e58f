#include "requantize_s16.h"

static int64_t sum_at(const nn_convolution_s16 *op, const int16_t *input, int32_t top, int32_t left, int32_t c)
{
    const nn_window *window = &op->window;
    const nn_shape *image = &op->input_shape;
    int32_t depth = image->channels / op->groups;
    int32_t first = c / (op->output_shape.channels / op->groups) * depth;
    const int8_t *weights = op->weights + c * window->height * window->width * depth;
    int64_t sum = op->bias[c];
    for (int32_t i = 0; i < window->height; i++) {
        for (int32_t j = 0; j < window->width; j++, weights += depth) {
            int32_t y = top + i * window->dilation_height, x = left + j * window->dilation_width;
            if (y < 0 || y >= image->height || x < 0 || x >= image->width)
                continue;
            const int16_t *pixel = input + (y * image->width + x) * image->channels + first;
            for (int32_t k = 0; k < depth; k++)
                sum += pixel[k] * weights[k];
        }
    }
    return sum;
}

NN_SHARED void nn_conv2d_s16(const nn_convolution_s16 *op, const int16_t *input, int16_t *output)
{
    const nn_window *window = &op->window;
    for (int32_t y = 0; y < op->output_shape.height; y++) {
        int32_t top = y * window->stride_height - window->pad_top;
        for (int32_t x = 0; x < op->output_shape.width; x++) {
            int32_t left = x * window->stride_width - window->pad_left;
            for (int32_t c = 0; c < op->output_shape.channels; c++)
                *output++ = nn_finish_s16(sum_at(op, input, top, left, c), op->scales.multiplier[c],
                                          op->scales.shift[c], &op->output);
        }
    }
}
