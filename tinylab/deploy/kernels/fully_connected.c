#include "requantize.h"

NN_SHARED void nn_fully_connected(const nn_dense *op, const int8_t *input, int8_t *output)
{
    for (int32_t row = 0; row < op->rows; row++, input += op->input_size) {
        const int8_t *weights = op->weights;
        for (int32_t c = 0; c < op->output_size; c++, weights += op->input_size) {
            int32_t sum = op->bias[c];
            for (int32_t i = 0; i < op->input_size; i++)
                sum += (input[i] - op->input_zero_point) * weights[i];
            *output++ = nn_finish_dense(op, sum, c);
        }
    }
}
