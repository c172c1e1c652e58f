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

void nn_add_s16(const nn_addition *op, const int16_t *first, const int16_t *second, int16_t *output);
void nn_sub_s16(const nn_addition *op, const int16_t *first, const int16_t *second, int16_t *output);
void nn_mul_s16(const nn_product *op, const int16_t *first, const int16_t *second, int16_t *output);
void nn_minimum_s16(const nn_extremes *op, const int16_t *first, const int16_t *second, int16_t *output);
void nn_maximum_s16(const nn_extremes *op, const int16_t *first, const int16_t *second, int16_t *output);
void nn_squared_difference_s16(const nn_addition *op, const int16_t *first, const int16_t *second, int16_t *output);

void nn_mean_s16(const nn_reduction *op, const int16_t *input, int16_t *output);
void nn_reduce_max_s16(const nn_reduction *op, const int16_t *input, int16_t *output);
void nn_reduce_min_s16(const nn_reduction *op, const int16_t *input, int16_t *output);

/* A curve that is 1 / (1 + exp(-x)) between 256 points a twenty-fourth apart; real = stored / 2^15. */
typedef struct {
    int32_t size;
    int32_t multiplier, right_shift; /* to a 12,288th of a real step */
    const uint16_t *points;          /* from 0, with 16 bits behind the point */
} nn_curve_s16;

void nn_logistic_s16(const nn_curve_s16 *op, const int16_t *input, int16_t *output);
void nn_tanh_s16(const nn_curve_s16 *op, const int16_t *input, int16_t *output);

typedef struct {
    int32_t rows, size;
    int32_t multiplier, shift;  /* brings a difference of two inputs to 10 / 65535 */
    const int16_t *exponential; /* exp() from -10 to 0, 513 values */
    const int16_t *reciprocal;  /* 1 / (1 + x) from 0 to 1, 513 values */
} nn_normalize_s16;

void nn_softmax_s16(const nn_normalize_s16 *op, const int16_t *input, int16_t *output);

#endif
