#include "fft.h"

static nn_complex multiply(nn_complex a, int32_t cosine, int32_t minus_sine)
{
    int64_t real = (int64_t)a.real * cosine - (int64_t)a.imaginary * minus_sine;
    int64_t imaginary = (int64_t)a.real * minus_sine + (int64_t)a.imaginary * cosine;
    nn_complex product = {(int32_t)((real + (1 << 30)) >> 31), (int32_t)((imaginary + (1 << 30)) >> 31)};
    return product;
}

static void reverse_bits(nn_complex *values, int32_t count)
{
    for (int32_t i = 0, j = 0; i < count; i++) {
        if (i < j) {
            nn_complex swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
        int32_t bit = count >> 1;
        for (; bit > 0 && (j & bit); bit >>= 1)
            j ^= bit;
        j |= bit;
    }
}

/* Cooley and Tukey 1965, decimation in time. */
NN_SHARED void nn_fft(nn_complex *values, int32_t fft_length, const int32_t *twiddles)
{
    int32_t count = fft_length / 2;
    reverse_bits(values, count);
    for (int32_t half = 1; half < count; half *= 2) {
        int32_t stride = 2 * (count / (2 * half)); /* the table is made for twice as many points */
        for (int32_t k = 0; k < half; k++) {
            int32_t cosine = twiddles[2 * k * stride], minus_sine = twiddles[2 * k * stride + 1];
            for (int32_t i = k; i < count; i += 2 * half) {
                nn_complex even = values[i], odd = multiply(values[i + half], cosine, minus_sine);
                nn_complex sum = {even.real + odd.real, even.imaginary + odd.imaginary};
                nn_complex difference = {even.real - odd.real, even.imaginary - odd.imaginary};
                values[i] = sum;
                values[i + half] = difference;
            }
        }
    }
}

/* Even samples went in as real parts, odd ones as imaginary parts; symmetry takes them apart again. */
NN_SHARED nn_complex nn_fft_bin(const nn_complex *values, int32_t fft_length, const int32_t *twiddles, int32_t k)
{
    int32_t count = fft_length / 2;
    nn_complex a = values[k], b = values[(count - k) & (count - 1)];
    nn_complex even = {(a.real + b.real) / 2, (a.imaginary - b.imaginary) / 2};
    nn_complex odd = {(a.imaginary + b.imaginary) / 2, (b.real - a.real) / 2};
    odd = multiply(odd, twiddles[2 * k], twiddles[2 * k + 1]);
    nn_complex bin = {even.real + odd.real, even.imaginary + odd.imaginary};
    return bin;
}
