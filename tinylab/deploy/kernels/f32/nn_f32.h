/* Operators on 32-bit floating-point numbers, for a first light before a model is quantized. */
#ifndef NN_F32_H
#define NN_F32_H

#include "nn.h"

/* Smallest and largest output: what a fused activation function leaves. */
typedef struct {
    float minimum, maximum;
} nn_limits_f32;

typedef struct {
    nn_shape input_shape, output_shape;
    nn_window window;
    nn_limits_f32 limits;
    int32_t groups;
    const float *weights;
    const float *bias;
} nn_convolution_f32;

void nn_conv2d_f32(const nn_convolution_f32 *op, const float *input, float *output);
void nn_depthwise_conv2d_f32(const nn_convolution_f32 *op, const float *input, float *output);

typedef struct {
    nn_shape input_shape, output_shape;
    int32_t filter_height, filter_width, stride_height, stride_width;
    int32_t cut_top, cut_left; /* of what the filters add up to */
    nn_limits_f32 limits;
    const float *weights; /* [out][row][column][in] */
    const float *bias;
} nn_transposed_f32;

void nn_transpose_conv_f32(const nn_transposed_f32 *op, const float *input, float *output);

/* Where each row or column lies between two of the input. */
typedef struct {
    nn_shape input_shape, output_shape;
    const float *rows, *columns;
} nn_bilinear_f32;

void nn_resize_bilinear_f32(const nn_bilinear_f32 *op, const float *input, float *output);

typedef struct {
    int32_t rows, input_size, output_size;
    nn_limits_f32 limits;
    const float *weights;
    const float *bias;
} nn_dense_f32;

void nn_fully_connected_f32(const nn_dense_f32 *op, const float *input, float *output);

typedef struct {
    nn_shape input_shape, output_shape;
    nn_window window;
    nn_limits_f32 limits;
} nn_pool_f32;

void nn_average_pool2d_f32(const nn_pool_f32 *op, const float *input, float *output);
void nn_max_pool2d_f32(const nn_pool_f32 *op, const float *input, float *output);

typedef struct {
    nn_walk walk;
    float factor; /* one divided by the number of elements */
} nn_reduction_f32;

void nn_mean_f32(const nn_reduction_f32 *op, const float *input, float *output);
void nn_reduce_max_f32(const nn_reduction_f32 *op, const float *input, float *output);
void nn_reduce_min_f32(const nn_reduction_f32 *op, const float *input, float *output);

typedef struct {
    int32_t size;
    float alpha;
} nn_leaky_f32;

void nn_leaky_relu_f32(const nn_leaky_f32 *op, const float *input, float *output);

typedef struct {
    int32_t rows, size;
    float beta;
} nn_normalize_f32;

void nn_softmax_f32(const nn_normalize_f32 *op, const float *input, float *output);

typedef struct {
    nn_operands operands;
    nn_limits_f32 limits;
} nn_arithmetic_f32;

void nn_add_f32(const nn_arithmetic_f32 *op, const float *first, const float *second, float *output);
void nn_sub_f32(const nn_arithmetic_f32 *op, const float *first, const float *second, float *output);
void nn_mul_f32(const nn_arithmetic_f32 *op, const float *first, const float *second, float *output);
void nn_squared_difference_f32(const nn_arithmetic_f32 *op, const float *first, const float *second,
                               float *output);
void nn_prelu_f32(const nn_arithmetic_f32 *op, const float *first, const float *second, float *output);
void nn_minimum_f32(const nn_arithmetic_f32 *op, const float *first, const float *second, float *output);
void nn_maximum_f32(const nn_arithmetic_f32 *op, const float *first, const float *second, float *output);

typedef struct {
    int32_t size;
} nn_unary_f32;

void nn_relu_f32(const nn_unary_f32 *op, const float *input, float *output);
void nn_relu6_f32(const nn_unary_f32 *op, const float *input, float *output);
void nn_relu_n1_to_1_f32(const nn_unary_f32 *op, const float *input, float *output);
void nn_logistic_f32(const nn_unary_f32 *op, const float *input, float *output);
void nn_tanh_f32(const nn_unary_f32 *op, const float *input, float *output);
void nn_elu_f32(const nn_unary_f32 *op, const float *input, float *output);
void nn_exp_f32(const nn_unary_f32 *op, const float *input, float *output);
void nn_neg_f32(const nn_unary_f32 *op, const float *input, float *output);
void nn_abs_f32(const nn_unary_f32 *op, const float *input, float *output);
void nn_square_f32(const nn_unary_f32 *op, const float *input, float *output);
void nn_hard_swish_f32(const nn_unary_f32 *op, const float *input, float *output);

static inline float nn_clip_f32(float value, const nn_limits_f32 *limits)
{
    value = value < limits->minimum ? limits->minimum : value;
    return value > limits->maximum ? limits->maximum : value;
}

#endif
