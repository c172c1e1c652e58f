"""Streaming detection: worked examples and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tinylab.scoring.intervals import poisson_interval
from tinylab.scoring.listening import (
    Detections,
    SoundStream,
    detect,
    lay_words,
    score,
    smooth,
    threshold_curve,
    window_ends_s,
)

KEYWORDS = (0, 1)  # class 2 is everything else


def stream_of(*events, duration_s=100.0):
    labels, starts = zip(*events, strict=True) if events else ((), ())
    starts = np.array(starts, dtype=np.float64)
    return SoundStream(
        waveform=np.zeros(int(duration_s * 16000), np.int16),
        labels=np.array(labels, dtype=np.int64),
        start_s=starts,
        end_s=starts + 1.0,
    )


def fired(*pairs):
    times, labels = zip(*pairs, strict=True) if pairs else ((), ())
    return Detections(np.array(times, float), np.array(labels, np.int64), np.ones(len(times)))


def test_smooth_is_a_causal_moving_average():
    posteriors = np.array([[0, 1], [1, 0], [1, 0], [0, 1]], float)
    np.testing.assert_allclose(smooth(posteriors, 2)[:, 0], [0, 0.5, 1, 0.5])
    np.testing.assert_allclose(smooth(posteriors, 100)[:, 0], [0, 0.5, 2 / 3, 0.5])
    np.testing.assert_array_equal(smooth(posteriors, 1), posteriors)


@given(
    hnp.arrays(np.float64, (20, 3), elements=st.floats(0, 1)),
    st.integers(1, 25),
)
def test_smooth_equals_its_definition(posteriors, windows):
    rows = range(len(posteriors))
    expected = [posteriors[max(0, i - windows + 1) : i + 1].mean(axis=0) for i in rows]
    np.testing.assert_allclose(smooth(posteriors, windows), expected, atol=1e-9)


def test_detect_keeps_quiet_after_firing():
    posteriors = np.array([[0.9, 0.1, 0]] * 5 + [[0.1, 0.8, 0.1]] * 5 + [[0, 0, 1.0]] * 5)
    times_s = window_ends_s(15)
    detections = detect(posteriors, times_s, threshold=0.7, keywords=KEYWORDS, refractory_s=0.45)
    np.testing.assert_allclose(detections.times_s, [1.0, 1.5])
    np.testing.assert_array_equal(detections.labels, [0, 1])
    np.testing.assert_allclose(detections.confidences, [0.9, 0.8])
    assert len(detect(posteriors, times_s, threshold=0.95, keywords=KEYWORDS)) == 0


@given(
    hnp.arrays(np.float64, (60, 3), elements=st.floats(0, 1)),
    st.floats(0, 1),
    st.floats(0, 3),
)
def test_detections_respect_threshold_and_refractory_time(posteriors, threshold, refractory_s):
    detections = detect(
        posteriors,
        window_ends_s(60),
        threshold=threshold,
        keywords=KEYWORDS,
        refractory_s=refractory_s,
    )
    assert (detections.confidences >= threshold).all()
    assert (np.diff(detections.times_s) >= refractory_s - 1e-9).all()
    assert set(detections.labels) <= set(KEYWORDS)


def test_score_counts_misses_and_every_kind_of_false_accept():
    stream = stream_of((0, 10.0), (1, 20.0), (2, 30.0), (0, 40.0), duration_s=1800)
    detections = fired((10.9, 0), (11.2, 0), (20.8, 0), (30.5, 1), (41.4, 0), (70.0, 1))
    result = score(detections, stream, keywords=KEYWORDS)
    assert (result.keywords, result.hits, result.misses) == (3, 2, 1)
    np.testing.assert_array_equal(result.hit, [True, False, True])
    assert result.false_accepts == 4  # the repeat, the wrong word, the distractor, the noise
    assert result.false_accepts_per_hour == pytest.approx(8)
    assert result.false_accepts_interval == poisson_interval(4, 0.5)
    assert result.miss_rate == pytest.approx(1 / 3)


def test_score_without_keywords_has_no_miss_rate():
    result = score(fired((5.0, 0)), stream_of((2, 4.5)), keywords=KEYWORDS)
    assert np.isnan(result.miss_rate)
    assert result.false_accepts == 1


def test_detections_too_late_or_too_early_do_not_count():
    stream = stream_of((0, 10.0))
    assert score(fired((11.5, 0)), stream, keywords=KEYWORDS).hits == 1
    assert score(fired((10.0, 0)), stream, keywords=KEYWORDS).hits == 1
    assert score(fired((11.6, 0)), stream, keywords=KEYWORDS).hits == 0
    assert score(fired((9.9, 0)), stream, keywords=KEYWORDS).hits == 0


def test_threshold_curve_trades_misses_for_false_accepts():
    rng = np.random.default_rng(0)
    events = [(int(rng.integers(3)), 5.0 * k + 2) for k in range(60)]
    stream = stream_of(*events, duration_s=310)
    times_s = window_ends_s(3090)
    posteriors = rng.dirichlet([0.5, 0.5, 10.0], len(times_s))
    for label, start in events:
        heard = (times_s >= start + 0.8) & (times_s < start + 1.2)
        posteriors[heard] = 0.3 * posteriors[heard] + 0.7 * np.eye(3)[label]
    curve = threshold_curve(posteriors, times_s, stream, keywords=KEYWORDS)
    assert curve.miss_rate[-1] == 1 and curve.false_accepts_per_hour[-1] == 0
    assert curve.false_accepts_per_hour[0] > 100
    chosen = curve.threshold_for(20.0)
    at = np.flatnonzero(curve.thresholds == chosen)[0]
    assert curve.false_accepts_per_hour[at] <= 20 and curve.miss_rate[at] < 0.3
    with pytest.raises(ValueError, match="no threshold reaches"):
        curve.threshold_for(-1)


def test_words_are_laid_where_the_stream_says():
    clips = np.full((4, 16000), 1000, np.int16)
    stream = lay_words(clips, [0, 1, 2, 0], np.full(5000, 7, np.int16), seed=3, mean_gap_s=1.5)
    assert stream.duration_s == len(stream.waveform) / 16000
    assert (stream.start_s[1:] >= stream.end_s[:-1]).all()
    inside = np.zeros(len(stream.waveform), bool)
    for start, end in zip(stream.start_s, stream.end_s, strict=True):
        inside[round(start * 16000) : round(end * 16000)] = True
    np.testing.assert_array_equal(stream.waveform, np.where(inside, 1007, 7))
    again = lay_words(clips, [0, 1, 2, 0], np.full(5000, 7, np.int16), seed=3, mean_gap_s=1.5)
    np.testing.assert_array_equal(stream.waveform, again.waveform)


def test_loud_streams_saturate_instead_of_wrapping_around():
    clips = np.full((1, 16000), 32000, np.int16)
    stream = lay_words(clips, [0], np.full(100, 2000, np.int16), seed=0)
    assert stream.waveform.max() == 32767


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="windows >= 1"):
        smooth(np.zeros((3, 2)), 0)
    with pytest.raises(ValueError, match="one time for each row"):
        detect(np.zeros((3, 2)), [0.0], threshold=0.5, keywords=(0,))
    with pytest.raises(ValueError, match="one label for each"):
        lay_words(np.zeros((2, 100), np.int16), [0], np.zeros(10, np.int16), seed=0)
