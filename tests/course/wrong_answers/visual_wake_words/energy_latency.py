"""Wrong answers to the exercises of `visual_wake_words_energy`: the mistakes learners make."""

import numpy as np

from tests.course.wrong_answers import wrong_answer


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


@wrong_answer("leave_at", says="equal to the threshold is not below it")
def leaves_at_the_threshold_itself(entropies, threshold):
    sure = entropies <= threshold
    sure[:, -1] = True
    return sure.argmax(axis=1)


@wrong_answer("leave_at", says="leave at the first")
def leaves_at_the_last_sure_exit(entropies, threshold):
    places = np.where(entropies < threshold, np.arange(entropies.shape[1]), -1).max(axis=1)
    return np.where(places < 0, entropies.shape[1] - 1, places)


def _gaps(confidence, correct, bins):
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    filled = np.unique(bin_of)
    gaps = [
        confidence[bin_of == number].mean() - correct[bin_of == number].mean() for number in filled
    ]
    return np.array(gaps), np.array([(bin_of == number).mean() for number in filled])


@wrong_answer("calibration_error", says="weigh each bin by its examples")
def counts_every_bin_alike(confidence, correct, bins):
    return float(np.abs(_gaps(confidence, correct, bins)[0]).mean())


@wrong_answer("calibration_error", says="gaps above and below cancel")
def lets_gaps_cancel(confidence, correct, bins):
    gaps, shares = _gaps(confidence, correct, bins)
    return float(abs(gaps @ shares))


@wrong_answer("calibration_error", says="Leave empty bins out")
def averages_empty_bins(confidence, correct, bins):
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    total = 0.0
    for number in range(bins):
        inside = bin_of == number
        with np.errstate(invalid="ignore"):
            gap = abs(
                confidence[inside].sum() / inside.sum() - correct[inside].sum() / inside.sum()
            )
        total += gap * inside.mean()
    return float(total)


@wrong_answer("calibration_error", says="The last bin includes 1")
def drops_full_confidence(confidence, correct, bins):
    bin_of = (confidence * bins).astype(int)
    filled = [number for number in np.unique(bin_of) if number < bins]
    gaps = [
        abs(confidence[bin_of == number].mean() - correct[bin_of == number].mean())
        for number in filled
    ]
    return float(sum(gap * (bin_of == number).mean() for gap, number in zip(gaps, filled)))
