#include "requantize.h"

/* What the features of one filter give, in steps of the state. */
static int32_t feature(const nn_factored *op, const int8_t *features, const int8_t *input)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < op->input_size; i++)
        sum += (input[i] - op->input_zero_point) * features[i];
    return nn_requantize(sum, op->to_state.multiplier, op->to_state.shift);
}

/* Each filter forgets its oldest value and takes the newest one; then its memory is weighted over time. */
#define NN_SVDF(name, type, lowest, highest)                                                             \
    static int32_t name##_filter(const nn_factored *op, int32_t newest, const type *time, type *state)  \
    {                                                                                                   \
        int32_t sum = 0, last = op->memory - 1;                                                         \
        newest = newest < (lowest) ? (lowest) : newest > (highest) ? (highest) : newest;                \
        for (int32_t i = 0; i < last; i++)                                                              \
            state[i] = state[i + 1];                                                                    \
        state[last] = (type)(newest + op->state_zero_point);                                            \
        for (int32_t i = 0; i < op->memory; i++)                                                        \
            sum += (state[i] - op->state_zero_point) * time[i];                                         \
        return sum;                                                                                     \
    }                                                                                                   \
    NN_SHARED void name(const nn_factored *op, const int8_t *input, type *state, int8_t *output)                  \
    {                                                                                                   \
        const int8_t *features = op->features;                                                          \
        const type *time = op->time;                                                                    \
        for (int32_t unit = 0; unit < op->units; unit++) {                                              \
            int32_t sum = op->bias[unit];                                                               \
            for (int32_t rank = 0; rank < op->rank; rank++) {                                           \
                sum += name##_filter(op, feature(op, features, input), time, state);                    \
                features += op->input_size, time += op->memory, state += op->memory;                    \
            }                                                                                           \
            sum = nn_requantize(sum, op->to_output.multiplier, op->to_output.shift);                    \
            output[unit] = nn_clamp(sum, &op->output);                                                  \
        }                                                                                               \
    }

NN_SVDF(nn_svdf_s16, int16_t, INT16_MIN, INT16_MAX)
NN_SVDF(nn_svdf_s8, int8_t, INT8_MIN, INT8_MAX)
