#include "dense_sums.h"
#include "requantize.h"
#include "nn_dsp.h"

/* Four output values at a time. */
static void multiply_four(const nn_dense *op, const int8_t *input, const nn_word *w, int32_t c, int8_t *output)
{
    int32_t sums[4] = {op->bias[c], op->bias[c + 1], op->bias[c + 2], op->bias[c + 3]};
    nn_sum_four(w, input, sums, (op->input_size + 3) / 4);
    for (int32_t i = 0; i < 4; i++)
        output[i] = nn_finish_dense(op, sums[i], c + i);
}

/* What is left over, one by one. */
static void multiply_single(const nn_dense *op, const int8_t *input, const nn_word *w, int32_t c, int8_t *output)
{
    int32_t sum = op->bias[c];
    const nn_unaligned_word *x = (const nn_unaligned_word *)input, *end = x + (op->input_size + 3) / 4;
    for (; x != end; x++, w++)
        sum = nn_smlad(nn_bytes_13(*x), nn_bytes_13(*w), nn_smlad(nn_bytes_02(*x), nn_bytes_02(*w), sum));
    *output = nn_finish_dense(op, sum, c);
}

static void multiply_row(const nn_dense *op, const int8_t *input, int8_t *output)
{
    const nn_word *w = (const nn_word *)(const void *)op->weights;
    int32_t words = (op->input_size + 3) / 4, c = 0;
    for (; c + 4 <= op->output_size; c += 4, w += 4 * words)
        multiply_four(op, input, w, c, output + c);
    for (; c < op->output_size; c++, w += words)
        multiply_single(op, input, w, c, output + c);
}

NN_SHARED void nn_fully_connected_dsp(const nn_dense *op, const int8_t *input, int8_t *output)
{
    for (int32_t row = 0; row < op->rows; row++)
        multiply_row(op, input + row * op->input_size, output + row * op->output_size);
}
