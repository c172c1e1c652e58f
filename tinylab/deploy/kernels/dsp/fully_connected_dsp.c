#include "requantize.h"
#include "nn_dsp.h"

/* Four output values at a time. */
static void multiply_row(const nn_dense *op, const int8_t *input, int8_t *output)
{
    const nn_word *w = (const nn_word *)(const void *)op->weights;
    for (int32_t c = 0; c < op->output_size; c += 4) {
        int32_t sums[4];
        int32_t s0 = op->bias[c], s1 = op->bias[c + 1], s2 = op->bias[c + 2], s3 = op->bias[c + 3];
        const nn_word *x = (const nn_word *)input, *end = x + op->input_size / 4;
        for (; x != end; x++, w += 4) {
            uint32_t even = nn_bytes_02(*x), odd = nn_bytes_13(*x);
            s0 = nn_smlad(odd, nn_bytes_13(w[0]), nn_smlad(even, nn_bytes_02(w[0]), s0));
            s1 = nn_smlad(odd, nn_bytes_13(w[1]), nn_smlad(even, nn_bytes_02(w[1]), s1));
            s2 = nn_smlad(odd, nn_bytes_13(w[2]), nn_smlad(even, nn_bytes_02(w[2]), s2));
            s3 = nn_smlad(odd, nn_bytes_13(w[3]), nn_smlad(even, nn_bytes_02(w[3]), s3));
        }
        sums[0] = s0, sums[1] = s1, sums[2] = s2, sums[3] = s3;
        for (int32_t i = 0; i < 4 && c + i < op->output_size; i++)
            output[c + i] = nn_finish_dense(op, sums[i], c + i);
    }
}

void nn_fully_connected_dsp(const nn_dense *op, const int8_t *input, int8_t *output)
{
    for (int32_t row = 0; row < op->rows; row++)
        multiply_row(op, input + row * op->input_size, output + row * op->output_size);
}
