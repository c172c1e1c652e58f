#include "nn.h"

NN_SHARED void nn_resize_nearest(const nn_nearest *op, const void *input, void *output)
{
    int8_t *target = output;
    const nn_shape *image = &op->input_shape;
    for (int32_t y = 0; y < op->output_shape.height; y++) {
        const int8_t *row = (const int8_t *)input + op->rows[y] * image->width * image->channels;
        for (int32_t x = 0; x < op->output_shape.width; x++) {
            const int8_t *pixel = row + op->columns[x] * image->channels;
            for (int32_t c = 0; c < image->channels; c++)
                *target++ = pixel[c];
        }
    }
}

/* Between four pixels; 20 bits behind the point, rounded, halves away from zero. */
static int8_t mixed(const int8_t *above, const int8_t *below, int32_t step, int32_t down, int32_t right)
{
    int32_t upper = above[0] * (1024 - right) + above[step] * right;
    int32_t lower = below[0] * (1024 - right) + below[step] * right;
    int32_t sum = upper * (1024 - down) + lower * down;
    return (int8_t)((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
}

NN_SHARED void nn_resize_bilinear(const nn_bilinear *op, const int8_t *input, int8_t *output)
{
    const nn_shape *image = &op->input_shape;
    int32_t row = image->width * image->channels;
    for (int32_t y = 0; y < op->output_shape.height; y++) {
        const nn_between *v = &op->rows[y];
        for (int32_t x = 0; x < op->output_shape.width; x++) {
            const nn_between *h = &op->columns[x];
            const int8_t *above = input + v->lower * row + h->lower * image->channels;
            const int8_t *below = input + v->upper * row + h->lower * image->channels;
            for (int32_t c = 0; c < image->channels; c++)
                *output++ = mixed(above + c, below + c, (h->upper - h->lower) * image->channels,
                                  v->share, h->share);
        }
    }
}
