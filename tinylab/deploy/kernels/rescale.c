#include "requantize.h"

/* From one scale, zero point and type to another. */
#define NN_RESCALE(name, from_type, to_type)                                                            \
    NN_SHARED void name(const nn_rescaling *op, const from_type *input, to_type *output)                         \
    {                                                                                                  \
        for (int32_t i = 0; i < op->size; i++) {                                                       \
            int32_t value = nn_requantize(input[i] - op->input_zero_point, op->multiplier, op->shift); \
            output[i] = (to_type)nn_limit(value, &op->output);                                         \
        }                                                                                              \
    }

NN_RESCALE(nn_rescale_s16_s8, int16_t, int8_t)
NN_RESCALE(nn_rescale_s8_s16, int8_t, int16_t)
NN_RESCALE(nn_rescale_s16_s16, int16_t, int16_t)
NN_RESCALE(nn_rescale_s16_s32, int16_t, int32_t)
NN_RESCALE(nn_rescale_s8_s32, int8_t, int32_t)
