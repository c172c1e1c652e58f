#include "requantize.h"

static void multiply(const nn_matrices *op, const int8_t *first, const int8_t *second, int8_t *output)
{
    for (int32_t row = 0; row < op->rows; row++) {
        for (int32_t column = 0; column < op->columns; column++) {
            const int8_t *a = first + row * op->first_row, *b = second + column * op->second_column;
            int32_t sum = 0;
            for (int32_t n = op->depth; n > 0; n--, a += op->first_step, b += op->second_step)
                sum += (*a - op->first_zero_point) * (*b - op->second_zero_point);
            *output++ = nn_clamp(nn_requantize(sum, op->multiplier, op->shift), &op->output);
        }
    }
}

NN_SHARED void nn_batch_matmul(const nn_matrices *op, const int8_t *first, const int8_t *second, int8_t *output)
{
    for (int32_t batch = 0; batch < op->batches; batch++) {
        multiply(op, first, second, output);
        first += op->rows * op->depth;
        second += op->second_batch;
        output += op->rows * op->columns;
    }
}
