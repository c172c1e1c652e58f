/* From a sum of up to 48 bits back to 16 bits, with 16 bits of the factor, rounded once. */
#ifndef NN_REQUANTIZE_S16_H
#define NN_REQUANTIZE_S16_H

#include "nn_s16.h"
#include "requantize.h"

static inline int16_t nn_finish_s16(int64_t sum, int32_t multiplier, int32_t shift, const nn_output *output)
{
    int64_t reduced = multiplier < 0x7fff0000 ? (multiplier + (1 << 15)) >> 16 : 0x7fff;
    int32_t total = 15 - shift;
    return (int16_t)nn_limit((int32_t)((sum * reduced + ((int64_t)1 << (total - 1))) >> total), output);
}

#endif
