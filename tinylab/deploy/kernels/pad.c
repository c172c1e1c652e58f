#include "nn.h"

static int8_t *fill(int8_t *output, int32_t count, int32_t value)
{
    for (int32_t i = 0; i < count; i++)
        *output++ = (int8_t)value;
    return output;
}

void nn_pad(const nn_padding *op, const int8_t *input, int8_t *output)
{
    const nn_shape *shape = &op->input_shape;
    int32_t pixel = op->front + shape->channels + op->back;
    int32_t row = (op->left + shape->width + op->right) * pixel;
    output = fill(output, op->top * row, op->value);
    for (int32_t y = 0; y < shape->height; y++) {
        output = fill(output, op->left * pixel, op->value);
        for (int32_t x = 0; x < shape->width; x++) {
            output = fill(output, op->front, op->value);
            for (int32_t c = 0; c < shape->channels; c++)
                *output++ = *input++;
            output = fill(output, op->back, op->value);
        }
        output = fill(output, op->right * pixel, op->value);
    }
    fill(output, op->bottom * row, op->value);
}
