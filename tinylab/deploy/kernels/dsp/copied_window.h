/* Rows of windows, copied from the image and its border. */
#ifndef NN_COPIED_WINDOW_H
#define NN_COPIED_WINDOW_H

#include "nn_dsp.h"

/* Copies what one row of a window sees; outside the image lies the zero point. Returns its end. */
static int8_t *nn_dsp_copy_row(const nn_dsp_convolution *op, const int8_t *input, int32_t y, int32_t x, int8_t *row)
{
    const nn_shape *image = &op->input_shape;
    int32_t channels = image->channels, count = op->window.width, is_row = y >= 0 && y < image->height;
    const int8_t *pixel = input + (y * image->width + x) * channels;
    if (is_row && op->window.dilation_width == 1 && x >= 0 && x + count <= image->width) {
        for (count *= channels; count >= 4; count -= 4, pixel += 4, row += 4)
            *(nn_unaligned_word *)row = *(const nn_unaligned_word *)pixel;
        for (; count > 0; count--)
            *row++ = *pixel++;
        return row;
    }
    for (; count > 0; count--, x += op->window.dilation_width, pixel += op->window.dilation_width * channels) {
        int32_t inside = is_row && x >= 0 && x < image->width;
        for (int32_t c = 0; c < channels; c++)
            *row++ = inside ? pixel[c] : (int8_t)op->input_zero_point;
    }
    return row;
}

#endif
