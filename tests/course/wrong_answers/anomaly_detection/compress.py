"""Wrong answers to the exercises of `anomaly_detection_compress`: the mistakes learners make."""

import numpy as np

from tests.course.wrong_answers import wrong_answer


@wrong_answer("folded_layer", says="own bias was dropped")
def drops_the_bias(weights, bias, gamma, beta, mean, variance, epsilon):
    scale = gamma / np.sqrt(variance + epsilon)
    return weights * scale, beta - mean * scale


@wrong_answer("folded_layer", says="own bias must be scaled")
def leaves_the_bias_as_it_is(weights, bias, gamma, beta, mean, variance, epsilon):
    scale = gamma / np.sqrt(variance + epsilon)
    return weights * scale, bias + beta - mean * scale


@wrong_answer("folded_layer", says="not by the variance")
def forgets_the_root(weights, bias, gamma, beta, mean, variance, epsilon):
    scale = gamma / (variance + epsilon)
    return weights * scale, (bias - mean) * scale + beta


@wrong_answer("folded_layer", says="epsilon is missing")
def forgets_epsilon(weights, bias, gamma, beta, mean, variance, epsilon):
    scale = gamma / np.sqrt(variance)
    return weights * scale, (bias - mean) * scale + beta


@wrong_answer("fixed_point", says="below 2**30")
def takes_the_number_as_it_is(multiplier):
    return int(round(multiplier * 2**23)), 8


@wrong_answer("fixed_point", says="wrong sign")
def shifts_the_wrong_way(multiplier):
    fraction, exponent = np.frexp(multiplier)
    return int(round(float(fraction) * 2**31)), -int(exponent)


@wrong_answer("fixed_point", says="one too many for int32")
def forgets_the_carry(multiplier):
    fraction, exponent = np.frexp(multiplier)
    return int(round(float(fraction) * 2**31)), int(exponent)


@wrong_answer("fixed_point", says="needs an int")
def stays_a_float(multiplier):
    fraction, exponent = np.frexp(multiplier)
    return float(fraction) * 2**31, int(exponent)


@wrong_answer("int8_dense", says="an int8 product overflows")
def multiplies_int8(x, x_zero_point, weights, bias, multipliers, y_zero_point):
    sums = ((x - np.int8(x_zero_point)) @ weights).astype(np.int64) + bias
    return np.clip(np.round(sums * multipliers) + y_zero_point, -128, 127).astype(np.int8)


@wrong_answer("int8_dense", says="zero point must be subtracted")
def forgets_the_inputs_zero_point(x, x_zero_point, weights, bias, multipliers, y_zero_point):
    sums = x.astype(np.int32) @ weights.astype(np.int32) + bias
    return np.clip(np.round(sums * multipliers) + y_zero_point, -128, 127).astype(np.int8)


@wrong_answer("int8_dense", says="multiplier of its own")
def takes_one_multiplier(x, x_zero_point, weights, bias, multipliers, y_zero_point):
    sums = (x.astype(np.int32) - x_zero_point) @ weights.astype(np.int32) + bias
    return np.clip(np.round(sums * multipliers[0]) + y_zero_point, -128, 127).astype(np.int8)


@wrong_answer("int8_dense", says="clip before the cast")
def wraps_around(x, x_zero_point, weights, bias, multipliers, y_zero_point):
    sums = (x.astype(np.int32) - x_zero_point) @ weights.astype(np.int32) + bias
    return (np.round(sums * multipliers) + y_zero_point).astype(np.int64).astype(np.int8)


@wrong_answer("integer_score", says="wraps around in int8")
def subtracts_int8(x, y, scale):
    return float(np.mean((x - y).astype(np.int64) ** 2) * scale**2)


@wrong_answer("integer_score", says="use int32")
def squares_in_int16(x, y, scale):
    difference = x.astype(np.int16) - y.astype(np.int16)
    return float(np.mean(difference * difference) * scale**2)


