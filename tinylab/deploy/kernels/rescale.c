#include "requantize.h"

/* From one scale and zero point to another; with tighter limits it is also relu and relu6. */
void nn_rescale(const nn_rescaling *op, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < op->size; i++) {
        int32_t value = nn_requantize(input[i] - op->input_zero_point, op->multiplier, op->shift);
        output[i] = nn_clamp(value, &op->output);
    }
}
