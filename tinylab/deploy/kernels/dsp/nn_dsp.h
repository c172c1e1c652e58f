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

#define NN_DSP_COPIED_WORDS 16 /* of a window at once, to the stack */
#define NN_DSP_STACK_TAPS 27
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
    int32_t has_border;       /* depthwise_taps: whether a window reaches over the edge of the image */
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

/* The same without scratch, for memory in which nothing is free: place by place, four outputs at a time straight from
 * the image; what reaches over its edge is copied to the stack. weights: [out / 4][row][word][4] words; if filter_rows
 * is 1 and a row has at most NN_DSP_COPIED_WORDS, a window is copied whole. */
void nn_conv2d_direct_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output);

/* weights: [channel / 4][row][column][4] int16, the last ones filled up with zeros; no dilation. */
void nn_depthwise_conv2d_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output,
                             int16_t *scratch);

/* weights: [channel][column][4] int8, a column's three and a zero. 3 x 3, stride 1 or 2 both ways, no dilation, at
 * least four channels, two columns and two rows of output. */
void nn_depthwise_3x3_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output, int16_t *scratch);

/* weights: [channel / 4][tap][4] int8, taps filled up to threes with zeros, the last block those of the last four
 * channels. Any window, at least four channels. Scratch: a word a tap if there are more than
 * NN_DSP_STACK_TAPS, then a byte a channel if a window reaches over the edge of the image. */
void nn_depthwise_taps_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output, int16_t *scratch);

/* weights: [out / 4][in / 4][4] words, then those of the last one to three outputs, one behind the other. A
 * row of weights is filled up with zeros to whole words; the bytes behind the input that they meet lie in the
 * same memory. The input's zero point is folded into the bias. */
void nn_fully_connected_dsp(const nn_dense *op, const int8_t *input, int8_t *output);

/* A sum becomes (sum * multiplier + high and low) >> (32 + shift), cut to int8. The offset is one half and the
 * output's zero point. That this is right for every sum there can be was tried when the scale was written. */
typedef struct {
    int32_t multiplier;
    uint32_t low;
    int32_t high;
    int32_t shift;
} nn_dsp_scale;

typedef struct {
    int32_t rows, input_size, output_size;
    nn_output output;
    const void *weights;
    const int32_t *bias;
    int32_t per_channel; /* one scale an output, or one for all */
    const nn_dsp_scale *scales;
} nn_dsp_dense;

/* The same for layers with such scales; weights as above. */
void nn_fully_connected_short_dsp(const nn_dsp_dense *op, const int8_t *input, int8_t *output);

#endif
