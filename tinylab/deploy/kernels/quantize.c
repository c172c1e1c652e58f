#include "nn.h"

/* Nearest integer, halves away from zero; beyond 16 bits the sign is all that matters here. */
static int32_t nearest(float x)
{
    if (x > 65535.0f)
        return 65535;
    if (!(x > -65535.0f))
        return -65535;
    int32_t whole = (int32_t)x;
    float rest = x - (float)whole;
    return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
}

void nn_quantize(const nn_affine *op, const float *input, int8_t *output)
{
    for (int32_t i = 0; i < op->size; i++) {
        int32_t stored = nearest(input[i] / op->scale) + op->zero_point;
        stored = stored < INT8_MIN ? INT8_MIN : stored;
        output[i] = (int8_t)(stored > INT8_MAX ? INT8_MAX : stored);
    }
}

void nn_dequantize(const nn_affine *op, const int8_t *input, float *output)
{
    for (int32_t i = 0; i < op->size; i++)
        output[i] = op->scale * (float)(input[i] - op->zero_point);
}
