#include "nn_f32.h"

static float sum_at(const nn_convolution_f32 *op, const float *input, int32_t top, int32_t left, int32_t c)
{
    const nn_window *window = &op->window;
    const nn_shape *image = &op->input_shape;
    int32_t channels = op->output_shape.channels, source = c / (channels / image->channels);
    const float *weight = op->weights + c;
    float sum = op->bias[c];
    for (int32_t i = 0; i < window->height; i++) {
        for (int32_t j = 0; j < window->width; j++, weight += channels) {
            int32_t y = top + i * window->dilation_height, x = left + j * window->dilation_width;
            if (y >= 0 && y < image->height && x >= 0 && x < image->width)
                sum += input[(y * image->width + x) * image->channels + source] * *weight;
        }
    }
    return sum;
}

NN_SHARED void nn_depthwise_conv2d_f32(const nn_convolution_f32 *op, const float *input, float *output)
{
    const nn_window *window = &op->window;
    for (int32_t y = 0; y < op->output_shape.height; y++) {
        int32_t top = y * window->stride_height - window->pad_top;
        for (int32_t x = 0; x < op->output_shape.width; x++) {
            int32_t left = x * window->stride_width - window->pad_left;
            for (int32_t c = 0; c < op->output_shape.channels; c++)
                *output++ = nn_clip_f32(sum_at(op, input, top, left, c), &op->limits);
        }
    }
}
