#include "nn_f32.h"
#include "operands.h"

#define NN_ARITHMETIC(name, expression)                                                                  \
    static void name##_row(const void *parameters, const nn_row *row)                                   \
    {                                                                                                   \
        const nn_arithmetic_f32 *op = parameters;                                                       \
        const int8_t *first = row->first, *second = row->second;                                        \
        float *output = (float *)(void *)row->output;                                                   \
        for (int32_t i = 0; i < row->size; i++, first += row->first_step, second += row->second_step) { \
            float a = *(const float *)(const void *)first, b = *(const float *)(const void *)second;    \
            output[i] = nn_clip_f32((expression), &op->limits);                                         \
        }                                                                                               \
    }                                                                                                   \
    NN_SHARED void nn_##name##_f32(const nn_arithmetic_f32 *op, const float *first, const float *second,          \
                         float *output)                                                                 \
    {                                                                                                   \
        nn_walk_operands(&op->operands, name##_row, op, first, second, output);                         \
    }

NN_ARITHMETIC(add, a + b)
NN_ARITHMETIC(sub, a - b)
NN_ARITHMETIC(mul, a *b)
NN_ARITHMETIC(squared_difference, (a - b) * (a - b))
NN_ARITHMETIC(prelu, a < 0 ? a * b : a)
NN_ARITHMETIC(minimum, a < b ? a : b)
NN_ARITHMETIC(maximum, a > b ? a : b)
