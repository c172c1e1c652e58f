#include "exp_f32.h"
#include "nn_f32.h"

#define NN_UNARY(name, expression)                                                                       \
    NN_SHARED void nn_##name##_f32(const nn_unary_f32 *op, const float *input, float *output)                     \
    {                                                                                                   \
        for (int32_t i = 0; i < op->size; i++) {                                                        \
            float x = input[i];                                                                         \
            output[i] = (expression);                                                                   \
        }                                                                                               \
    }

/* From exp(-2 |x|), which does not overflow; near zero the series, where the difference would cancel. */
static float tangent(float x)
{
    float size = x < 0 ? -x : x, square = x * x;
    if (size < 0.1f)
        return x * (1.0f - square * (1.0f / 3.0f - square * (2.0f / 15.0f)));
    float power = nn_exponential(-2.0f * size), result = (1.0f - power) / (1.0f + power);
    return x < 0 ? -result : result;
}

/* exp(x) - 1 for x <= 0. */
static float less_one(float x)
{
    if (x > -0.1f)
        return x * (1.0f + x * (0.5f + x * (1.0f / 6.0f + x * (1.0f / 24.0f + x * (1.0f / 120.0f)))));
    return nn_exponential(x) - 1.0f;
}

NN_UNARY(relu, x > 0 ? x : 0)
NN_UNARY(relu6, x > 6.0f ? 6.0f : x > 0 ? x : 0)
NN_UNARY(relu_n1_to_1, x > 1.0f ? 1.0f : x > -1.0f ? x : -1.0f)
NN_UNARY(logistic, 1.0f / (1.0f + nn_exponential(-x)))
NN_UNARY(tanh, tangent(x))
NN_UNARY(elu, x < 0 ? less_one(x) : x)
NN_UNARY(exp, nn_exponential(x))
NN_UNARY(neg, -x)
NN_UNARY(abs, x < 0 ? -x : x)
NN_UNARY(square, x *x)
NN_UNARY(hard_swish, x <= -3.0f ? 0 : x >= 3.0f ? x : x * (x + 3.0f) / 6.0f)
