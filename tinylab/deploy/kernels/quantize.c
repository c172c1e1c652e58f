#include "nn.h"

/* Nearest integer, halves away from zero; beyond 17 bits the sign is all that matters here. */
static int32_t nearest(float x)
{
    if (x > 131071.0f)
        return 131071;
    if (!(x > -131071.0f))
        return -131071;
    int32_t whole = (int32_t)x;
    float rest = x - (float)whole;
    return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
}

#define NN_QUANTIZE(suffix, type, lowest, highest)                                                      \
    NN_SHARED void nn_quantize_##suffix(const nn_affine *op, const float *input, type *output)                    \
    {                                                                                                   \
        for (int32_t i = 0; i < op->size; i++) {                                                        \
            int32_t stored = nearest(input[i] / op->scale) + op->zero_point;                            \
            stored = stored < (lowest) ? (lowest) : stored;                                             \
            output[i] = (type)(stored > (highest) ? (highest) : stored);                                \
        }                                                                                               \
    }                                                                                                   \
    NN_SHARED void nn_dequantize_##suffix(const nn_affine *op, const type *input, float *output)                  \
    {                                                                                                   \
        for (int32_t i = 0; i < op->size; i++)                                                          \
            output[i] = op->scale * (float)(input[i] - op->zero_point);                                 \
    }

NN_QUANTIZE(s8, int8_t, INT8_MIN, INT8_MAX)
NN_QUANTIZE(s16, int16_t, INT16_MIN, INT16_MAX)

/* Bytes come as int8_t pointers from the arena, whatever they stand for. */
NN_SHARED void nn_quantize_u8(const nn_affine *op, const float *input, void *output)
{
    uint8_t *to = output;
    for (int32_t i = 0; i < op->size; i++) {
        int32_t stored = nearest(input[i] / op->scale) + op->zero_point;
        stored = stored < 0 ? 0 : stored;
        to[i] = (uint8_t)(stored > UINT8_MAX ? UINT8_MAX : stored);
    }
}

NN_SHARED void nn_dequantize_u8(const nn_affine *op, const void *input, float *output)
{
    const uint8_t *from = input;
    for (int32_t i = 0; i < op->size; i++)
        output[i] = op->scale * (float)(from[i] - op->zero_point);
}
