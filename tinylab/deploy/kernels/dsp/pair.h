/* What convolutions share: the answers of all output channels at two places of the image. */
#ifndef NN_DSP_PAIR_H
#define NN_DSP_PAIR_H

#include "nn_dsp_common.h"
#include "sum_2x2.h"

/* All output channels of two neighbouring output columns, whose widened inputs start at a and b. */
static inline void nn_dsp_pair(const nn_dsp_convolution *op, const int16_t *a, const int16_t *b,
                               int32_t row_stride, int8_t *output_a, int8_t *output_b)
{
    const nn_dsp_channel *channel = op->channels;
    const nn_word *w = op->weights;
    int32_t channels = op->output_shape.channels, rows = op->filter_rows;
    int32_t filter_words = 2 * rows * op->row_words;
    const nn_rows layout = {op->row_words, 2 * row_stride - 8 * op->row_words};
    for (int32_t c = 0; c < channels; c += 2, channel += 2, w += filter_words) {
        int32_t sums[4] = {channel[0].bias, channel[1].bias, channel[0].bias, channel[1].bias};
        nn_sum_2x2(w, a, b, &layout, sums, rows);
        output_a[c] = nn_dsp_finish(sums[0], &channel[0]);
        output_b[c] = nn_dsp_finish(sums[2], &channel[0]);
        if (c + 1 < channels) {
            output_a[c + 1] = nn_dsp_finish(sums[1], &channel[1]);
            output_b[c + 1] = nn_dsp_finish(sums[3], &channel[1]);
        }
    }
}

#endif
