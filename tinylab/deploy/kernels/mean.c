#include "requantize.h"

void nn_mean(const nn_average *op, const int8_t *input, int8_t *output)
{
    for (int32_t c = 0; c < op->channels; c++) {
        int32_t sum = -op->positions * op->input_zero_point;
        for (int32_t i = 0; i < op->positions; i++)
            sum += input[i * op->channels + c];
        output[c] = nn_clamp(nn_requantize(sum, op->multiplier, op->shift), &op->output);
    }
}
