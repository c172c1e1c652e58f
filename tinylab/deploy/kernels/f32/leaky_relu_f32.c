#include "nn_f32.h"

NN_SHARED void nn_leaky_relu_f32(const nn_leaky_f32 *op, const float *input, float *output)
{
    for (int32_t i = 0; i < op->size; i++)
        output[i] = input[i] < 0 ? input[i] * op->alpha : input[i];
}
