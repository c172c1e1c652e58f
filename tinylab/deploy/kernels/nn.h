/* Neural-network operators in portable C99.
 *
 * Activations are in NHWC order with a batch of one; int8 unless a name ends with another type: _s16,
 * _s32, _u8 or _f32. real = scale * (stored - zero_point). Weights of integer kernels are int8 with zero
 * point 0. Nothing here allocates memory or calls a library.
 */
#ifndef NN_H
#define NN_H

#include <stdint.h>

#define NN_MAX_AXES 6

/* Several models in one firmware bring the same kernels; the linker keeps one of each. */
#if defined(__ELF__)
#define NN_SHARED __attribute__((weak))
#else
#define NN_SHARED
#endif

typedef struct {
    int32_t height, width, channels;
} nn_shape;

/* Limits of the stored output: the range of its type cut by a fused activation function. */
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
    int32_t groups;        /* conv2d: the input's channels are split into as many parts */
    const int8_t *weights; /* conv2d: [out][row][column][in]; depthwise_conv2d: [row][column][out] */
    const int32_t *bias;   /* scale = input scale * weight scale */
    nn_scales scales;
} nn_convolution;

void nn_conv2d(const nn_convolution *op, const int8_t *input, int8_t *output);
void nn_depthwise_conv2d(const nn_convolution *op, const int8_t *input, int8_t *output);

typedef struct {
    nn_shape input_shape, output_shape;
    int32_t filter_height, filter_width, stride_height, stride_width;
    int32_t cut_top, cut_left; /* of what the filters add up to */
    int32_t input_zero_point;
    nn_output output;
    const int8_t *weights; /* [out][row][column][in] */
    const int32_t *bias;
    nn_scales scales;
} nn_transposed;

void nn_transpose_conv(const nn_transposed *op, const int8_t *input, int8_t *output);

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

/* Axes that stay and axes that go, outermost first; strides count elements. */
typedef struct {
    int32_t kept[NN_MAX_AXES], kept_strides[NN_MAX_AXES];
    int32_t reduced[NN_MAX_AXES], reduced_strides[NN_MAX_AXES];
} nn_walk;

typedef struct {
    nn_walk walk;
    int32_t offset; /* added to each sum: takes the zero points out */
    nn_output output;
    int32_t multiplier, shift;   /* mean: includes the division by the number of elements */
    const nn_exact_scale *exact; /* sum */
} nn_reduction;

void nn_mean(const nn_reduction *op, const int8_t *input, int8_t *output);
void nn_sum(const nn_reduction *op, const int8_t *input, int8_t *output);
void nn_reduce_max(const nn_reduction *op, const int8_t *input, int8_t *output);
void nn_reduce_min(const nn_reduction *op, const int8_t *input, int8_t *output);

typedef struct {
    int32_t outer, size, inner; /* the search goes along the middle one of three axes */
    int32_t flip;               /* 128 for unsigned bytes, 0 for signed ones */
} nn_search;

void nn_arg_max_s32(const nn_search *op, const void *input, int32_t *output);
void nn_arg_max_s64(const nn_search *op, const void *input, int64_t *output);

/* Steps are in elements, from one factor of a sum to the next. */
typedef struct {
    int32_t batches, rows, depth, columns;
    int32_t first_row, first_step, second_column, second_step;
    int32_t second_batch; /* 0: the same matrix serves all batches */
    int32_t first_zero_point, second_zero_point;
    int32_t multiplier, shift;
    nn_output output;
} nn_matrices;

void nn_batch_matmul(const nn_matrices *op, const int8_t *first, const int8_t *second, int8_t *output);

typedef struct {
    nn_shape input_shape, output_shape;
    const int16_t *rows, *columns; /* of the input, for each of the output */
} nn_nearest;

/* Copies bytes: a channel of another type counts as as many channels as it has bytes. */
void nn_resize_nearest(const nn_nearest *op, const void *input, void *output);

/* Two neighbouring rows or columns, and the share of the second, of 1024. */
typedef struct {
    int16_t lower, upper, share;
} nn_between;

typedef struct {
    nn_shape input_shape, output_shape;
    const nn_between *rows, *columns;
} nn_bilinear;

void nn_resize_bilinear(const nn_bilinear *op, const int8_t *input, int8_t *output);

/* How two operands are walked through, in bytes; a stride of 0 repeats an element. */
typedef struct {
    int32_t item; /* bytes of an element of the output */
    int32_t sizes[NN_MAX_AXES], first[NN_MAX_AXES], second[NN_MAX_AXES];
} nn_operands;

typedef struct {
    int32_t zero_point, multiplier, shift;
} nn_operand;

typedef struct {
    nn_operands operands;
    nn_operand first, second;
    int32_t multiplier, shift;
    nn_output output;
} nn_addition;

void nn_add(const nn_addition *op, const int8_t *first, const int8_t *second, int8_t *output);
void nn_sub(const nn_addition *op, const int8_t *first, const int8_t *second, int8_t *output);
void nn_squared_difference(const nn_addition *op, const int8_t *first, const int8_t *second, int8_t *output);

