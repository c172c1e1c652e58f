/* What the DSP kernels share: widening rows of int8 to int16, and scaling sums back to int8. */
#ifndef NN_DSP_COMMON_H
#define NN_DSP_COMMON_H

#include "nn_dsp.h"

/* The same as nn_requantize() and nn_clamp() over the whole int8 range, in six instructions. Rounding
 * halves away from zero is: take one off if negative, add one half, shift. */
static inline int8_t nn_dsp_finish(int32_t sum, const nn_dsp_channel *channel)
{
    int32_t scaled = nn_smmulr(sum * 2, channel->multiplier);
    scaled += scaled >> 31;
    return (int8_t)nn_saturate8((scaled + channel->offset) >> channel->shift);
}

/* Cuts what nn_dsp_finish() wrote to the limits of a fused activation function. */
static inline void nn_dsp_limit(const nn_output *limits, int8_t *output, int32_t count)
{
    if (limits->minimum == INT8_MIN && limits->maximum == INT8_MAX)
        return;
    for (int32_t i = 0; i < count; i++) {
        int32_t value = output[i] < limits->minimum ? limits->minimum : output[i];
        output[i] = (int8_t)(value > limits->maximum ? limits->maximum : value);
    }
}

static inline int16_t *nn_dsp_fill(int16_t *output, int32_t count, int32_t value)
{
    for (int32_t i = 0; i < count; i++)
        *output++ = (int16_t)value;
    return output;
}

/* Widens any number of int8 to int16; returns where the next one goes. Words need not be aligned. */
static inline int16_t *nn_dsp_widen(const int8_t *input, int32_t count, int16_t *output)
{
    for (; count >= 4; count -= 4, input += 4, output += 4) {
        uint32_t word = *(const nn_unaligned_word *)input;
        uint32_t even = nn_bytes_02(word), odd = nn_bytes_13(word);
        ((nn_unaligned_word *)output)[0] = (even & 0xffffu) | odd << 16;
        ((nn_unaligned_word *)output)[1] = even >> 16 | (odd & 0xffff0000u);
    }
    for (; count > 0; count--)
        *output++ = *input++;
    return output;
}

/* Widens four int8 to int16. */
static inline void nn_dsp_widen4(const int8_t *input, int16_t *output)
{
    uint32_t word = *(const nn_unaligned_word *)input;
    uint32_t even = nn_bytes_02(word), odd = nn_bytes_13(word);
    ((nn_word *)output)[0] = (even & 0xffffu) | odd << 16;
    ((nn_word *)output)[1] = even >> 16 | (odd & 0xffff0000u);
}

#endif
