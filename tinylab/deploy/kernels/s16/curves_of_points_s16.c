#include "nn_s16.h"

static inline int32_t position(const nn_curve_s16 *op, int32_t x)
{
    int32_t half = op->right_shift > 0 ? 1 << (op->right_shift - 1) : 0;
    return (x * op->multiplier + half) >> op->right_shift;
}

/* Between two points in a straight line; both curves are symmetric about zero. */
NN_SHARED void nn_logistic_s16(const nn_curve_s16 *op, const int16_t *input, int16_t *output)
{
    for (int32_t i = 0; i < op->size; i++) {
        int32_t x = position(op, input[i]), size = x < 0 ? -x : x, point = size >> 9;
        int32_t sum = 0x7fff << 10;
        if (point < 255)
            sum = (op->points[point] << 9) + (size & 0x1ff) * (op->points[point + 1] - op->points[point]);
        sum = x < 0 ? (1 << 25) - sum + (1 << 9) - 1 : sum + (1 << 9);
        output[i] = (int16_t)(sum >> 10);
    }
}

/* tanh(x) = 2 / (1 + exp(-2x)) - 1. */
NN_SHARED void nn_tanh_s16(const nn_curve_s16 *op, const int16_t *input, int16_t *output)
{
    for (int32_t i = 0; i < op->size; i++) {
        int32_t x = position(op, input[i]), size = x < 0 ? -x : x, point = size >> 8;
        int32_t sum = 0xffff << 8;
        if (point < 255)
            sum = (op->points[point] << 8) + (size & 0xff) * (op->points[point + 1] - op->points[point]);
        sum = (x < 0 ? (1 << 23) - sum - 1 : sum - (1 << 23)) + (1 << 7);
        output[i] = (int16_t)(sum >> 8);
    }
}
