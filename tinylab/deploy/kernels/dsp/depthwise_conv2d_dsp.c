#include "nn_dsp_common.h"

/* Four channels at a time: the input rows in sight are widened to int16, four values a column, and kept
 * in as many slots as the window has rows; each input row is widened once. */

/* Widens what channels c to c + 3 of the output read at each column of a row: usually four neighbours. */
static void widen_pixels(const nn_dsp_convolution *op, const int8_t *input, int32_t c, int32_t count,
                         int16_t *slot)
{
    int32_t channels = op->input_shape.channels, source[4];
    if (op->multiplier == 1 && c + 4 <= channels) {
        for (input += c; count > 0; count--, input += channels, slot += 4)
            nn_dsp_widen4(input, slot);
        return;
    }
    for (int32_t i = 0; i < 4; i++) {
        int32_t from = (c + i) / op->multiplier;
        source[i] = from < channels ? from : channels - 1;
    }
    for (; count > 0; count--, input += channels, slot += 4)
        for (int32_t i = 0; i < 4; i++)
            slot[i] = input[source[i]];
}

static void widen_row(const nn_dsp_convolution *op, const int8_t *input, int32_t c, int32_t y, int16_t *slot)
{
    const nn_shape *shape = &op->input_shape;
    const nn_window *window = &op->window;
    int32_t width = (op->output_shape.width - 1) * window->stride_width + window->width;
    if (y < 0 || y >= shape->height) {
        nn_dsp_fill(slot, 4 * width, op->input_zero_point);
        return;
    }
    int32_t inside = width - window->pad_left < shape->width ? width - window->pad_left : shape->width;
    slot = nn_dsp_fill(slot, 4 * window->pad_left, op->input_zero_point);
    widen_pixels(op, input + y * shape->width * shape->channels, c, inside, slot);
    nn_dsp_fill(slot + 4 * inside, 4 * (width - window->pad_left - inside), op->input_zero_point);
}

/* Adds one tap of four channels to s0, s1, s2 and s3. */
#define ADD_TAP(value, weight)                                                                           \
    do {                                                                                                 \
        nn_pair x_ = (value), w_ = (weight);                                                             \
        s0 = nn_smlabb(nn_first(x_), nn_first(w_), s0);                                                  \
        s1 = nn_smlatt(nn_first(x_), nn_first(w_), s1);                                                  \
        s2 = nn_smlabb(nn_second(x_), nn_second(w_), s2);                                                \
        s3 = nn_smlatt(nn_second(x_), nn_second(w_), s3);                                                \
    } while (0)

/* One output column of four channels; rows three taps wide, the usual case, are written out. */
NN_ALONE static void convolve4(const nn_window *window, const nn_pair *const rows[], int32_t start,
                               const nn_pair *w, const nn_dsp_channel *channel, int8_t *output)
{
    int32_t s0 = channel[0].bias, s1 = channel[1].bias, s2 = channel[2].bias, s3 = channel[3].bias;
    int32_t width = window->width;
    const nn_pair *const *end = rows + window->height;
    if (width == 3) {
        do {
            const nn_pair *x = *rows++ + start;
            ADD_TAP(x[0], w[0]);
            ADD_TAP(x[1], w[1]);
            ADD_TAP(x[2], w[2]);
            w += 3;
        } while (rows != end);
    } else {
        do {
            const nn_pair *x = *rows++ + start;
            for (int32_t n = width; n > 0; n--)
                ADD_TAP(*x++, *w++);
        } while (rows != end);
    }
    output[0] = nn_dsp_finish(s0, &channel[0]);
    output[1] = nn_dsp_finish(s1, &channel[1]);
    output[2] = nn_dsp_finish(s2, &channel[2]);
    output[3] = nn_dsp_finish(s3, &channel[3]);
}

/* Channels c to c + 3; fewer if the output has no more. */
static void convolve_block(const nn_dsp_convolution *op, const int8_t *input, int32_t c, int8_t *output,
                           const nn_pair *weights, int16_t *scratch)
{
    const nn_dsp_channel *channel = op->channels + c;
    int32_t channels = op->output_shape.channels, count = channels - c;
    const nn_window *window = &op->window;
    const nn_pair *rows[NN_DSP_MAX_ROWS];
    int32_t width = (op->output_shape.width - 1) * window->stride_width + window->width;
    int32_t next = -window->pad_top;
    for (int32_t y = 0; y < op->output_shape.height; y++) {
        int32_t top = y * window->stride_height - window->pad_top;
        next = next < top ? top : next;
        for (; next < top + window->height; next++)
            widen_row(op, input, c, next, scratch + (next + window->height) % window->height * 4 * width);
        for (int32_t i = 0; i < window->height; i++)
            rows[i] = (const nn_pair *)scratch + (top + i + window->height) % window->height * width;
        for (int32_t x = 0; x < op->output_shape.width; x++, output += channels) {
            int8_t four[4];
            convolve4(window, rows, x * window->stride_width, weights, channel, count < 4 ? four : output);
            for (int32_t i = 0; count < 4 && i < count; i++)
                output[i] = four[i];
        }
    }
}

NN_SHARED void nn_depthwise_conv2d_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output,
                             int16_t *scratch)
{
    const nn_pair *weights = op->weights;
    int32_t block_size = op->window.height * op->window.width;
    for (int32_t c = 0; c < op->output_shape.channels; c += 4, weights += block_size)
        convolve_block(op, input, c, output + c, weights, scratch);
    nn_dsp_limit(&op->output, output,
                 op->output_shape.height * op->output_shape.width * op->output_shape.channels);
}
