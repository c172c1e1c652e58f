"""The built-in machines: splits, labels, time's order, and sounds that still hold the faults."""

import collections

import numpy as np
import pytest

from tinylab.data import machines
from tinylab.data.published.dcase import parse_name
from tinylab.signal.log_mel import log_mel


@pytest.fixture(scope="module")
def splits():
    return {split: machines.load(split) for split in machines.SPLITS}


def test_only_normal_sound_is_trained_on(splits):
    assert not splits["train"].labels.any()
    assert not machines.load_ageing("train").labels.any()
    for split in ("validation", "test"):
        assert np.bincount(splits[split].labels).min() == len(splits[split]) // 2


def test_names_say_the_same_as_the_labels(splits):
    for recordings in (*splits.values(), machines.load_ageing("test")):
        known = [parse_name(name) for name in recordings.names]
        assert [name.label for name in known] == recordings.labels.tolist()
        assert [name.machine for name in known] == recordings.machines.tolist()
        assert ((recordings.faults != "") == (recordings.labels == 1)).all()
        assert ((recordings.severity > 0) == (recordings.labels == 1)).all()
        assert recordings.severity.max() <= 1


def test_every_machine_has_every_fault(splits):
    for split in ("validation", "test"):
        recordings = splits[split]
        for machine in machines.MACHINES:
            faults = set(recordings.faults[recordings.machines == machine])
            assert faults - {""} == set(machines.FAULTS)
            assert "" in faults


def test_log_mel_is_what_the_front_end_gives(splits):
    for recordings in splits.values():
        assert recordings.log_mel.dtype == np.float32
        assert recordings.log_mel.shape[1:] == (64, 128)
        assert -110 < recordings.log_mel.min() and np.mean(recordings.log_mel >= 17.5) < 1e-3


def test_no_recording_is_there_twice(splits):
    prints = [
        frame.tobytes() for recordings in splits.values() for frame in recordings.log_mel[:, 10]
    ]
    assert len(set(prints)) == len(prints)


def test_machines_differ_and_limits_are_balanced():
    few = machines.load("test", limit=3, seed=1)
    counts = collections.Counter(zip(few.machines.tolist(), few.labels.tolist()))
    assert set(counts.values()) == {3} and len(counts) == 8
    assert np.array_equal(few.names, machines.load("test", limit=3, seed=1).names)
    assert not np.array_equal(few.names, machines.load("test", limit=3, seed=2).names)
    third = machines.load("test", machine=3)
    assert set(third.machines) == {3} and len(third) == 160


def test_a_slice_or_a_mask_keeps_the_columns_together(splits):
    test = splits["test"]
    faulty = test[test.labels == 1]
    assert isinstance(faulty, machines.MachineRecordings) and (faulty.faults != "").all()
    assert len(test[:5]) == 5
    ageing = machines.load_ageing("test")[::7]
    assert isinstance(ageing, machines.AgeingRecordings) and len(ageing.month) == len(ageing)


def test_time_goes_on_and_every_phase_can_be_measured():
    for split in machines.AGEING_SPLITS:
        series = machines.load_ageing(split)
        assert (np.diff(series.month) >= 0).all() and len(np.unique(series.month)) == 24
        assert list(dict.fromkeys(series.phase)) == list(machines.PHASES)
        assert len(set(series.machines)) == 1
    for phase in machines.PHASES:
        part = machines.load_ageing("test", phase=phase)
        assert set(part.phase) == {phase} and np.bincount(part.labels).min() >= 40
    assert len(machines.load_ageing("test", phase="new", limit=2)) == 6 * 2 * 2


def test_the_sounds_are_the_recordings_and_the_codec_hides_nothing(splits):
    """Log-mel of the decoded sound: within a decibel or two of the recording's own, far nearer
    than to the same machine without the fault."""
    sounds, test = machines.load_sounds(), splits["test"]
    heard = log_mel(sounds.waveforms)[:, 1:-1]
    normal = {}
    for k in range(len(sounds)):
        same = (test.machines == sounds.machines[k]) & (test.names == sounds.names[k])
        original = test.log_mel[same][0]
        assert test.faults[same][0] == sounds.faults[k]
        assert np.sqrt(np.mean((heard[k] - original) ** 2)) < 2.5
        if sounds.faults[k] == "":
            normal[sounds.machines[k]] = original
    for k in np.flatnonzero(sounds.faults != ""):
        change = heard[k].mean(axis=0) - normal[sounds.machines[k]].mean(axis=0)
        same = (test.machines == sounds.machines[k]) & (test.names == sounds.names[k])
        true = test.log_mel[same][0].mean(axis=0) - normal[sounds.machines[k]].mean(axis=0)
        assert np.corrcoef(change, true)[0, 1] > 0.9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: machines.load("dev"), "train, validation, test"),
        (lambda: machines.load("test", machine=7), "no machine 7"),
        (lambda: machines.load("test", limit=0), "at least 1"),
        (lambda: machines.load_ageing("validation"), "train and test"),
        (lambda: machines.load_ageing("test", phase="old"), "new operating point"),
        (lambda: machines.load_ageing("test", limit=0), "at least 1"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_missing_set_says_what_to_do(tmp_path, monkeypatch):
    machines._stored.cache_clear()
    monkeypatch.setenv("TINYLAB_DATASETS", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="datasets.machines.build"):
        machines.load("train")
    with pytest.raises(FileNotFoundError, match="datasets.machines.build"):
        machines.load_sounds()
