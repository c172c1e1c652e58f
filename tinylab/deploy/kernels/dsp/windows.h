/* What convolutions share that work on four windows at a time. */
#ifndef NN_WINDOWS_H
#define NN_WINDOWS_H

#include "nn_dsp.h"

/* Widens words of four int8; a window's words of two values lie four words apart. */
static void nn_dsp_widen_column(const int8_t *input, int32_t words, nn_word *column)
{
    const nn_unaligned_word *x = (const nn_unaligned_word *)input;
    for (; words > 1; words -= 2, x += 2, column += 16) {
        uint32_t first = x[0], second = x[1];
        column[0] = nn_bytes_02(first);
        column[4] = nn_bytes_13(first);
        column[8] = nn_bytes_02(second);
        column[12] = nn_bytes_13(second);
    }
    if (words) {
        column[0] = nn_bytes_02(x[0]);
        column[4] = nn_bytes_13(x[0]);
    }
}

/* The beginning of the input, once the rows above `top` (of an image of one row, the columns before `left`) hold
 * `bytes`; else the end of the output. */
static nn_word *nn_dsp_borrow(const nn_dsp_convolution *op, const int8_t *input, int8_t *output,
                              int32_t top, int32_t left, int32_t bytes)
{
    int32_t before = op->input_shape.height == 1 ? left : top * op->input_shape.width;
    int32_t read = before * op->input_shape.channels;
    int32_t size = op->output_shape.height * op->output_shape.width * op->output_shape.channels;
    return (nn_word *)(read >= bytes ? (uintptr_t)input : (uintptr_t)(output + ((size - bytes) & ~3)));
}

#endif
