"""Heartbeats: patients from a seed, apart and of all classes; inputs without a future."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.data import heartbeats
from tinylab.data.heartbeats.inputs import BEFORE, INPUTS, running_mean
from tinylab.data.heartbeats.patients import HIDDEN, TRAINING, record_patient
from tinylab.data.heartbeats.recording import Recording
from tinylab.data.heartbeats.rhythm import Rhythm, beats_of
from tinylab.data.heartbeats.waves import draw_beats


@pytest.fixture(scope="module")
def built_in():
    return heartbeats.load("train")


def test_sixty_patients_with_every_class(built_in):
    beats = heartbeats.beat_inputs(built_in)
    shares = np.bincount(beats.labels) / len(beats)
    assert len(set(beats.patients)) == 60
    assert 0.75 < shares[0] < 0.92 and min(shares[1:]) > 0.04
    assert beats.x.shape == (len(beats), INPUTS) and beats.x.dtype == np.float32
    assert np.abs(beats.x).max() <= 2


def test_the_stored_patients_are_what_the_generator_makes(built_in):
    made = record_patient(TRAINING, 7, 3)
    np.testing.assert_array_equal(made.peaks, built_in[3].peaks)
    np.testing.assert_array_equal(made.labels, built_in[3].labels)
    np.testing.assert_allclose(made.counts, built_in[3].counts, atol=1)


def test_hidden_patients_follow_from_their_seed_and_are_nobody_else():
    once, again = (heartbeats.load("hidden", patients=2, seed=5) for _ in range(2))
    other = heartbeats.load("hidden", patients=2, seed=6)
    np.testing.assert_array_equal(once[1].counts, again[1].counts)
    assert not np.array_equal(once[1].counts[:500], other[1].counts[:500])
    assert not {one.patient for one in once} & {one.patient for one in heartbeats.load("train")}


def test_early_beats_are_early_and_ventricular_ones_wide():
    """Against the patient's own median interval, and by the width at half height of a mean beat."""
    recordings = [record_patient(TRAINING, 1, number) for number in range(30)]
    early, widths = {1: [], 2: []}, {0: [], 2: []}
    for recording in recordings:
        rr = np.diff(recording.times_s)
        usual = np.median(rr)
        for label in early:
            found = rr[recording.labels[1:] == label]
            if len(found) > 4 and usual < 1.2:
                early[label].append(np.median(found) / usual)
        for label in widths:
            at = recording.peaks[recording.labels == label][2:-2]
            if len(at) > 4:
                beat = np.mean([recording.signal_mV[p - 25 : p + 25] for p in at], axis=0)
                beat = np.abs(beat - np.median(beat))
                widths[label].append((beat > beat.max() / 2).sum())
    assert all(np.median(found) < 0.9 for found in early.values())
    assert np.median(widths[2]) > 1.4 * np.median(widths[0])


def test_hidden_beats_are_less_early():
    def earliness(population):
        ratios = []
        for number in range(30):
            made = record_patient(population, 3, number)
            rr = np.diff(made.times_s)
            ratios += (rr[made.labels[1:] > 0] / np.median(rr)).tolist()
        return np.median(ratios)

    assert earliness(HIDDEN) > earliness(TRAINING)


def test_a_wave_is_a_gaussian_where_it_should_be():
    """One R wave of 1 mV at 1 s: its height there, and exp(-1/2) of it one width away."""
    waves = np.zeros((1, 5, 3))
    waves[..., 2] = 0.1
    waves[0, 2] = 0.0, 1.0, 2 * np.pi * 4 / 125 / 0.8  # four samples wide
    signal = draw_beats(250, np.array([1.0]), np.array([[0.8, 0.8]]), waves)
    assert signal[125] == pytest.approx(1.0) and signal.argmax() == 125
    np.testing.assert_allclose(signal[[121, 129]], np.exp(-0.5))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 200))
def test_inputs_know_nothing_of_what_comes_later(seed, cut):
    """Whatever follows a beat's window, its inputs stay the same."""
    whole = record_patient(HIDDEN, 1, seed % 7, beats=60)
    cut = min(cut, 50)
    end = whole.peaks[cut] + 60
    rng = np.random.default_rng(seed)
    later = whole.counts.copy()
    later[end:] = rng.integers(-2000, 2000, len(later) - end)
    keep = np.concatenate([whole.peaks[: cut + 1], whole.peaks[cut + 1 :] + 7])
    changed = Recording("changed", later, keep, whole.labels)
    before = heartbeats.beat_inputs([whole]).x[: cut - 2]
    after = heartbeats.beat_inputs([changed]).x[: cut - 2]
    np.testing.assert_array_equal(before, after)


def test_beats_of_other_kinds_are_left_out_but_count_in_time():
    made = record_patient(TRAINING, 1, 0, beats=30)
    labels = made.labels.copy()
    labels[10] = -1
    other = Recording(made.patient, made.counts, made.peaks, labels)
    all_of_them, some = (heartbeats.beat_inputs([one]).x for one in (made, other))
    np.testing.assert_array_equal(np.delete(all_of_them, 10 - 3, axis=0), some)


def test_the_peak_stands_where_it_is_said_to():
    beats = heartbeats.beat_inputs([record_patient(TRAINING, 2, 4)])
    normal = np.abs(beats.x[beats.labels == 0, :100]).mean(axis=0)
    assert abs(int(normal.argmax()) - BEFORE) <= 3


def test_running_mean_is_plain_at_first_and_forgets_later():
    values = np.array([4.0, 2.0, 0.0, 8.0])
    np.testing.assert_allclose(running_mean(values, 10), [4, 3, 2, 3.5])
    np.testing.assert_allclose(running_mean(values, 2), [4, 3, 1.5, 4.75])


def test_a_run_follows_an_early_beat_and_a_pause_ends_it():
    rhythm = Rhythm(0.8, 0.01, False, 0.0, 0.2, 0.0, 0.9, 0.0, (0.5, 0.7))
    beats = beats_of(rhythm, 400, np.random.default_rng(0))
    labels = np.array([beat.label for beat in beats])
    rr = np.array([beat.rr_s for beat in beats])
    assert np.mean(labels[1:][labels[:-1] == 2] == 2) == pytest.approx(0.9, abs=0.05)
    assert rr[1:][(labels[:-1] == 2) & (labels[1:] == 0)].min() > 0.9


@pytest.mark.parametrize(
    "wrong, says",
    [
        ({"split": "test"}, "train, hidden"),
        ({"split": "train", "patients": 0}, "at least 1"),
        ({"split": "train", "patients": 61}, "60 built-in"),
        ({"split": "train", "seed": 3}, "leave it out"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        heartbeats.load(**wrong)


def test_no_recordings_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        heartbeats.beat_inputs([])
