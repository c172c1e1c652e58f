/* Int8 neural-network operators in portable C99.
 *
 * Activations are int8 in NHWC order with a batch of one. real = scale * (stored - zero_point).
 * Weights are int8 with zero point 0. Nothing here allocates memory or calls a library.
 */
#ifndef NN_H
#define NN_H

#include <stdint.h>

typedef struct {
    int32_t height, width, channels;
} nn_shape;

/* Limits of the stored output: the int8 range cut by a fused activation function. */
typedef struct {
    int32_t zero_point, minimum, maximum;
} nn_output;

/* A window that slides over an image; padding counts the positions outside it above and left. */
typedef struct {
    int32_t height, width;
    int32_t stride_height, stride_width;
    int32_t dilation_height, dilation_width;
    int32_t pad_top, pad_left;
} nn_window;

/* A real factor as multiplier * 2^(shift - 31), one pair an output channel. */
typedef struct {
    const int32_t *multiplier;
    const int8_t *shift;
} nn_scales;

typedef struct {
    nn_shape input_shape, output_shape;
    nn_window window;
    int32_t input_zero_point;
    nn_output output;
    const int8_t *weights; /* conv2d: [out][row][column][in]; depthwise_conv2d: [row][column][out] */
    const int32_t *bias;   /* scale = input scale * weight scale */
    nn_scales scales;
} nn_convolution;

void nn_conv2d(const nn_convolution *op, const int8_t *input, int8_t *output);
void nn_depthwise_conv2d(const nn_convolution *op, const int8_t *input, int8_t *output);

/* A real factor with all 53 bits of a double: (high * 2^24 + low) * 2^-shift. */
typedef struct {
    uint32_t high, low;
    int32_t shift;
} nn_exact_scale;

typedef struct {
    int32_t rows, input_size, output_size;
    int32_t input_zero_point;
    nn_output output;
    const int8_t *weights; /* [out][in] */
    const int32_t *bias;
    int32_t per_channel;         /* 1: one factor an output; 0: the first serves all */
    nn_scales scales;            /* rounds twice, as TensorFlow Lite Micro does, or NULLs */
    const nn_exact_scale *exact; /* rounds once, as LiteRT does, or NULL */
} nn_dense;

void nn_fully_connected(const nn_dense *op, const int8_t *input, int8_t *output);

typedef struct {
    nn_shape input_shape, output_shape;
    nn_window window;
    nn_output output;
} nn_pool;

void nn_average_pool2d(const nn_pool *op, const int8_t *input, int8_t *output);
void nn_max_pool2d(const nn_pool *op, const int8_t *input, int8_t *output);

typedef struct {
    int32_t positions, channels; /* the mean is taken over all positions (height * width) */
    int32_t input_zero_point;
    nn_output output;
    int32_t multiplier, shift;   /* includes the division by the number of positions */
} nn_average;

void nn_mean(const nn_average *op, const int8_t *input, int8_t *output);

typedef struct {
    int32_t zero_point, multiplier, shift;
} nn_operand;

typedef struct {
    int32_t size;
    nn_operand first, second;
    int32_t multiplier, shift;
    nn_output output;
} nn_sum;

void nn_add(const nn_sum *op, const int8_t *first, const int8_t *second, int8_t *output);

typedef struct {
    nn_shape input_shape;
    int32_t top, bottom, left, right, front, back; /* rows, columns, channels to add */
    int32_t value;
} nn_padding;

void nn_pad(const nn_padding *op, const int8_t *input, int8_t *output);

typedef struct {
    int32_t rows, size;
    int32_t multiplier, left_shift; /* brings a difference of two inputs to Q5.26 */
    int32_t minimum_difference;     /* below it, exp() is taken as zero */
} nn_normalize;

void nn_softmax(const nn_normalize *op, const int8_t *input, int8_t *output);

typedef struct {
    int32_t size;
    int32_t input_zero_point;
    nn_output output;
    int32_t multiplier, shift;
} nn_rescaling;

void nn_rescale(const nn_rescaling *op, const int8_t *input, int8_t *output);

typedef struct {
    int32_t size;
    float scale;
    int32_t zero_point;
} nn_affine;

void nn_quantize(const nn_affine *op, const float *input, int8_t *output);
void nn_dequantize(const nn_affine *op, const int8_t *input, float *output);

void nn_copy(int32_t size, const int8_t *input, int8_t *output);

#endif
