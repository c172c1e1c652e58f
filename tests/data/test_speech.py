"""The built-in speech: twelve balanced classes, voices in one split only, the same every time."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from tinylab.data import speech
from tinylab.data.augment import NONE
from tinylab.data.download.checksums import verify
from tinylab.data.word_bank import read_bank
from tinylab.paths import datasets_dir


def voice(speaker: str) -> str:
    return ":".join(speaker.split(":")[:2])


@pytest.fixture(scope="module")
def banks():
    return {split: read_bank(split) for split in speech.SPLITS}


def test_labels_are_in_the_order_of_mlperf_tiny():
    expected = "down go left no off on right stop up yes silence unknown"
    assert " ".join(speech.LABELS) == expected


def test_every_word_is_in_every_split(banks):
    for bank in banks.values():
        assert set(bank.words) == set(speech.WORDS)
    assert len(speech.WORDS) == len(set(speech.WORDS)) >= 35


def test_no_voice_is_in_two_splits(banks):
    voices = [{voice(name) for name in bank.speakers.tolist()} for bank in banks.values()]
    assert sum(map(len, voices)) == len(set.union(*voices))


def test_the_held_out_engine_is_in_no_other_split():
    engines = {
        split: {name.split(":")[0] for name in speech.speakers(split)} for split in speech.SPLITS
    }
    assert not engines.pop("test_engine") & set.union(*engines.values())


def test_voices_are_those_of_the_datasheet(banks):
    with open(datasets_dir() / "speech" / "voices.csv", newline="", encoding="utf-8") as file:
        rows = {f"{row['engine']}:{row['voice']}": row for row in csv.DictReader(file)}
    for split, bank in banks.items():
        listed = {name for name, row in rows.items() if row["split"] == split}
        assert {voice(name) for name in bank.speakers.tolist()} == listed
    assert all(row["licence"] and row["package"] for row in rows.values())


@pytest.mark.parametrize("split", speech.SPLITS)
def test_the_index_lies_inside_the_stream_and_words_are_loud(banks, split):
    bank = banks[split]
    ends = bank.starts + bank.lengths
    assert (bank.starts[1:] >= ends[:-1]).all()
    assert len(bank[len(bank) - 1]) == len(bank[-1]) == bank.lengths[-1]
    for recording in range(0, len(bank), 37):
        word = bank[recording].astype(int)
        assert 0.1 < len(word) / speech.SAMPLE_RATE < 1.3
        assert 15_000 < np.abs(word).max() <= 32_767


def test_decoding_did_not_shift_the_words(banks):
    """Words were trimmed to 20 ms before their onset; a shifted stream would break that."""
    onsets = []
    for bank in banks.values():
        for recording in range(0, len(bank), 37):
            word = np.abs(bank[recording].astype(int))
            onsets.append(np.argmax(word > 0.05 * word.max()))
    assert 200 < np.median(onsets) < 1200


def test_words_decoded_ahead_are_the_same_words(banks):
    bank = replace(banks["test"], _decoded={})
    wanted = np.array([900, 5, 5, 31, 700, *range(40, 80)])
    with bank.decoding_ahead(wanted) as word:
        for recording in [31, 6, *wanted.tolist()]:  # one of them is not decoded ahead
            assert np.array_equal(word(recording), banks["test"][recording])


def test_damage_is_told_while_words_are_decoded_ahead(banks):
    bank = replace(banks["test"], _decoded={}, starts=banks["test"].starts + 10**9)
    with pytest.raises((ValueError, RuntimeError)), bank.decoding_ahead(np.arange(20)) as word:
        word(3)


@pytest.mark.parametrize("split", speech.SPLITS)
def test_load_is_balanced_and_repeatable(split):
    clips = speech.load(split, per_class=6)
    assert clips.waveforms.shape == (72, 16000) and clips.waveforms.dtype == np.int16
    assert clips.labels.dtype == np.int64 and (np.bincount(clips.labels) == 6).all()
    again, other = speech.load(split, per_class=6), speech.load(split, per_class=6, seed=1)
    assert np.array_equal(clips.waveforms, again.waveforms)
    assert not np.array_equal(clips.waveforms, other.waveforms)
    assert set(clips.speakers) - {""} <= set(speech.speakers(split))
    assert np.abs(clips.waveforms.astype(int)).max() < 32_767


def test_words_and_labels_agree():
    clips = speech.load("validation", per_class=8)
    for label, word, recording in zip(clips.labels, clips.words, clips.recordings, strict=True):
        name = speech.LABELS[label]
        if name == "silence":
            assert word == "" and recording == -1
        elif name == "unknown":
            assert word in speech.OTHER_WORDS
        else:
            assert word == name


def test_unknown_uses_all_other_words_evenly():
    clips = speech.load("test", per_class=75)
    unknown = clips.words[clips.labels == speech.LABELS.index("unknown")]
    _, counts = np.unique(unknown, return_counts=True)
    assert (counts == 3).all() and len(counts) == 25


def test_recordings_come_again_only_when_all_were_used():
    clips = speech.load("test_engine", per_class=100)
    for label in range(10):
        _, counts = np.unique(clips.recordings[clips.labels == label], return_counts=True)
        assert counts.max() - counts.min() <= 1


def test_load_words_gives_one_speaker_and_new_words():
    name = speech.speakers("test")[0]
    clips = speech.load_words(("hello", "yes"), "test", 3, speakers=[name], augmentation=NONE)
    assert clips.words.tolist() == ["hello"] * 3 + ["yes"] * 3
    assert clips.labels.tolist() == [0] * 3 + [1] * 3
    assert set(clips.speakers) == {name}


def test_clips_can_be_chosen_by_mask_and_slice():
    clips = speech.load_words(("yes",), "test", 4)
    assert len(clips[:2]) == 2 and len(clips[clips.labels == 1]) == 0
    assert np.array_equal(clips[[3]].waveforms[0], clips.waveforms[3])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: speech.load("training"), "choose one of train"),
        (lambda: speech.load("train", per_class=0), "per_class"),
        (lambda: speech.load_words(("yes",), "train", 0), "per_word"),
        (lambda: speech.load_words(("xylophone",), "train", 1), "xylophone"),
        (lambda: speech.load_words(("yes",), "train", 1, speakers=["nobody"]), "speakers asked"),
    ],
)
def test_wrong_arguments_get_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_missing_bank_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("TINYLAB_DATASETS", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="datasets.speech.build"):
        speech.load("train", per_class=1)


def test_shipped_files_have_their_recorded_checksums():
    assert verify() == ()


def test_voices_and_engines_are_parts_of_the_speakers_names():
    clips = speech.load("validation", per_class=4)
    for name, voice_name, engine in zip(clips.speakers, clips.voices, clips.engines, strict=True):
        assert (
            name == "" or name.startswith(f"{voice_name}") and voice_name.startswith(f"{engine}:")
        )
        assert (name == "") == (voice_name == "") == (engine == "")
    assert len(set(clips.engines)) < len(set(clips.voices)) <= len(set(clips.speakers))
