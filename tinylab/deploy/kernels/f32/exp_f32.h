/* exp() without a library, to about two units in the last place. */
#ifndef NN_EXP_F32_H
#define NN_EXP_F32_H

#include <stdint.h>

/* x = whole * ln(2) + rest with |rest| <= ln(2) / 2; the rest goes through a Taylor polynomial, and the
 * whole becomes the exponent of the result. */
static inline float nn_exponential(float x)
{
    union {
        uint32_t bits;
        float value;
    } power;
    if (x < -87.0f)
        return 0.0f;
    x = x > 88.0f ? 88.0f : x;
    float scaled = x * 1.44269504f;
    int32_t whole = (int32_t)(scaled + (scaled < 0 ? -0.5f : 0.5f));
    float rest = (x - (float)whole * 0.693359375f) + (float)whole * 2.12194440e-4f;
    float sum = 1.0f / 5040.0f;
    sum = sum * rest + 1.0f / 720.0f;
    sum = sum * rest + 1.0f / 120.0f;
    sum = sum * rest + 1.0f / 24.0f;
    sum = sum * rest + 1.0f / 6.0f;
    sum = sum * rest + 0.5f;
    sum = sum * rest + 1.0f;
    power.bits = (uint32_t)(whole + 127) << 23;
    return (sum * rest + 1.0f) * power.value;
}

#endif