@wrong_answer("integer_score", says="scale**2")
def scales_once(x, y, scale):
    return float(np.mean((x.astype(np.int32) - y) ** 2) * scale)


@wrong_answer("integer_score", says="take the mean")
def adds_up(x, y, scale):
    return float(np.sum((x.astype(np.int32) - y) ** 2) * scale**2)


@wrong_answer("place_buffers", says="every buffer has bytes of its own")
def stacks_them_all(buffers):
    offsets, top = [], 0
    for size, _, _ in buffers:
        offsets.append(top)
        top += size
    return offsets


@wrong_answer("place_buffers", says="alive at the same time")
def puts_all_at_zero(buffers):
    return [0 for _ in buffers]


@wrong_answer("place_buffers", says="alive at the same time")
def lets_the_ends_touch(buffers):
    """Takes an operator's input and output for one after the other."""
    offsets = []
    for i, (size, first, last) in enumerate(buffers):
        taken = [
            (offsets[j], offsets[j] + buffers[j][0])
            for j in range(i)
            if first < buffers[j][2] and buffers[j][1] < last
        ]
        offsets.append(max([end for _, end in taken], default=0))
    return offsets


@wrong_answer("place_buffers", says="return one offset for each buffer")
def returns_the_total(buffers):
    return max(size for size, _, _ in buffers) if buffers else []


@wrong_answer("place_buffers", says="fill a gap exactly")
def wants_a_gap_that_is_larger(buffers):
    offsets, placed = [0] * len(buffers), []
    for i in sorted(range(len(buffers)), key=lambda i: -buffers[i][0]):
        size, first, last = buffers[i]
        meets = [j for j in placed if buffers[j][1] <= last and first <= buffers[j][2]]
        for j in sorted(meets, key=lambda j: offsets[j]):
            if offsets[i] + size < offsets[j]:
                break
            offsets[i] = max(offsets[i], offsets[j] + buffers[j][0])
        placed.append(i)
    return offsets


def _tanh_steps(x_scale, x_zero_point, y_scale):
    return np.tanh(x_scale * (np.arange(-128, 128) - x_zero_point)) / y_scale


@wrong_answer("tanh_table", says="before the scale")
def bends_at_the_wrong_zero(x_scale, x_zero_point, y_scale, y_zero_point):
    steps = np.round(_tanh_steps(x_scale, 0, y_scale)) + y_zero_point
    return np.clip(steps, -128, 127).astype(np.int8)


@wrong_answer("tanh_table", says="zero point after rounding")
def forgets_the_outputs_zero_point(x_scale, x_zero_point, y_scale, y_zero_point):
    return np.clip(np.round(_tanh_steps(x_scale, x_zero_point, y_scale)), -128, 127).astype(np.int8)


@wrong_answer("tanh_table", says="first entry answers the stored value -128")
def begins_at_zero(x_scale, x_zero_point, y_scale, y_zero_point):
    steps = np.round(_tanh_steps(x_scale, x_zero_point, y_scale)) + y_zero_point
    return np.roll(np.clip(steps, -128, 127).astype(np.int8), 128)


@wrong_answer("tanh_table", says="cuts the fraction off")
def casts_without_rounding(x_scale, x_zero_point, y_scale, y_zero_point):
    steps = _tanh_steps(x_scale, x_zero_point, y_scale).astype(np.int64) + y_zero_point
    return np.clip(steps, -128, 127).astype(np.int8)


@wrong_answer("tanh_table", says="clip before the cast")
def wraps_the_table(x_scale, x_zero_point, y_scale, y_zero_point):
    steps = np.round(_tanh_steps(x_scale, x_zero_point, y_scale)) + y_zero_point
    return steps.astype(np.int64).astype(np.int8)


@wrong_answer("tanh_table", says="of the real number")
def bends_the_stored_number(x_scale, x_zero_point, y_scale, y_zero_point):
    stored = np.arange(-128, 128) - x_zero_point
    steps = np.round(np.tanh(stored) * x_scale / y_scale) + y_zero_point
    return np.clip(steps, -128, 127).astype(np.int8)
