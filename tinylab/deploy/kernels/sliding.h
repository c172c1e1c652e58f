/* What convolutions and pools share: a window that visits every place of an image. */
#ifndef NN_SLIDING_H
#define NN_SLIDING_H

#include "requantize.h"

/* One output value: channel c of the window whose corner lies at (top, left). */
typedef int8_t (*nn_value_at)(const void *op, const int8_t *input, int32_t top, int32_t left, int32_t c);

static inline void nn_slide(const nn_window *window, const nn_shape *output_shape, nn_value_at value_at,
                            const void *op, const int8_t *input, int8_t *output)
{
    for (int32_t y = 0; y < output_shape->height; y++) {
        int32_t top = y * window->stride_height - window->pad_top;
        for (int32_t x = 0; x < output_shape->width; x++) {
            int32_t left = x * window->stride_width - window->pad_left;
            for (int32_t c = 0; c < output_shape->channels; c++)
                *output++ = value_at(op, input, top, left, c);
        }
    }
}

/* The first channel at (y, x), or NULL outside the image. */
static inline const int8_t *nn_pixel(const nn_shape *shape, const int8_t *input, int32_t y, int32_t x)
{
    if (y < 0 || y >= shape->height || x < 0 || x >= shape->width)
        return 0;
    return input + (y * shape->width + x) * shape->channels;
}

/* The sum of a convolution back to int8. */
static inline int8_t nn_finish_convolution(const nn_convolution *op, int32_t sum, int32_t c)
{
    return nn_clamp(nn_requantize(sum, op->scales.multiplier[c], op->scales.shift[c]), &op->output);
}

#endif
