"""The folder layout of Google's Speech Commands v2, read into the same arrays as the built-in set.

::

    yes/0a7c2a8d_nohash_0.wav ...   one folder a word, one second a file, 16 kHz
    validation_list.txt  testing_list.txt   which speakers are held out; all others are for training
    _background_noise_/*.wav        long recordings that the silence clips are cut from

Source: Warden, "Speech Commands: A Dataset for Limited-Vocabulary Speech Recognition" (2018).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from tinylab.paths import public_datasets_dir

__all__ = ["SpeechRecordings", "folder", "is_copy", "read"]

SAMPLE_RATE = 16_000  # Hz, of every published recording

_LISTS = {"validation": "validation_list.txt", "test": "testing_list.txt"}
_NOISE = "_background_noise_"


@dataclass(frozen=True)
class SpeechRecordings:
    """Clips with the word of each ("" for silence), speaker, and recording (-1: silence)."""

    waveforms: np.ndarray
    words: np.ndarray
    speakers: np.ndarray
    recordings: np.ndarray


def is_copy(source: str | Path) -> bool:
    """Whether a folder has the data set's lists of held-out speakers."""
    return all((Path(source) / name).is_file() for name in _LISTS.values())


def folder(source: str | Path) -> Path:
    """The data set's folder: where `tinylab fetch` puts it, or the path given."""
    fetched = str(source) == "speech-commands"
    path = public_datasets_dir() / "speech-commands" if fetched else Path(source)
    if not (path / _LISTS["test"]).is_file():
        hint = (
            "run `tinylab fetch speech-commands` first"
            if fetched
            else "pass the folder that holds testing_list.txt"
        )
        raise FileNotFoundError(f"no Speech Commands data set in {path}: {hint}")
    return path


def read(
    folder: Path,
    split: str,
    commands: Sequence[str],
    *,
    per_class: int | None,
    rng: np.random.Generator,
) -> SpeechRecordings:
    """Read a split: the commands, as many clips of other words and of silence as of one command.

    Parameters
    ----------
    folder : Path
        Root of the data set.
    split : str
        "train", "validation" or "test".
    commands : sequence of str
        The words that have a class of their own.
    per_class : int, optional
        At most this many clips a class, drawn at random; all of them when None.
    rng : numpy.random.Generator
        Chooses the clips and their order.

    Returns
    -------
    SpeechRecordings
        In random order.
    """
    paths = _split_paths(folder, split)
    absent = sorted(set(commands) - {path.parent.name for path in paths})
    if absent:
        raise ValueError(
            f"{folder} has no recordings of {', '.join(map(repr, absent))} in its {split} split: "
            "pass words=[...] that it has"
        )
    chosen: list[Path | None] = []
    for word in commands:
        chosen += _choose([path for path in paths if path.parent.name == word], per_class, rng)
    count = per_class or max(1, round(len(chosen) / len(commands)))
    chosen += _choose([path for path in paths if path.parent.name not in commands], count, rng)
    chosen += [None] * count
    chosen = [chosen[i] for i in rng.permutation(len(chosen))]
    waveforms = np.zeros((len(chosen), SAMPLE_RATE), np.int16)
    noises = _background_noises(folder)
    number = {path: i for i, path in enumerate(paths)}
    for waveform, path in zip(waveforms, chosen, strict=True):
        waveform[:] = _cut_silence(noises, rng) if path is None else _read_second(path)
    return SpeechRecordings(
        waveforms,
        np.array(["" if path is None else path.parent.name for path in chosen]),
        np.array(["" if path is None else path.name.split("_nohash_")[0] for path in chosen]),
        np.array([-1 if path is None else number[path] for path in chosen], np.int64),
    )


def _split_paths(folder: Path, split: str) -> list[Path]:
    if split not in ("train", *_LISTS):
        raise ValueError(f"Speech Commands has the splits train, validation, test; not {split!r}")
    listed = {
        name: [folder / line for line in (folder / file).read_text().split()]
        for name, file in _LISTS.items()
    }
    if split in listed:
        return sorted(listed[split])
    held_out = {path for paths in listed.values() for path in paths}
    return sorted(
        path
        for path in folder.glob("*/*.wav")
        if path.parent.name != _NOISE and path not in held_out
    )


def _choose(paths: list[Path], count: int | None, rng: np.random.Generator) -> list[Path]:
    if count is None or len(paths) <= count:
        return paths
    return [paths[i] for i in rng.choice(len(paths), count, replace=False)]


def _read_second(path: Path) -> np.ndarray:
    """The first second of a file, zeros after its end, shape (16000,) int16."""
    samples, rate = soundfile.read(path, dtype="int16", always_2d=True)
    if rate != SAMPLE_RATE:
        raise ValueError(f"{path} is sampled at {rate} Hz; Speech Commands is at {SAMPLE_RATE} Hz")
    clip = np.zeros(SAMPLE_RATE, np.int16)
    clip[: len(samples)] = samples[:SAMPLE_RATE, 0]
    return clip


def _background_noises(folder: Path) -> list[np.ndarray]:
    files = sorted((folder / _NOISE).glob("*.wav"))
    noises = [soundfile.read(file, dtype="int16", always_2d=True)[0][:, 0] for file in files]
    return [noise for noise in noises if len(noise) >= SAMPLE_RATE]


def _cut_silence(noises: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """A piece of a background recording at a random level; pure silence where there is none."""
    if not noises:
        return np.zeros(SAMPLE_RATE, np.int16)
    noise = noises[rng.integers(len(noises))]
    start = rng.integers(0, len(noise) - SAMPLE_RATE + 1)
    return np.round(noise[start : start + SAMPLE_RATE] * rng.random()).astype(np.int16)
