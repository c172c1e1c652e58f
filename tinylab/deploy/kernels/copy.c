#include "nn.h"

void nn_copy(int32_t size, const int8_t *input, int8_t *output)
{
    for (int32_t i = 0; i < size; i++)
        output[i] = input[i];
}
