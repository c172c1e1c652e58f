"""From a classifier of one-second windows to a detector that listens all day, in numpy.

A model answers "which word is in this second?" ten times a second. A product needs decisions:
smooth the answers, fire above a threshold, then keep quiet for a moment. It is judged not by
accuracy but by two figures that trade off against each other: the share of spoken keywords that it
misses, and how often an hour it fires when it should not.

Sources: Chen, Parada and Heigold, "Small-footprint keyword spotting using deep neural networks"
(2014) for posterior smoothing; Sainath and Parada, "Convolutional neural networks for
small-footprint keyword spotting" (2015) for false alarms per hour; Warden, "Speech Commands"
(2018) for the suppression time after a detection.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.scoring.intervals import Interval, poisson_interval

__all__ = [
    "Detections",
    "SoundStream",
    "StreamScore",
    "ThresholdCurve",
    "detect",
    "lay_words",
    "score",
    "smooth",
    "threshold_curve",
    "window_ends_s",
]


@dataclass(frozen=True)
class SoundStream:
    """A long recording and what is said in it.

    Attributes
    ----------
    waveform : int16 array (samples,)
    labels : int64 array (words,)
        Class index of each word.
    start_s, end_s : float64 array (words,)
        Where its clip begins and ends.
    sample_rate_Hz : int
    """

    waveform: np.ndarray
    labels: np.ndarray
    start_s: np.ndarray
    end_s: np.ndarray
    sample_rate_Hz: int = 16000

    @property
    def duration_s(self) -> float:
        """Length of the recording in seconds."""
        return len(self.waveform) / self.sample_rate_Hz


@dataclass(frozen=True)
class Detections:
    """Moments at which the detector fired.

    Attributes
    ----------
    times_s : float64 array (detections,)
    labels : int64 array (detections,)
    confidences : float64 array (detections,)
        Smoothed posterior at that moment.
    """

    times_s: np.ndarray
    labels: np.ndarray
    confidences: np.ndarray

    def __len__(self) -> int:
        return len(self.times_s)


@dataclass(frozen=True)
class StreamScore:
    """Detections compared with what was said.

    Attributes
    ----------
    keywords : int
        Keywords spoken in the stream.
    hits, misses : int
        Keywords that were detected, and that were not.
    false_accepts : int
        Detections of something that was not said, or that was already detected.
    hours : float
        Length of the stream.
    hit : bool array (keywords,)
        Which ones were detected.
    false_accept : bool array (detections,)
        Which detections nothing explains.
    """

    keywords: int
    hits: int
    misses: int
    false_accepts: int
    hours: float
    hit: np.ndarray
    false_accept: np.ndarray

    @property
    def miss_rate(self) -> float:
        """Missed share of the spoken keywords, 0 to 1; nan if none was spoken."""
        return self.misses / self.keywords if self.keywords else float("nan")

    @property
    def false_accepts_per_hour(self) -> float:
        """False accepts divided by the length of the stream."""
        return self.false_accepts / self.hours

    @property
    def false_accepts_interval(self) -> Interval:
        """False accepts an hour with their 95 % interval: a short stream cannot show a low rate."""
        return poisson_interval(self.false_accepts, self.hours)


@dataclass(frozen=True)
class ThresholdCurve:
    """One detector at many thresholds; all arrays have shape (thresholds,)."""

    thresholds: np.ndarray
    miss_rate: np.ndarray
    false_accepts_per_hour: np.ndarray

    def threshold_for(self, false_accepts_per_hour: float) -> float:
        """The lowest threshold from which on the false accepts stay at or below a target.

        Raises ValueError when there is none.
        """
        worst_from_here_on = np.maximum.accumulate(self.false_accepts_per_hour[::-1])[::-1]
        good = worst_from_here_on <= false_accepts_per_hour
        if not good.any():
            raise ValueError(
                f"no threshold reaches {false_accepts_per_hour:g} false accepts an hour; the best"
                f" is {self.false_accepts_per_hour.min():g}"
            )
        return float(self.thresholds[good].min())


def lay_words(
    clips,
    labels,
    background,
    *,
    seed: int,
    mean_gap_s: float = 2.0,
    sample_rate_Hz: int = 16000,
) -> SoundStream:
    """Lay clips onto a background, one after another, with random pauses between them.

    Parameters
    ----------
    clips : int16 array (words, samples)
        In the order in which they are to be heard; louder than the background.
    labels : int array (words,)
    background : int16 array (n,)
        Repeated or cut to the length that is needed.
    seed : int
    mean_gap_s : float
        Mean of the exponentially distributed pauses.
    sample_rate_Hz : int

    Returns
    -------
    SoundStream
    """
    clips, labels = np.asarray(clips), np.asarray(labels, dtype=np.int64)
    if clips.ndim != 2 or len(clips) != len(labels) or len(background) == 0:
        raise ValueError(
            "lay_words needs clips (words, samples), one label for each, and a background"
        )
    rng = np.random.default_rng(seed)
    gaps = np.round(rng.exponential(mean_gap_s, len(clips) + 1) * sample_rate_Hz).astype(np.int64)
    length = clips.shape[1]
    starts = np.cumsum(gaps[:-1]) + np.arange(len(clips)) * length
    total = int(gaps.sum()) + len(clips) * length
    sound = np.resize(np.asarray(background), total).astype(np.int32)
    for start, clip in zip(starts, clips, strict=True):
        sound[start : start + length] += clip
    return SoundStream(
        waveform=np.clip(sound, -32768, 32767).astype(np.int16),
        labels=labels,
        start_s=starts / sample_rate_Hz,
        end_s=(starts + length) / sample_rate_Hz,
        sample_rate_Hz=sample_rate_Hz,
    )


def window_ends_s(windows: int, *, hop_s: float = 0.1, window_s: float = 1.0) -> np.ndarray:
    """When the answer for each sliding window is known: at the end of the window."""
    return window_s + hop_s * np.arange(windows)


def smooth(posteriors, windows: int) -> np.ndarray:
    """Average each class's posterior over the last `windows` answers (fewer at the start).

    Parameters
    ----------
    posteriors : float array (time, classes)
    windows : int
        1 leaves them as they are. Chen et al. average over 300 ms.

    Returns
    -------
    float64 array (time, classes)
    """
    posteriors = np.asarray(posteriors, dtype=np.float64)
    if posteriors.ndim != 2 or windows < 1:
        raise ValueError("smooth needs posteriors (time, classes) and windows >= 1")
    sums = np.cumsum(np.vstack([np.zeros(posteriors.shape[1]), posteriors]), axis=0)
    last = np.arange(1, len(posteriors) + 1)
    first = np.maximum(0, last - windows)
    return (sums[last] - sums[first]) / (last - first)[:, np.newaxis]


def detect(
    posteriors,
    times_s,
    *,
    threshold: float,
    keywords,
    refractory_s: float = 1.0,
) -> Detections:
    """Fire whenever the best keyword reaches the threshold, then keep quiet for a while.

    Parameters
    ----------
    posteriors : float array (time, classes)
        Usually smoothed.
    times_s : float array (time,)
        When each row is known, rising.
    threshold : float
    keywords : sequence of int
        Classes that count; the others (silence, unknown) never fire.
    refractory_s : float
        Time after a detection during which nothing fires.
    """
    posteriors, times_s = np.asarray(posteriors), np.asarray(times_s, dtype=np.float64)
    keywords = np.asarray(keywords, dtype=np.int64)
    if posteriors.ndim != 2 or len(posteriors) != len(times_s) or keywords.size == 0:
        raise ValueError(
            "detect needs posteriors (time, classes), one time for each row, and the keywords"
        )
    best = posteriors[:, keywords].argmax(axis=1)
    confidence = posteriors[np.arange(len(best)), keywords[best]]
    chosen, quiet_until = [], -np.inf
    for index in np.flatnonzero(confidence >= threshold):
        if times_s[index] >= quiet_until:
            chosen.append(index)
            quiet_until = times_s[index] + refractory_s
    fired = np.array(chosen, dtype=np.int64)
    return Detections(times_s[fired], keywords[best[fired]], confidence[fired])


def score(
    detections: Detections,
    stream: SoundStream,
    *,
    keywords,
    tolerance_s: float = 0.5,
) -> StreamScore:
    """Match detections with the words that were said.

    A keyword is hit by the first detection of the same class between the start of its clip and
    `tolerance_s` after its end. Every other detection is a false accept: the wrong keyword, a
    distractor taken for a keyword, noise, or the same word twice.
    """
    wanted = np.isin(stream.labels, np.asarray(keywords))
    words = zip(
        stream.labels[wanted].tolist(),
        stream.start_s[wanted].tolist(),
        (stream.end_s[wanted] + tolerance_s).tolist(),
        strict=True,
    )
    waiting: dict[int, list] = {}
    for index, (label, start_s, end_s) in enumerate(words):
        waiting.setdefault(label, []).append((index, start_s, end_s))
    hit = np.zeros(int(wanted.sum()), dtype=bool)
    explained = np.zeros(len(detections), dtype=bool)
    events = zip(detections.times_s.tolist(), detections.labels.tolist(), strict=True)
    for number, (time_s, label) in enumerate(events):
        for index, start_s, end_s in waiting.get(label, ()):
            if start_s <= time_s <= end_s and not hit[index]:
                hit[index] = explained[number] = True
                break
    return StreamScore(
        keywords=len(hit),
        hits=int(hit.sum()),
        misses=int((~hit).sum()),
        false_accepts=int((~explained).sum()),
        hours=stream.duration_s / 3600,
        hit=hit,
        false_accept=~explained,
    )


def threshold_curve(
    posteriors,
    times_s,
    stream: SoundStream,
    *,
    keywords,
    thresholds=None,
    refractory_s: float = 1.0,
    tolerance_s: float = 0.5,
) -> ThresholdCurve:
    """Misses and false accepts of one detector at many thresholds (by default 0.02 to 1)."""
    thresholds = np.linspace(0.02, 1.0, 50) if thresholds is None else np.asarray(thresholds)
    scores = []
    for threshold in thresholds:
        detections = detect(
            posteriors,
            times_s,
            threshold=threshold,
            keywords=keywords,
            refractory_s=refractory_s,
        )
        scores.append(score(detections, stream, keywords=keywords, tolerance_s=tolerance_s))
    return ThresholdCurve(
        thresholds=thresholds,
        miss_rate=np.array([rates.miss_rate for rates in scores]),
        false_accepts_per_hour=np.array([rates.false_accepts_per_hour for rates in scores]),
    )
