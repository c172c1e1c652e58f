/* Operators on 16-bit activations with 8-bit weights ("16x8"): zero points are 0, sums have 64 bits. */
#ifndef NN_S16_H
#define NN_S16_H

#include "nn.h"

typedef struct {
    nn_shape input_shape, output_shape;
    nn_window window;
    int32_t input_zero_point;
    nn_output output;
    int32_t groups;
    const int8_t *weights;
    const int64_t *bias;
    nn_scales scales;
} nn_convolution_s16;

void nn_conv2d_s16(const nn_convolution_s16 *op, const int16_t *input, int16_t *output);
void nn_depthwise_conv2d_s16(const nn_convolution_s16 *op, const int16_t *input, int16_t *output);

typedef struct {
    int32_t rows, input_size, output_size;
    nn_output output;
    const int8_t *weights;
    const int64_t *bias;
    int32_t per_channel; /* 1: one factor an output; 0: the first serves all */
    const nn_exact_scale *exact;
} nn_dense_s16;

void nn_fully_connected_s16(const nn_dense_s16 *op, const int16_t *input, int16_t *output);

void nn_average_pool2d_s16(const nn_pool *op, const int16_t *input, int16_t *output);
void nn_max_pool2d_s16(const nn_pool *op, const int16_t *input, int16_t *output);

typedef struct {
    int32_t rows, size;
    int32_t multiplier, shift;  /* brings a difference of two inputs to 10 / 65535 */
    const int16_t *exponential; /* exp() from -10 to 0, 513 values */
    const int16_t *reciprocal;  /* 1 / (1 + x) from 0 to 1, 513 values */
} nn_normalize_s16;

void nn_softmax_s16(const nn_normalize_s16 *op, const int16_t *input, int16_t *output);

#endif
