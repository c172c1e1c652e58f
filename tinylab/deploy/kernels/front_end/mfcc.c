#include "mfcc.h"

#include "fft.h"

static nn_complex spectrum[NN_MFCC_MAX_FFT / 2];
static uint32_t magnitudes[NN_MFCC_MAX_FFT / 2];
static int32_t log_energies[NN_MFCC_MAX_MELS];

/* Position of the highest bit that is set; x > 0. */
static int32_t highest_bit(uint64_t x)
{
    int32_t position = 0;
    for (int32_t step = 32; step > 0; step >>= 1) {
        if (x >> step) {
            x >>= step;
            position += step;
        }
    }
    return position;
}

/* log2(x) as Q16, x > 0: a table of 128 steps, and straight lines between. */
static int32_t log2_q16(uint64_t x, const int32_t *table)
{
    int32_t exponent = highest_bit(x);
    uint32_t fraction = (uint32_t)((x << (63 - exponent)) >> 32) << 1;
    const int32_t *entry = table + (fraction >> 25);
    int64_t rest = fraction & 0x1ffffffu;
    return exponent * 65536 + entry[0] + (int32_t)(((entry[1] - entry[0]) * rest) >> 25);
}

/* Square root to 16 significant bits. */
static uint32_t square_root(uint64_t x)
{
    if (x == 0)
        return 0;
    int32_t shift = highest_bit(x) & ~1;
    shift = shift > 30 ? shift - 30 : 0;
    uint32_t rest = (uint32_t)(x >> shift), root = 0;
    for (uint32_t bit = 1u << 30; bit; bit >>= 2) {
        if (rest >= root + bit) {
            rest -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return root << (shift / 2);
}

/* Windows a frame and scales it so that its largest value has 22 bits. Returns by how many bits. */
static int32_t load_frame(const nn_front_end *op, const int16_t *samples)
{
    int32_t *values = &spectrum[0].real, largest = 1;
    for (int32_t i = 0; i < op->frame_length; i++) {
        values[i] = (int32_t)(((int64_t)samples[i] * op->window[i]) >> 16);
        int32_t size = values[i] < 0 ? -values[i] : values[i];
        largest = size > largest ? size : largest;
    }
    int32_t shift = 21 - highest_bit((uint64_t)largest);
    int32_t half = shift < 0 ? 1 << (-shift - 1) : 0;
    for (int32_t i = 0; i < op->frame_length; i++)
        values[i] = shift < 0 ? (values[i] + half) >> -shift : values[i] * (1 << shift);
    for (int32_t i = op->frame_length; i < op->fft_length; i++)
        values[i] = 0;
    return shift;
}

static void measure_magnitudes(const nn_front_end *op)
{
    for (int32_t k = 1; k <= op->last_bin; k++) {
        nn_complex bin = nn_fft_bin(spectrum, op->fft_length, op->twiddles, k);
        int64_t real = bin.real, imaginary = bin.imaginary;
        magnitudes[k] = square_root((uint64_t)(real * real) + (uint64_t)(imaginary * imaginary));
    }
}

/* Logarithms of the filters' outputs, for samples divided by their peak. */
static void measure_log_energies(const nn_front_end *op, int32_t shift, int32_t peak, int32_t log_peak)
{
    const uint16_t *weight = op->filters;
    int32_t offset_shift = 40 - (15 + 16 + shift);
    uint64_t offset = (uint64_t)peak * op->log_offset;
    offset = offset_shift >= 0 ? offset >> offset_shift : offset << -offset_shift;
    for (int32_t m = 0; m < op->mel_bins; m++) {
        const uint32_t *bin = magnitudes + op->filter_start[m];
        uint64_t energy = offset;
        for (int32_t i = 0; i < op->filter_size[m]; i++)
            energy += (uint64_t)*bin++ * *weight++;
        int32_t log_energy = log2_q16(energy ? energy : 1, op->log2_table);
        log_energies[m] = log_energy - (15 + 16 + shift) * 65536 - log_peak;
    }
}

static void transform(const nn_front_end *op, int8_t *features)
{
    const int32_t *factor = op->transform;
    for (int32_t c = 0; c < op->coefficients; c++) {
        int64_t sum = (int64_t)1 << 35;
        for (int32_t m = 0; m < op->mel_bins; m++)
            sum += (int64_t)*factor++ * log_energies[m];
        int32_t value = (int32_t)(sum >> 36) + op->zero_point;
        value = value < INT8_MIN ? INT8_MIN : value;
        features[c] = (int8_t)(value > INT8_MAX ? INT8_MAX : value);
    }
}

NN_SHARED void nn_mfcc(const nn_front_end *op, const int16_t *samples, int8_t *features)
{
    int32_t peak = 0;
    for (int32_t i = 0; i < op->samples; i++)
        peak = samples[i] > peak ? samples[i] : peak;
    peak = peak > 0 ? peak : 1;
    int32_t log_peak = log2_q16((uint64_t)peak, op->log2_table);
    for (int32_t f = 0; f < op->frames; f++) {
        int32_t shift = load_frame(op, samples + f * op->frame_step);
        nn_fft(spectrum, op->fft_length, op->twiddles);
        measure_magnitudes(op);
        measure_log_energies(op, shift, peak, log_peak);
        transform(op, features + f * op->coefficients);
    }
}
