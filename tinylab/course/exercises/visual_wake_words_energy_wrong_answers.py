"""Wrong answers to the exercises of `visual_wake_words_energy`: the mistakes learners make."""

import numpy as np

from tinylab.course.exercise import wrong_answer


@wrong_answer("prediction_entropy", says="that is in nats")
def measures_in_nats(probabilities):
    p = np.where(probabilities > 0, probabilities, 1.0)
    return -(p * np.log(p)).sum(axis=1)


@wrong_answer("prediction_entropy", says="0 * log(0) counts as 0")
def stumbles_over_zero(probabilities):
    with np.errstate(divide="ignore", invalid="ignore"):
        return -(probabilities * np.log2(probabilities)).sum(axis=1)


@wrong_answer("prediction_entropy", says="the sign is missing")
def forgets_the_sign(probabilities):
    p = np.where(probabilities > 0, probabilities, 1.0)
    return (p * np.log2(p)).sum(axis=1)


@wrong_answer("prediction_entropy", says="likeliest class alone")
def looks_at_the_likeliest_only(probabilities):
    return -np.log2(probabilities.max(axis=1))


@wrong_answer("leave_at", says="argmax of only False is 0")
def forgets_the_last_exit(entropies, threshold):
    return (entropies < threshold).argmax(axis=1)


@wrong_answer("leave_at", says="that is the surest exit")
def waits_for_the_surest(entropies, threshold):
    return entropies.argmin(axis=1)


@wrong_answer("leave_at", says="low entropy is sure")
def leaves_when_unsure(entropies, threshold):
    unsure = entropies > threshold
    unsure[:, -1] = True
    return unsure.argmax(axis=1)


@wrong_answer("leave_at", says="leave at the first")
def leaves_at_the_last_sure_exit(entropies, threshold):
    places = np.where(entropies < threshold, np.arange(entropies.shape[1]), -1).max(axis=1)
    return np.where(places < 0, entropies.shape[1] - 1, places)


def _gaps(confidence, correct, bins):
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    filled = np.unique(place)
    gaps = [confidence[place == one].mean() - correct[place == one].mean() for one in filled]
    return np.array(gaps), np.array([(place == one).mean() for one in filled])


@wrong_answer("calibration_error", says="weigh each bin by its examples")
def counts_every_bin_alike(confidence, correct, bins):
    return float(np.abs(_gaps(confidence, correct, bins)[0]).mean())


@wrong_answer("calibration_error", says="gaps above and below cancel")
def lets_gaps_cancel(confidence, correct, bins):
    gaps, shares = _gaps(confidence, correct, bins)
    return float(abs(gaps @ shares))


@wrong_answer("calibration_error", says="Leave empty bins out")
def averages_empty_bins(confidence, correct, bins):
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    total = 0.0
    for one in range(bins):
        inside = place == one
        with np.errstate(invalid="ignore"):
            gap = abs(confidence[inside].sum() / inside.sum() - correct[inside].sum() / inside.sum())
        total += gap * inside.mean()
    return float(total)


@wrong_answer("calibration_error", says="The last bin includes 1")
def drops_full_confidence(confidence, correct, bins):
    place = (confidence * bins).astype(int)
    filled = [one for one in np.unique(place) if one < bins]
    gaps = [abs(confidence[place == one].mean() - correct[place == one].mean()) for one in filled]
    return float(sum(gap * (place == one).mean() for gap, one in zip(gaps, filled)))


def _costs(device_ms, bytes_across, server_ms, kbit_per_s):
    here = np.concatenate(([0.0], np.cumsum(device_ms)))
    there = np.sum(server_ms) - np.concatenate(([0.0], np.cumsum(server_ms)))
    return here, 8 * np.asarray(bytes_across) / kbit_per_s, there


def _lowest(total):
    return int(np.argmin(total)), float(np.min(total))


@wrong_answer("best_split", says="a byte has 8 bits")
def takes_bytes_for_bits(device_ms, bytes_across, server_ms, kbit_per_s):
    here, link, there = _costs(device_ms, bytes_across, server_ms, kbit_per_s)
    return _lowest(here + link / 8 + there)


@wrong_answer("best_split", says="the server has to compute, too")
def forgets_the_server(device_ms, bytes_across, server_ms, kbit_per_s):
    here, link, _ = _costs(device_ms, bytes_across, server_ms, kbit_per_s)
    return _lowest(here + link)


@wrong_answer("best_split", says="nothing to divide by 1000")
def answers_in_kilo_milliseconds(device_ms, bytes_across, server_ms, kbit_per_s):
    here, link, there = _costs(device_ms, bytes_across, server_ms, kbit_per_s)
    return _lowest(here + link / 1000 + there)


@wrong_answer("best_split", says="yours is one off")
def shifts_the_cut(device_ms, bytes_across, server_ms, kbit_per_s):
    here, link, there = _costs(device_ms, bytes_across, server_ms, kbit_per_s)
    return _lowest(here[1:] + link[:-1] + there[1:])


@wrong_answer("fastest_cut", says="not their sum")
def adds_up_the_stages(first_ms, link_ms, second_ms):
    total = first_ms + link_ms + second_ms
    return int(total.argmin()), float(total.min()), float(total.min())


@wrong_answer("fastest_cut", says="the link is a stage as well")
def forgets_the_link(first_ms, link_ms, second_ms):
    period = np.maximum(first_ms, second_ms)
    cut = int(period.argmin())
    return cut, float(period[cut]), float((first_ms + link_ms + second_ms)[cut])


@wrong_answer("fastest_cut", says="not the slowest alone")
def answers_at_once(first_ms, link_ms, second_ms):
    period = np.maximum(np.maximum(first_ms, link_ms), second_ms)
    cut = int(period.argmin())
    return cut, float(period[cut]), float(period[cut])


@wrong_answer("input_rows", says="the halo is missing")
def forgets_the_halo(first, last, kernel, stride, pad_before, height):
    return max(first * stride, 0), min(last * stride, height)


@wrong_answer("input_rows", says="the second number is not included")
def counts_one_row_too_many(first, last, kernel, stride, pad_before, height):
    return max(first * stride - pad_before, 0), min(last * stride - pad_before + kernel, height)


@wrong_answer("input_rows", says="there is no row -1")
def reads_outside(first, last, kernel, stride, pad_before, height):
    return first * stride - pad_before, (last - 1) * stride - pad_before + kernel


@wrong_answer("input_rows", says="input row 2 r")
def forgets_the_stride(first, last, kernel, stride, pad_before, height):
    return max(first - pad_before, 0), min(last - 1 - pad_before + kernel, height)
