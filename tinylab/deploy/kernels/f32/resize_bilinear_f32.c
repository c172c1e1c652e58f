#include "nn_f32.h"

/* Two neighbours along one axis, and the share of the second. */
typedef struct {
    int32_t lower, upper;
    float share;
} nn_neighbours;

static nn_neighbours neighbours(float at, int32_t size)
{
    int32_t whole = (int32_t)at;
    whole -= at < (float)whole; /* rounded down */
    nn_neighbours result = {whole < 0 ? 0 : whole, whole, at - (float)(whole < 0 ? 0 : whole)};
    result.upper += at > (float)whole;
    result.upper = result.upper < size - 1 ? result.upper : size - 1;
    return result;
}

NN_SHARED void nn_resize_bilinear_f32(const nn_bilinear_f32 *op, const float *input, float *output)
{
    const nn_shape *image = &op->input_shape;
    for (int32_t y = 0; y < op->output_shape.height; y++) {
        nn_neighbours v = neighbours(op->rows[y], image->height);
        const float *above = input + v.lower * image->width * image->channels;
        const float *below = input + v.upper * image->width * image->channels;
        for (int32_t x = 0; x < op->output_shape.width; x++) {
            nn_neighbours h = neighbours(op->columns[x], image->width);
            int32_t left = h.lower * image->channels, right = h.upper * image->channels;
            for (int32_t c = 0; c < image->channels; c++) {
                float top = above[left + c] * (1.0f - h.share) + above[right + c] * h.share;
                float bottom = below[left + c] * (1.0f - h.share) + below[right + c] * h.share;
                *output++ = top * (1.0f - v.share) + bottom * v.share;
            }
        }
    }
}
