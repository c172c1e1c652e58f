"""A cascade on a recording: against the detector alone, frame by frame, and by law."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.explore.frozen_inputs.train import recording
from tinylab.scoring.cascade_study import frames_computed, measure_cascade, window_levels_dB
from tinylab.scoring.listening import detect, score

GRID = ((-100.0, -40.0, -10.0), (0.0, 0.5, 2.0))


def measured():
    scores, times_s, stream = recording()
    rng = np.random.default_rng(0)
    levels, detector = rng.uniform(-60, -20, len(scores)), rng.uniform(0, 1, len(scores))
    found = measure_cascade(
        scores, levels, detector, stream, keywords=range(10), hop_s=0.1, grid=GRID
    )
    return found, levels, detector


def test_open_gates_are_the_network_alone():
    scores, times_s, stream = recording()
    alone = score(
        detect(scores, times_s, threshold=0.7, keywords=range(10)), stream, keywords=range(10)
    )
    found, levels, detector = measured()
    assert (found.misses[0, 0], found.false_accepts[0, 0]) == (alone.misses, alone.false_accepts)
    assert found.detected[0, 0] == found.recognized[0, 0] == found.windows == len(scores)
    assert found.recognized[1, 1] == ((levels >= -40) & (detector >= 0.5)).sum()
    assert found.detected[1, 1] == (levels >= -40).sum()


def test_closed_gates_hear_nothing_and_cost_nothing():
    found, _, _ = measured()
    assert np.all(found.misses[2] == found.keywords) and np.all(
        found.misses[:, 2] == found.keywords
    )
    assert not found.frames[2].any() and not found.recognized[:, 2].any()


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_frames_are_counted_once(wakes):
    """Every frame that some open window covers, each computed once, window by window."""
    covered, reach, total = set(), -1, 0
    for at, on in enumerate(wakes):
        if on:
            wanted = set(range(at * 10, at * 10 + 49))
            total += len({frame for frame in wanted if frame > reach})
            covered |= wanted
            reach = max(wanted)
    assert frames_computed(np.array(wakes)) == total == len(covered)


def test_a_loud_moment_opens_every_window_that_holds_it():
    """A tenth of full scale for 0.2 s is -20 dB; ten hops of silence around it."""
    sound = np.zeros(16000 * 3, np.int16)
    sound[16000:19200] = 3277
    levels = window_levels_dB(sound)
    assert len(levels) == 11
    loud = levels > -30
    assert np.flatnonzero(loud).tolist() == [1, 2, 3, 4, 5]
    assert levels[loud] == pytest.approx(-20, abs=0.01)
    with pytest.raises(ValueError, match="whole hops"):
        window_levels_dB(sound, hop_samples=3000)
