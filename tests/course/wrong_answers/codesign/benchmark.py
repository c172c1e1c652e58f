"""Wrong answers to the exercises of `04_codesign/2_benchmark`: the mistakes learners make."""

import math

import numpy as np

from tests.course.wrong_answers import wrong_answer

Z = 1.959963984540054


@wrong_answer("wilson_bounds", says="moved towards one half")
def takes_the_textbooks_plus_minus(right, examples):
    share = right / examples
    half = Z * math.sqrt(share * (1 - share) / examples)
    return share - half, share + half


@wrong_answer("wilson_bounds", says="not percent")
def answers_in_percent(right, examples):
    low, high = _wilson(right, examples)
    return 100 * low, 100 * high


@wrong_answer("wilson_bounds", says="divide by 1 + z")
def forgets_the_divisor(right, examples):
    low, high = _wilson(right, examples)
    return low * (1 + Z * Z / examples), high * (1 + Z * Z / examples)


def _wilson(right, examples):
    share, spread = right / examples, Z * Z / examples
    half = math.sqrt(share * (1 - share) * spread + spread**2 / 4)
    return (share + spread / 2 - half) / (1 + spread), (share + spread / 2 + half) / (1 + spread)


@wrong_answer("labelled_files", says="only labelled files count")
def looks_into_the_folder(text, present):
    classes = {row.split(",")[0]: int(row.split(",")[2]) for row in text.split()}
    return [(name, classes.get(name, 0)) for name in present]


@wrong_answer("labelled_files", says="has no header")
def skips_a_header(text, present):
    rows = [row.split(",") for row in text.split()][1:]
    return _checked(rows, present)


@wrong_answer("labelled_files", says="the class is the third")
def takes_the_number_of_classes(text, present):
    rows = [row.split(",") for row in text.split()]
    return [(row[0], int(row[1])) for row in rows]


@wrong_answer("labelled_files", says="read the third field, not the last")
def takes_the_last_field(text, present):
    rows = [row.split(",") for row in text.split()]
    _checked(rows, present)
    return [(row[0], int(row[-1])) for row in rows]


@wrong_answer("labelled_files", says="nothing was said")
def passes_over_what_is_missing(text, present):
    rows = [row.split(",") for row in text.split()]
    return [(row[0], int(row[2])) for row in rows if row[0] in present]


def _checked(rows, present):
    for row in rows:
        if row[0] not in present:
            raise FileNotFoundError(row[0])
    return [(row[0], int(row[2])) for row in rows]


@wrong_answer("recording_score", says="the benchmark averages")
def takes_the_median_window(spectrogram, outputs):
    return float(np.median(_errors(spectrogram, outputs)))


@wrong_answer("recording_score", says="mean, not sum")
def sums_a_window(spectrogram, outputs):
    return float(_errors(spectrogram, outputs).mean() * outputs.shape[1])


@wrong_answer("recording_score", says="the root of the score")
def takes_the_root(spectrogram, outputs):
    return float(np.sqrt(_errors(spectrogram, outputs).mean()))


@wrong_answer("recording_score", says="five whole frames")
def lays_windows_by_filter(spectrogram, outputs):
    windows = [spectrogram[i : i + 5].T.ravel() for i in range(len(outputs))]
    return float(((np.stack(windows) - outputs) ** 2).mean())


def _errors(spectrogram, outputs):
    windows = np.stack([spectrogram[i : i + 5].ravel() for i in range(len(outputs))])
    return ((windows - outputs) ** 2).mean(axis=1)


@wrong_answer("auc_with_ties", says="not none")
def gives_ties_nothing(labels, scores):
    return float((scores[labels == 1][:, None] > scores[labels == 0]).mean())


@wrong_answer("auc_with_ties", says="not a whole one")
def gives_ties_a_win(labels, scores):
    return float((scores[labels == 1][:, None] >= scores[labels == 0]).mean())


@wrong_answer("auc_with_ties", says="needs no threshold")
def cuts_at_one_half(labels, scores):
    return float(((scores > 0.5) == labels).mean())


@wrong_answer("auc_with_ties", says="higher, not lower")
def turns_the_order_round(labels, scores):
    gaps = scores[labels == 0][:, None] - scores[labels == 1]
    return float(((gaps > 0) + 0.5 * (gaps == 0)).mean())


@wrong_answer("median_throughput", says="that is the mean")
def takes_the_mean(windows):
    _by_the_rules(windows)
    return float(np.mean([count / seconds for count, seconds in windows]))


@wrong_answer("median_throughput", says="turn it round")
def answers_seconds(windows):
    _by_the_rules(windows)
    return float(np.median([seconds / count for count, seconds in windows]))


@wrong_answer("median_throughput", says="none may go")
def drops_short_windows(windows):
    if len(windows) != 5:
        raise ValueError("five windows")
    return float(np.median([count / seconds for count, seconds in windows if seconds >= 10]))


@wrong_answer("median_throughput", says="not four")
def takes_any_number_of_windows(windows):
    if min(seconds for _, seconds in windows) < 10:
        raise ValueError("ten seconds")
    return float(np.median([count / seconds for count, seconds in windows]))


def _by_the_rules(windows):
    if len(windows) != 5 or min(seconds for _, seconds in windows) < 10:
        raise ValueError("five windows of ten seconds")


@wrong_answer("only_rounded", says="half a step")
def allows_a_whole_step(weights, reference, step):
    return bool(np.all(np.abs(weights - reference) <= step))


@wrong_answer("only_rounded", says="thrown away")
def looks_at_the_mean(weights, reference, step):
    return bool(np.mean(np.abs(weights - reference)) <= step / 2)


@wrong_answer("only_rounded", says="that is allowed")
def allows_no_difference(weights, reference, step):
    return bool(np.array_equal(weights, reference))
