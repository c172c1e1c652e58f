/* Layers of old models: their weights have a zero point of their own. */
#ifndef NN_SHIFTED_H
#define NN_SHIFTED_H

#include "nn.h"

typedef struct {
    nn_convolution base;
    int32_t weight_zero_point;
} nn_convolution_shifted;

void nn_conv2d_shifted(const nn_convolution_shifted *op, const int8_t *input, int8_t *output);
void nn_depthwise_conv2d_shifted(const nn_convolution_shifted *op, const int8_t *input, int8_t *output);

typedef struct {
    nn_dense base;
    int32_t weight_zero_point;
} nn_dense_shifted;

void nn_fully_connected_shifted(const nn_dense_shifted *op, const int8_t *input, int8_t *output);

/* Rounds halves up, as unsigned bytes did. */
void nn_average_pool2d_shifted(const nn_pool *op, const int8_t *input, int8_t *output);

#endif
