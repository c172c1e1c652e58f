/* What pools share: the part of each window that lies inside the image. NN_POOL_TYPE is the type of the
 * elements, NN_POOL the structure of the parameters. */
#ifndef NN_POOL_H
#define NN_POOL_H

#include "requantize.h"

#ifndef NN_POOL
#define NN_POOL nn_pool
#endif

typedef struct {
    const NN_POOL_TYPE *corner; /* its first channel above and left */
    int32_t rows, columns, channels, row_elements;
} nn_patch;

typedef void (*nn_patch_kernel)(const NN_POOL *op, const nn_patch *patch, NN_POOL_TYPE *output);

static inline int32_t nn_least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static inline void nn_pool_patches(const NN_POOL *op, nn_patch_kernel kernel, const NN_POOL_TYPE *input,
                                   NN_POOL_TYPE *output)
{
    const nn_shape *image = &op->input_shape;
    const nn_window *window = &op->window;
    nn_patch patch = {input, 0, 0, image->channels, image->width * image->channels};
    for (int32_t y = 0; y < op->output_shape.height; y++) {
        int32_t top = y * window->stride_height - window->pad_top;
        int32_t first_row = top < 0 ? 0 : top;
        patch.rows = nn_least(top + window->height, image->height) - first_row;
        for (int32_t x = 0; x < op->output_shape.width; x++, output += image->channels) {
            int32_t left = x * window->stride_width - window->pad_left;
            int32_t first_column = left < 0 ? 0 : left;
            patch.columns = nn_least(left + window->width, image->width) - first_column;
            patch.corner = input + first_row * patch.row_elements + first_column * image->channels;
            kernel(op, &patch, output);
        }
    }
}

#endif
