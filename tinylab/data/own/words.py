"""A folder of one's own recordings of words, read as clips of one second."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tinylab.data.own import files, sounds

__all__ = ["read"]


def read(
    source: str | Path,
    split: str,
    words: Sequence[str] | None,
    per_class: int | None,
    seed: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, tuple[str, ...]]:
    """The columns of `tinylab.data.speech.SpeechClips`, in its order.

    Parameters
    ----------
    source : path
        A folder for each word; one called "silence" holds clips in which nobody speaks.
    split : str
    words : sequence of str, optional
        Only these folders, in this order.
    per_class : int, optional
        At most so many clips of each, drawn by `seed`.
    seed : int

    Raises
    ------
    FileNotFoundError
        If the folder is not there, or holds no sound.
    ValueError
        If the split or a word is not there, or there is too little.
    """
    listed = files.list_files(source, files.SOUNDS).only(words)
    kept = files.draw(listed.of(split), listed.labels, per_class, np.random.default_rng(seed))
    waveforms = [sounds.loudest_part(sounds.read_sound(listed.files[i])) for i in kept]
    labels = listed.labels[kept]
    silent = np.array(listed.names)[labels] == "silence"
    said = np.where(silent, "", np.array(listed.names)[labels])
    speakers = np.where(silent, "", listed.group_names[kept])
    recordings = np.where(silent, -1, kept)
    return np.stack(waveforms), labels, said, speakers, recordings, listed.names
