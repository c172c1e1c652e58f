#include "nn_dsp_common.h"

/* A window with one position: four channels at a time, straight from the input, tap by tap. */
NN_ALONE static void four_channels(const int8_t *x, const int8_t *w, int32_t taps, int32_t channels,
                                   const nn_dsp_channel *channel, int8_t *output)
{
    int32_t s0 = channel[0].bias, s1 = channel[1].bias, s2 = channel[2].bias, s3 = channel[3].bias;
    for (; taps > 0; taps--, x += channels, w += channels) {
        uint32_t inputs = *(const nn_unaligned_word *)x, weights = *(const nn_unaligned_word *)w;
        uint32_t even = nn_bytes_02(inputs), even_weights = nn_bytes_02(weights);
        uint32_t odd = nn_bytes_13(inputs), odd_weights = nn_bytes_13(weights);
        s0 = nn_smlabb(even, even_weights, s0);
        s1 = nn_smlabb(odd, odd_weights, s1);
        s2 = nn_smlatt(even, even_weights, s2);
        s3 = nn_smlatt(odd, odd_weights, s3);
    }
    output[0] = nn_dsp_finish(s0, &channel[0]);
    output[1] = nn_dsp_finish(s1, &channel[1]);
    output[2] = nn_dsp_finish(s2, &channel[2]);
    output[3] = nn_dsp_finish(s3, &channel[3]);
}

NN_SHARED void nn_depthwise_position_dsp(const nn_dsp_convolution *op, const int8_t *input, int8_t *output)
{
    const int8_t *weights = op->weights;
    int32_t channels = op->input_shape.channels, taps = op->window.height * op->window.width;
    for (int32_t c = 0; c < channels; c += 4)
        four_channels(input + c, weights + c, taps, channels, op->channels + c, output + c);
    nn_dsp_limit(&op->output, output, channels);
}
