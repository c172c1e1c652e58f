#include "nn_f32.h"

/* Each output value gathers what reaches it: the taps at which an input pixel stands. */
static float sum_at(const nn_transposed_f32 *op, const float *input, int32_t y, int32_t x, int32_t c)
{
    int32_t depth = op->input_shape.channels;
    float sum = op->bias[c];
    const float *weights = op->weights + c * op->filter_height * op->filter_width * depth;
    for (int32_t i = 0; i < op->filter_height; i++) {
        int32_t down = y + op->cut_top - i, row = down / op->stride_height;
        if (down < 0 || row * op->stride_height != down || row >= op->input_shape.height)
            continue;
        for (int32_t j = 0; j < op->filter_width; j++) {
            int32_t right = x + op->cut_left - j, column = right / op->stride_width;
            if (right < 0 || column * op->stride_width != right || column >= op->input_shape.width)
                continue;
            const float *pixel = input + (row * op->input_shape.width + column) * depth;
            const float *tap = weights + (i * op->filter_width + j) * depth;
            for (int32_t k = 0; k < depth; k++)
                sum += pixel[k] * tap[k];
        }
    }
    return sum;
}

NN_SHARED void nn_transpose_conv_f32(const nn_transposed_f32 *op, const float *input, float *output)
{
    const nn_shape *shape = &op->output_shape;
    for (int32_t y = 0; y < shape->height; y++)
        for (int32_t x = 0; x < shape->width; x++)
            for (int32_t c = 0; c < shape->channels; c++)
                *output++ = nn_clip_f32(sum_at(op, input, y, x, c), &op->limits);
}
