/* Int8 convolutions and dense layers for cores with the DSP extension (Cortex-M4, M7, M33).
 *
 * What is done ahead of time, when the weights are written:
 * - The input's zero point is folded into the bias, and padding positions hold the zero point.
 * - Weights are reordered so that one load brings four of them for each output channel in work.
 * - Scaling back to int8 is one table row a channel, see nn_dsp_finish().
 */
#ifndef NN_DSP_H
#define NN_DSP_H

#include "nn.h"
#include "simd.h"

#define NN_DSP_MAX_ROWS 32 /* of the window of a depthwise convolution */

typedef struct {
    int32_t bias;
    int32_t multiplier; /* real factor = multiplier * 2^(-31 - shift), shift >= 1 */
    int32_t offset;     /* one half and the output's zero point, both times 2^shift */
    int32_t shift;
} nn_dsp_channel;

typedef struct {
    nn_shape input_shape, output_shape;
    nn_window window;
    int32_t input_zero_point;
    nn_output output;
    int32_t filter_rows;      /* conv2d: as many as the window has, or 1: its rows without gaps between */
    int32_t part_words;       /* conv2d_parts: words of such a row that are widened at once */
    int32_t row_words;        /* conv2d: words of four weights in such a row, the last filled up with zeros */
    int32_t multiplier;       /* depthwise_conv2d: output channels an input channel */
    const void *weights;
    const nn_dsp_channel *channels;
} nn_dsp_convolution;

/* weights: [out / 2][row][word][2] words of int8; a filter row is words of four values, and the two words hold
 * its values 0 and 2 for both channels in turn, then 1 and 3. Four output columns and two output channels at a
 * time. Without scratch, memory is borrowed: the end of the output, which is written last, and as soon as
 * enough of the input was read for the last time, its beginning. */
void nn_conv2d_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output, int16_t *scratch);

/* The same for windows that are too large for the memory there is, in parts; filter_rows is the window's height,
 * and the output has at least four places. */
void nn_conv2d_parts_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output, int16_t *scratch);

/* weights: [channel / 4][row][column][4] int16, the last ones filled up with zeros; no dilation. */
void nn_depthwise_conv2d_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output,
                             int16_t *scratch);

/* weights: [channel][column][4] int8, a column's three and a zero. 3 x 3, stride 1 or 2 both ways, no dilation, at
 * least four channels, two columns and two rows of output. */
void nn_depthwise_3x3_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output, int16_t *scratch);

/* The same for small images; weights: [channel / 4][row][column][4] int8, the last ones those of the last four
 * channels. */
void nn_depthwise_small_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output, int16_t *scratch);

/* weights: [row][column][channel] int8; the window has one position, and channels come in fours. */
void nn_depthwise_position_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output);

/* weights: [out / 4][in / 4][4] words, then those of the last one to three outputs, one behind the other. A
 * row of weights is filled up with zeros to whole words; the bytes behind the input that they meet lie in the
 * same memory. The input's zero point is folded into the bias. */
void nn_fully_connected_dsp(const nn_dense *op, const int8_t *input, int8_t *output);

#endif
