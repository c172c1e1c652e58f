/* From sound to int8 features without floating point: window, Fourier transform, mel filters, logarithm,
 * cosine transform. The tables are computed ahead of time, see tinylab/deploy/codegen/front_end.py.
 */
#ifndef NN_MFCC_H
#define NN_MFCC_H

#include "nn.h"

#define NN_MFCC_MAX_FFT 512
#define NN_MFCC_MAX_MELS 128

typedef struct {
    int32_t samples, frame_length, frame_step, fft_length;
    int32_t frames, mel_bins, coefficients;
    int32_t last_bin;            /* no filter listens above it */
    const int32_t *window;       /* Q31 */
    const int32_t *twiddles;     /* cos and -sin of 2 pi k / fft_length as Q31, for k < fft_length / 2 */
    const int16_t *filter_start; /* first bin of each mel filter */
    const int16_t *filter_size;  /* its number of bins */
    const uint16_t *filters;     /* all filters one after the other, Q16 */
    const int32_t *log2_table;   /* log2(1 + i / 128) as Q16, i = 0 ... 128 */
    const int32_t *transform;    /* [coefficient][mel] as Q20; log2 to natural and the scale included */
    uint32_t log_offset;         /* as Q40 */
    int32_t zero_point;
} nn_front_end;

void nn_mfcc(const nn_front_end *op, const int16_t *samples, int8_t *features);

#endif
