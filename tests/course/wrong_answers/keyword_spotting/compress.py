"""Wrong answers to the exercises of `keyword_spotting_compress`: the mistakes learners make."""

import numpy as np

from tests.course.wrong_answers import wrong_answer


@wrong_answer("affine_quantize", says="cut off instead of rounded")
def cuts_off(x, scale, zero_point):
    return np.clip(np.trunc(x / scale) + zero_point, -128, 127).astype(np.int8)


@wrong_answer("affine_quantize", says="zero point is not added")
def forgets_the_zero_point(x, scale, zero_point):
    return np.clip(np.round(x / scale), -128, 127).astype(np.int8)


@wrong_answer("affine_quantize", says="wrap around")
def wraps_around(x, scale, zero_point):
    return (np.round(x / scale) + zero_point).astype(np.int64).astype(np.int8)


@wrong_answer("affine_quantize", says="float64 where int8 is expected")
def stays_float(x, scale, zero_point):
    return np.clip(np.round(x.astype(float) / scale) + zero_point, -128, 127)


@wrong_answer("scale_and_zero_point", says="255 steps between them")
def counts_integers_not_steps(low, high):
    low, high = min(low, 0.0), max(high, 0.0)
    scale = (high - low) / 256
    return scale, int(round(-128 - low / scale))


@wrong_answer("scale_and_zero_point", says="int8 starts at -128")
def starts_at_zero(low, high):
    low, high = min(low, 0.0), max(high, 0.0)
    scale = (high - low) / 255
    return scale, int(round(-low / scale))


@wrong_answer("scale_and_zero_point", says="widen the range")
def forgets_to_widen(low, high):
    scale = (high - low) / 255
    return scale, int(round(-128 - low / scale))


@wrong_answer("scale_and_zero_point", says="return an int")
def leaves_a_fraction(low, high):
    low, high = min(low, 0.0), max(high, 0.0)
    scale = (high - low) / 255
    return scale, float(np.round(-128 - low / scale))


@wrong_answer("per_channel_scales", says="whole tensor")
def takes_one_for_all(weights):
    return np.abs(weights).max() / 127


@wrong_answer("per_channel_scales", says="most negative weight")
def forgets_the_magnitude(weights):
    return weights.reshape(-1, weights.shape[-1]).max(axis=0) / 127


@wrong_answer("per_channel_scales", says="not 128")
def divides_by_128(weights):
    return np.abs(weights).reshape(-1, weights.shape[-1]).max(axis=0) / 128


@wrong_answer("per_channel_scales", says="channel of zeros")
def lets_zero_through(weights):
    return np.abs(weights).reshape(-1, weights.shape[-1]).max(axis=0) / 127


@wrong_answer("sqnr_dB", says="20 * log10 is for amplitudes")
def uses_twenty(x, approximation):
    return 20 * np.log10(np.mean(x**2) / np.mean((x - approximation) ** 2))


@wrong_answer("sqnr_dB", says="turn it round")
def is_upside_down(x, approximation):
    return 10 * np.log10(np.mean((x - approximation) ** 2) / np.mean(x**2))


@wrong_answer("sqnr_dB", says="power of the error")
def compares_with_the_approximation(x, approximation):
    return 10 * np.log10(np.mean(x**2) / np.mean(approximation**2))


@wrong_answer("optimal_levels", says="the exponent is 2/3")
def shares_in_proportion(ranges, average_bits):
    return ranges / ranges.sum() * len(ranges) * 2.0**average_bits


@wrong_answer("optimal_levels", says="add up to all the levels")
def shares_too_little(ranges, average_bits):
    powers = ranges ** (2 / 3)
    return powers / powers.sum() * 2.0**average_bits


@wrong_answer("optimal_levels", says="you return bits")
def returns_bits(ranges, average_bits):
    powers = ranges ** (2 / 3)
    return np.log2(powers / powers.sum() * len(ranges) * 2.0**average_bits)


@wrong_answer("straight_through", says="nothing would ever be learned")
def is_honest(x, upstream, low, high):
    return np.zeros_like(upstream)


@wrong_answer("straight_through", says="beyond the range")
def passes_everywhere(x, upstream, low, high):
    return upstream


@wrong_answer("straight_through", says="not 1")
def forgets_the_upstream(x, upstream, low, high):
    return ((x >= low) & (x <= high)).astype(float)


@wrong_answer("straight_through", says="ends of the range belong to it")
def stops_at_the_ends(x, upstream, low, high):
    return upstream * ((x > low) & (x < high))
