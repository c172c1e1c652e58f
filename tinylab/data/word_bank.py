"""The built-in bank of dry words: one Opus stream and its index, decoded once and then kept.

`datasets/speech/words.opus` holds every word one after another, split by split; `words.csv` says where
each begins. Decoding a split takes seconds, so its samples are kept in a file in the learner's work
folder.
"""

import csv
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile

from tinylab.files import replacing
from tinylab.paths import datasets_dir, work_dir

__all__ = ["WordBank", "read_bank"]

# A split is decoded in this many pieces, whatever the machine, so the samples are always the same.
_PIECES = 8


@dataclass(frozen=True)
class WordBank:
    """The dry words of a split.

    Parameters
    ----------
    samples : numpy.ndarray
        Shape (n,), int16: the words at 16 kHz, one after another.
    words, speakers : numpy.ndarray
        Shape (words,), str: what is said, and by whom.
    starts, lengths : numpy.ndarray
        Shape (words,), int64: where each word lies in `samples`.
    """

    samples: np.ndarray
    words: np.ndarray
    speakers: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray

    def __len__(self) -> int:
        return len(self.words)

    def __getitem__(self, recording: int) -> np.ndarray:
        """One word, shape (length,) int16."""
        start = self.starts[recording]
        return self.samples[start : start + self.lengths[recording]]

    def recordings(self, word: str, speakers: tuple[str, ...] | None = None) -> np.ndarray:
        """Indices of the recordings of a word, if asked only those by some speakers."""
        chosen = self.words == word
        if speakers is not None:
            chosen &= np.isin(self.speakers, speakers)
        return np.flatnonzero(chosen)


def read_bank(split: str) -> WordBank:
    """The words of a split of the bank in `datasets/speech`.

    Raises
    ------
    FileNotFoundError
        If the data set is not there.
    """
    return _read_bank(datasets_dir() / "speech", split)


@lru_cache(maxsize=8)
def _read_bank(folder: Path, split: str) -> WordBank:
    for name in ("words.csv", "words.opus"):
        if not (folder / name).is_file():
            raise FileNotFoundError(
                f"{folder / name} is missing: restore it from the repository, or build it with "
                "`python datasets/speech/build.py`"
            )
    with open(folder / "words.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == split]
    starts = np.array([row["start"] for row in rows], np.int64)
    lengths = np.array([row["length"] for row in rows], np.int64)
    first, last = int(starts[0]), int(starts[-1] + lengths[-1])
    return WordBank(
        _decoded(folder / "words.opus", first, last),
        np.array([row["word"] for row in rows]),
        np.array([row["speaker"] for row in rows]),
        starts - first,
        lengths,
    )


def _decoded(path: Path, first: int, last: int) -> np.ndarray:
    """The stream's samples from `first` to `last`, from the kept copy if there is one."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    kept = work_dir() / "cache" / f"words-{digest}-{first}.npy"
    try:
        return np.load(kept, mmap_mode="r")
    except (OSError, ValueError):
        samples = _decode(path, first, last)
    try:
        with replacing(kept) as temporary:
            np.save(temporary, samples)
    except OSError:
        pass  # a read-only or full disk costs only time
    return samples


def _decode(path: Path, first: int, last: int) -> np.ndarray:
    bounds = np.linspace(first, last, _PIECES + 1).astype(int)
    samples = np.empty(last - first, np.int16)

    def decode_piece(start: int, stop: int) -> None:
        piece = samples[start - first : stop - first]
        soundfile.read(path, stop - start, start, dtype="int16", out=piece)

    with ThreadPoolExecutor() as pool:
        list(pool.map(decode_piece, bounds[:-1], bounds[1:]))
    return samples