typedef struct {
    nn_operands operands;
    int32_t first_zero_point, second_zero_point;
    int32_t multiplier, shift;
    nn_output output;
} nn_product;

void nn_mul(const nn_product *op, const int8_t *first, const int8_t *second, int8_t *output);

typedef struct {
    nn_operands operands;
} nn_extremes;

void nn_minimum(const nn_extremes *op, const int8_t *first, const int8_t *second, int8_t *output);
void nn_maximum(const nn_extremes *op, const int8_t *first, const int8_t *second, int8_t *output);

typedef struct {
    int32_t multiplier, shift;
} nn_factor;

/* A dense layer over time; the state is [filter][memory], the newest value last. */
typedef struct {
    int32_t input_size, units, rank, memory;
    int32_t input_zero_point, state_zero_point;
    nn_factor to_state, to_output;
    nn_output output;
    const int8_t *features; /* [filter][in] */
    const void *time;       /* [filter][memory], of the state's type */
    const int32_t *bias;
} nn_factored;

void nn_svdf_s16(const nn_factored *op, const int8_t *input, int16_t *state, int8_t *output);
void nn_svdf_s8(const nn_factored *op, const int8_t *input, int8_t *state, int8_t *output);

/* What opens one gate of an LSTM; zero points are part of the biases. */
typedef struct {
    const int8_t *weights;           /* [unit][in] */
    const int8_t *recurrent_weights; /* [unit][unit] */
    const int32_t *bias, *recurrent_bias;
    nn_factor factor, recurrent_factor; /* to 12 bits behind the point */
} nn_gate;

/* Hochreiter and Schmidhuber 1997; the state is the last output and the cells. */
typedef struct {
    int32_t steps, inputs, units;
    nn_gate input, forget, candidate, shown;
    int32_t candidate_shift; /* of the product of two gates to a cell */
    int32_t cell_bits;       /* before the point of a cell */
    int32_t cell_clip;       /* 0: none */
    nn_factor hidden;
    nn_output output;
} nn_lstm;

void nn_lstm_s8(const nn_lstm *op, const int8_t *input, int8_t *last, int16_t *cells, int8_t *output);

typedef struct {
    nn_operands operands;
    int32_t input_zero_point, slope_zero_point;
    nn_factor positive, negative;
    nn_output output;
} nn_slopes;

void nn_prelu(const nn_slopes *op, const int8_t *input, const int8_t *slopes, int8_t *output);

typedef struct {
    int32_t rows, size;
    int32_t multiplier, left_shift; /* brings a difference of two inputs to Q5.26 */
    int32_t minimum_difference;     /* below it, exp() is taken as zero */
} nn_normalize;

void nn_softmax(const nn_normalize *op, const int8_t *input, int8_t *output);
void nn_softmax_s8_s16(const nn_normalize *op, const int8_t *input, int16_t *output);

typedef struct {
    int32_t size;
    int32_t input_zero_point;
    nn_output output;
    int32_t multiplier, shift;
} nn_rescaling;

void nn_rescale_s16_s8(const nn_rescaling *op, const int16_t *input, int8_t *output);
void nn_rescale_s8_s16(const nn_rescaling *op, const int8_t *input, int16_t *output);
void nn_rescale_s16_s16(const nn_rescaling *op, const int16_t *input, int16_t *output);
void nn_rescale_s16_s32(const nn_rescaling *op, const int16_t *input, int32_t *output);
void nn_rescale_s8_s32(const nn_rescaling *op, const int8_t *input, int32_t *output);

typedef struct {
    int32_t size;
    const int8_t *entries; /* 256, by byte */
} nn_table;

void nn_lookup(const nn_table *op, const void *input, void *output);

typedef struct {
    int32_t size;
    float scale;
    int32_t zero_point;
} nn_affine;

void nn_quantize_s8(const nn_affine *op, const float *input, int8_t *output);
void nn_quantize_u8(const nn_affine *op, const float *input, void *output);
void nn_quantize_s16(const nn_affine *op, const float *input, int16_t *output);
void nn_dequantize_s8(const nn_affine *op, const int8_t *input, float *output);
void nn_dequantize_u8(const nn_affine *op, const void *input, float *output);
void nn_dequantize_s16(const nn_affine *op, const int16_t *input, float *output);

/* From one walk through memory to another, in bytes. */
typedef struct {
    int32_t run; /* bytes that lie together */
    int32_t sizes[NN_MAX_AXES], from[NN_MAX_AXES], to[NN_MAX_AXES];
    int32_t from_start, to_start;
} nn_movement;

void nn_move(const nn_movement *op, const void *input, void *output);

typedef struct {
    int32_t bytes;
} nn_run;

void nn_copy(const nn_run *op, const void *input, void *output);

typedef struct {
    int32_t bytes, value;
} nn_filling;

void nn_fill(const nn_filling *op, void *output);

#endif
