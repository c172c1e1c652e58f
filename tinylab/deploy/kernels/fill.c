#include "nn.h"

NN_SHARED void nn_fill(const nn_filling *op, void *output)
{
    int8_t *to = output;
    for (int32_t i = 0; i < op->bytes; i++)
        to[i] = (int8_t)op->value;
}
