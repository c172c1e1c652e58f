#include "nn.h"

/* `flip` turns unsigned bytes into signed ones of the same order. */
static int32_t position(const nn_search *op, const int8_t *input)
{
    int32_t found = 0, largest = -129;
    for (int32_t i = 0; i < op->size; i++, input += op->inner) {
        int8_t value = (int8_t)(*input ^ op->flip);
        if (value > largest) {
            largest = value;
            found = i;
        }
    }
    return found;
}

#define NN_ARG_MAX(name, type)                                                                           \
    NN_SHARED void name(const nn_search *op, const void *input, type *output)                                     \
    {                                                                                                   \
        const int8_t *from = input;                                                                     \
        for (int32_t y = 0; y < op->outer; y++, from += op->size * op->inner)                           \
            for (int32_t x = 0; x < op->inner; x++)                                                     \
                *output++ = position(op, from + x);                                                     \
    }

NN_ARG_MAX(nn_arg_max_s32, int32_t)
NN_ARG_MAX(nn_arg_max_s64, int64_t)
