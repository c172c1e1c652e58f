#include "nn_f32.h"

NN_SHARED void nn_fully_connected_f32(const nn_dense_f32 *op, const float *input, float *output)
{
    for (int32_t row = 0; row < op->rows; row++, input += op->input_size) {
        const float *weights = op->weights;
        for (int32_t c = 0; c < op->output_size; c++, weights += op->input_size) {
            float sum = 0;
            for (int32_t i = 0; i < op->input_size; i++)
                sum += input[i] * weights[i];
            *output++ = nn_clip_f32(sum + op->bias[c], &op->limits);
        }
    }
}
