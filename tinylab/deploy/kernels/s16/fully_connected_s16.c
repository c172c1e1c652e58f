#include "requantize_s16.h"

NN_SHARED void nn_fully_connected_s16(const nn_dense_s16 *op, const int16_t *input, int16_t *output)
{
    for (int32_t row = 0; row < op->rows; row++, input += op->input_size) {
        const int8_t *weights = op->weights;
        for (int32_t c = 0; c < op->output_size; c++, weights += op->input_size) {
            int64_t sum = op->bias[c];
            for (int32_t k = 0; k < op->input_size; k++)
                sum += input[k] * weights[k];
            int32_t value = nn_requantize_once(sum, &op->exact[op->per_channel ? c : 0]);
            *output++ = (int16_t)nn_limit(value, &op->output);
        }
    }
}
