#include "nn.h"

NN_SHARED void nn_copy(const nn_run *op, const void *input, void *output)
{
    const int8_t *from = input;
    int8_t *to = output;
    for (int32_t i = 0; i < op->bytes; i++)
        to[i] = from[i];
}
