#include "nn_shifted.h"
#include "requantize.h"

NN_SHARED void nn_fully_connected_shifted(const nn_dense_shifted *shifted, const int8_t *input, int8_t *output)
{
    const nn_dense *op = &shifted->base;
    for (int32_t row = 0; row < op->rows; row++, input += op->input_size) {
        const int8_t *weights = op->weights;
        for (int32_t c = 0; c < op->output_size; c++, weights += op->input_size) {
            int32_t sum = op->bias[c];
            for (int32_t i = 0; i < op->input_size; i++)
                sum += (input[i] - op->input_zero_point) * (weights[i] - shifted->weight_zero_point);
            *output++ = nn_finish_dense(op, sum, c);
        }
    }
}
