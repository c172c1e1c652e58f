#include "nn_s16.h"
#include "operands.h"

static inline int32_t rescaled(const nn_operand *operand, int32_t stored, int32_t bits)
{
    return nn_requantize(stored * (1 << bits), operand->multiplier, operand->shift);
}

/* Walks through rows of int16; `expression` makes a stored value, without limits, of a and b. */
#define NN_ARITHMETIC(name, structure, expression)                                                       \
    static void name##_row(const void *parameters, const nn_row *row)                                   \
    {                                                                                                   \
        const structure *op = parameters;                                                               \
        const int8_t *first = row->first, *second = row->second;                                        \
        int16_t *output = (int16_t *)(void *)row->output;                                               \
        (void)op;                                                                                       \
        for (int32_t i = 0; i < row->size; i++, first += row->first_step, second += row->second_step) { \
            int32_t a = *(const int16_t *)(const void *)first;                                          \
            int32_t b = *(const int16_t *)(const void *)second;                                         \
            output[i] = (int16_t)(expression);                                                          \
        }                                                                                               \
    }                                                                                                   \
    NN_SHARED void nn_##name##_s16(const structure *op, const int16_t *first, const int16_t *second,    \
                                   int16_t *output)                                                     \
    {                                                                                                   \
        nn_walk_operands(&op->operands, name##_row, op, first, second, output);                         \
    }

#define NN_SCALED(sum) nn_limit(nn_requantize((sum), op->multiplier, op->shift), &op->output)

static inline int32_t squared(int32_t x)
{
    return x * x;
}

NN_ARITHMETIC(add, nn_addition, NN_SCALED(rescaled(&op->first, a, 15) + rescaled(&op->second, b, 15)))
NN_ARITHMETIC(sub, nn_addition, NN_SCALED(rescaled(&op->first, a, 15) - rescaled(&op->second, b, 15)))
NN_ARITHMETIC(squared_difference, nn_addition,
              NN_SCALED(squared(rescaled(&op->first, a, 0) - rescaled(&op->second, b, 0))))
NN_ARITHMETIC(mul, nn_product, NN_SCALED(a *b))
NN_ARITHMETIC(minimum, nn_extremes, a < b ? a : b)
NN_ARITHMETIC(maximum, nn_extremes, a > b ? a : b)
