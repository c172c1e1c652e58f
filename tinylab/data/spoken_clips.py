"""Clips of one second with their words, speakers and recordings, wherever they came from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.data.word_bank import COMMANDS

__all__ = ["LABELS", "SpeechClips"]

LABELS = (*COMMANDS, "silence", "unknown")


@dataclass(frozen=True)
class SpeechClips:
    """One-second clips and what is known of each.

    Parameters
    ----------
    waveforms : numpy.ndarray
        Shape (n, 16000), int16, 16 kHz.
    labels : numpy.ndarray
        Shape (n,), int64: index into `names`.
    words : numpy.ndarray
        Shape (n,), str: the word that is said, "" in a clip of silence.
    speakers : numpy.ndarray
        Shape (n,), str: "engine:voice" or "engine:voice:number"; "" in a clip of silence.
    recordings : numpy.ndarray
        Shape (n,), int64: which recording of the split the clip was made from, -1 for silence.
        Clips of one recording differ in room, noise and position only: never put them on both sides
        of a test.
    names : tuple of str
        What the labels stand for.
    """

    waveforms: np.ndarray
    labels: np.ndarray
    words: np.ndarray
    speakers: np.ndarray
    recordings: np.ndarray
    names: tuple[str, ...] = LABELS

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def voices(self) -> np.ndarray:
        """Shape (n,), str: "engine:voice", which several speakers may share; "" in silence."""
        return np.array([":".join(name.split(":")[:2]) for name in self.speakers], str)

    @property
    def engines(self) -> np.ndarray:
        """Shape (n,), str: the speech synthesiser of each clip, "a person" if it was recorded, ""
        in silence."""
        return np.array([_engine(name) for name in self.speakers], str)

    def __getitem__(self, choice: slice | np.ndarray | Sequence[int]) -> "SpeechClips":
        """Some of the clips: a slice, a mask or a list of indices."""
        parts = (self.waveforms, self.labels, self.words, self.speakers, self.recordings)
        return SpeechClips(*(part[choice] for part in parts), self.names)


def _engine(speaker: str) -> str:
    return speaker.split(":")[0] if ":" in speaker or not speaker else "a person"
