#include "nn_shifted.h"
#include "sliding.h"

/* Output channel c reads one input channel only. */
static int8_t value_at(const void *parameters, const int8_t *input, int32_t top, int32_t left, int32_t c)
{
    const nn_convolution_shifted *shifted = parameters;
    const nn_convolution *op = &shifted->base;
    const nn_window *window = &op->window;
    int32_t channels = op->output_shape.channels, sum = op->bias[c];
    int32_t source = c / (channels / op->input_shape.channels);
    const int8_t *weight = op->weights + c;
    for (int32_t i = 0; i < window->height; i++) {
        for (int32_t j = 0; j < window->width; j++, weight += channels) {
            int32_t y = top + i * window->dilation_height, x = left + j * window->dilation_width;
            const int8_t *pixel = nn_pixel(&op->input_shape, input, y, x);
            if (pixel)
                sum += (pixel[source] - op->input_zero_point) * (*weight - shifted->weight_zero_point);
        }
    }
    return nn_finish_convolution(op, sum, c);
}

NN_SHARED void nn_depthwise_conv2d_shifted(const nn_convolution_shifted *op, const int8_t *input, int8_t *output)
{
    nn_slide(&op->base.window, &op->base.output_shape, value_at, op, input, output);
}
