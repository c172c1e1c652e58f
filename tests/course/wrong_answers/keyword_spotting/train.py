"""Wrong answers to the exercises of `keyword_spotting_train`: the mistakes learners make."""

import numpy as np

from tests.course.wrong_answers import wrong_answer


@wrong_answer("frame_signal", says="runs over the end")
def pads_the_last_frame(waveform, frame_length, frame_step):
    count = len(waveform) // frame_step
    padded = np.pad(waveform, (0, frame_length))
    return np.stack([padded[k * frame_step : k * frame_step + frame_length] for k in range(count)])


@wrong_answer("frame_signal", says="frame_step samples later")
def frames_side_by_side(waveform, frame_length, frame_step):
    count = 1 + (len(waveform) - frame_length) // frame_step
    positions = np.arange(count)[:, None] * frame_length + np.arange(frame_length)
    return waveform[np.minimum(positions, len(waveform) - 1)]


@wrong_answer("frame_signal", says="make (49, 480)")
def forgets_the_first_frame(waveform, frame_length, frame_step):
    count = (len(waveform) - frame_length) // frame_step
    positions = np.arange(count)[:, None] * frame_step + np.arange(frame_length)
    return waveform[positions]


@wrong_answer("mel_from_hz", says="with the natural one it is 1127")
def mixes_the_logarithms(frequency_Hz):
    return 2595 * np.log(1 + np.asarray(frequency_Hz) / 700)


@wrong_answer("mel_from_hz", says="with base 10 it is 2595")
def mixes_them_the_other_way(frequency_Hz):
    return 1127 * np.log10(1 + np.asarray(frequency_Hz) / 700)


@wrong_answer("mel_from_hz", says="add 1 inside the logarithm")
def forgets_the_one(frequency_Hz):
    return 2595 * np.log10(np.maximum(np.asarray(frequency_Hz), 1e-3) / 700)


@wrong_answer("separable_macs", says="ordinary convolution")
def counts_an_ordinary_one(rows, columns, kernel, inputs, outputs):
    return rows * columns * kernel**2 * inputs * outputs


@wrong_answer("separable_macs", says="pointwise part is missing")
def counts_depthwise_only(rows, columns, kernel, inputs, outputs):
    return rows * columns * kernel**2 * inputs


@wrong_answer("separable_macs", says="multiply by rows * columns")
def counts_one_position(rows, columns, kernel, inputs, outputs):
    return kernel**2 * inputs + inputs * outputs


@wrong_answer("class_recall", says="that is the precision")
def gives_precision(confusion):
    return np.diag(confusion) / np.maximum(confusion.sum(axis=0), 1)


@wrong_answer("class_recall", says="not by all examples")
def divides_by_everything(confusion):
    return np.diag(confusion) / confusion.sum()


@wrong_answer("class_recall", says="divides by zero")
def divides_by_zero(confusion):
    return np.diag(confusion) / confusion.sum(axis=1)


@wrong_answer("smooth_scores", says="looks into the future")
def centres_the_window(scores, window):
    half = window // 2
    rows = range(len(scores))
    return np.array([scores[max(0, t - half) : t + half + 1].mean(axis=0) for t in rows])


@wrong_answer("smooth_scores", says="a mean, not a sum")
def sums_up(scores, window):
    return np.array(
        [scores[max(0, t - window + 1) : t + 1].sum(axis=0) for t in range(len(scores))]
    )


@wrong_answer("smooth_scores", says="not by the whole window")
def divides_by_the_window(scores, window):
    return np.array(
        [scores[max(0, t - window + 1) : t + 1].sum(axis=0) / window for t in range(len(scores))]
    )
