"""False accepts an hour are counted events over counted time."""

import numpy as np
import pytest
from scipy import stats

from tinylab.scoring.background import Background
from tinylab.scoring.listening import detect, smooth

SETTING = {"windows": 1, "keywords": (0, 1), "refractory_s": 1.0}


def an_hour(events):
    """Scores of an hour in which the first keyword is loud in some windows."""
    scores = np.full((36_000, 3), 0.1)
    scores[events, 0] = 0.9
    return Background(scores, "an hour of silence")


@pytest.mark.parametrize("events", [[], [100], [100, 5_000, 20_000]])
def test_events_apart_are_counted_over_the_hours(events):
    rate = an_hour(events).false_accepts(0.5, **SETTING)
    assert an_hour(events).hours == 1
    assert (rate.mean, rate.repeats) == (len(events), len(events))
    assert rate.high == pytest.approx(stats.chi2.ppf(0.975, 2 * len(events) + 2) / 2)


def test_one_event_does_not_fire_twice_while_quiet():
    assert an_hour([100, 103, 105]).false_accepts(0.5, **SETTING).repeats == 1


def test_smoothing_and_threshold_are_those_of_the_detector():
    averaged = SETTING | {"windows": 5}
    assert an_hour([100]).false_accepts(0.5, **averaged).repeats == 0
    assert an_hour([100]).false_accepts(0.25, **averaged).repeats == 1


def test_other_answers_never_fire():
    scores = np.full((36_000, 3), 0.1)
    scores[::100, 2] = 0.9
    assert Background(scores, "talk").false_accepts(0.5, **SETTING).repeats == 0


@pytest.mark.parametrize("threshold", [0.4, 0.7, 0.95])
def test_it_fires_when_the_detector_does(threshold):
    scores = np.random.default_rng(1).random((6_000, 4))
    expected = detect(
        smooth(scores, 2),
        0.1 * np.arange(len(scores)),
        threshold=threshold,
        keywords=(0, 2),
        refractory_s=0.95,
    )
    setting = {"windows": 2, "keywords": (0, 2), "refractory_s": 0.95}
    assert Background(scores, "noise").false_accepts(threshold, **setting).repeats == len(expected)
