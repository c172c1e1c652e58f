"""Wrong answers to the exercises of `04_codesign/4_heartbeat`: the mistakes learners make."""

import numpy as np

from tests.course.wrong_answers import wrong_answer


@wrong_answer("split_by_patient", says="draw patients, not beats")
def draws_beats(patients, share, seed):
    return np.random.default_rng(seed).random(len(patients)) < share


@wrong_answer("split_by_patient", says="draw patients, not beats")
def cuts_the_list_of_beats(patients, share, seed):
    return np.arange(len(patients)) >= (1 - share) * len(patients)


@wrong_answer("split_by_patient", says="draw at random, by the seed")
def always_takes_the_first(patients, share, seed):
    names = np.unique(patients)
    return np.isin(patients, names[: round(share * len(names))])


@wrong_answer("split_by_patient", says="20 patients are")
def takes_patients_until_the_beats_are_enough(patients, share, seed):
    names = np.random.default_rng(seed).permutation(np.unique(patients))
    counts = np.array([np.sum(patients == name) for name in names])
    enough = np.searchsorted(np.cumsum(counts), share * len(patients)) + 1
    return np.isin(patients, names[:enough])


def _ratios(times_s, mean_of):
    rr = np.diff(times_s)
    features = np.ones((len(times_s), 2))
    for k in range(1, len(rr)):
        features[k + 1] = rr[k] / rr[k - 1], rr[k] / mean_of(rr, k)
    return features


@wrong_answer("interval_ratios", says="has not come yet")
def uses_the_next_beat(times_s):
    rr = np.diff(times_s)
    features = _ratios(times_s, lambda rr, k: rr[max(0, k - 8) : k].mean())
    features[:, 0] = 1
    features[1:-1, 0] = rr[1:] / rr[:-1]
    return features


@wrong_answer("interval_ratios", says="has the interval itself in it")
def averages_over_itself(times_s):
    return _ratios(times_s, lambda rr, k: rr[max(0, k - 7) : k + 1].mean())


@wrong_answer("interval_ratios", says="most of it lies in the future")
def averages_over_the_recording(times_s):
    return _ratios(times_s, lambda rr, k: rr.mean())


@wrong_answer("interval_ratios", says="upside down")
def divides_the_wrong_way(times_s):
    features = _ratios(times_s, lambda rr, k: rr[max(0, k - 8) : k].mean())
    return 1 / features


@wrong_answer("macro_f1", says="outvote")
def takes_the_accuracy(labels, answers):
    return float(np.mean(labels == answers))


def _parts(labels, answers, k):
    right = np.sum((labels == k) & (answers == k))
    return right / max(np.sum(answers == k), 1), right / max(np.sum(labels == k), 1)


@wrong_answer("macro_f1", says="false alarms must lose")
def takes_the_mean_recall(labels, answers):
    return float(np.mean([_parts(labels, answers, k)[1] for k in range(3)]))


@wrong_answer("macro_f1", says="F1 of each class first")
def averages_too_early(labels, answers):
    precision, recall = np.mean([_parts(labels, answers, k) for k in range(3)], axis=0)
    return float(2 * precision * recall / (precision + recall))


@wrong_answer("macro_f1", says="you counted it as 0")
def counts_classes_that_are_not_there(labels, answers):
    parts = [_parts(labels, answers, k) for k in range(3)]
    return float(np.mean([2 * p * r / (p + r) if p + r else 0.0 for p, r in parts]))


@wrong_answer("macro_f1", says="not finite")
def divides_by_nothing(labels, answers):
    parts = np.array([_parts(labels, answers, k) for k in np.unique([*labels, *answers])])
    return float(np.mean(2 * parts[:, 0] * parts[:, 1] / parts.sum(axis=1)))


@wrong_answer("tempered_weights", says="over the beats it must be")
def averages_over_classes(labels, power):
    weights = np.bincount(labels) ** -float(power)
    return weights / weights.mean()


@wrong_answer("tempered_weights", says="other way round")
def weighs_frequent_classes_more(labels, power):
    counts = np.bincount(labels)
    weights = counts ** float(power)
    return weights * counts.sum() / (weights * counts).sum()


@wrong_answer("tempered_weights", says="the power is missing")
def leaves_the_power_out(labels, power):
    counts = np.bincount(labels)
    weights = 1 / counts if power else np.ones(len(counts))
    return weights * counts.sum() / (weights * counts).sum()


@wrong_answer("threshold_for_recall", says="a quantile lies between two beats")
def interpolates(scores, positive, recall):
    return float(np.quantile(scores[positive], 1 - recall))


@wrong_answer("threshold_for_recall", says="not")
def finds_one_too_few(scores, positive, recall):
    own = np.sort(scores[positive])[::-1]
    return float(own[max(int(np.floor(recall * len(own))) - 1, 0)])


@wrong_answer("threshold_for_recall", says="costs false alarms")
def takes_the_lowest(scores, positive, recall):
    return float(scores[positive].min())


@wrong_answer("threshold_for_recall", says="not")
def counts_among_all_beats(scores, positive, recall):
    own = np.sort(scores)[::-1]
    return float(own[int(np.ceil(recall * positive.sum())) - 1])
