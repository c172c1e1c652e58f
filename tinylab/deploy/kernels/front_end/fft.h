/* Fourier transform of real samples in 32-bit integers. */
#ifndef NN_FFT_H
#define NN_FFT_H

#include "nn.h"

typedef struct {
    int32_t real, imaginary;
} nn_complex;

/* Transforms fft_length real values, stored as fft_length / 2 complex ones, in place. Values must stay
 * below 2^22, and fft_length at most 512. Afterwards bin k of the first fft_length / 2 bins is nn_fft_bin(). */
void nn_fft(nn_complex *values, int32_t fft_length, const int32_t *twiddles);

nn_complex nn_fft_bin(const nn_complex *values, int32_t fft_length, const int32_t *twiddles, int32_t k);

#endif
