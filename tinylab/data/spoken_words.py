"""Clips of the built-in bank: its synthetic words in rooms, noise and positions of their own."""

from collections.abc import Sequence

import numpy as np

from tinylab.data.augment import LIGHT, Augmentation, render_all
from tinylab.data.noise import SAMPLE_RATE
from tinylab.data.own import chosen
from tinylab.data.spoken_clips import SpeechClips
from tinylab.data.surroundings import surroundings
from tinylab.data.word_bank import COMMANDS, OTHER_WORDS, WORDS, WordBank, read_bank

__all__ = ["SPLITS", "load_built_in", "load_recordings", "load_words", "speakers"]

SPLITS = ("train", "validation", "test", "test_engine")

_PER_CLASS = {"train": 400, "validation": 100, "test": 100, "test_engine": 100}


def load_built_in(
    split: str,
    words: tuple[str, ...],
    per_class: int | None,
    augmentation: Augmentation,
    seed: int,
) -> SpeechClips:
    """What `tinylab.data.speech.load` gives without another source."""
    _check_split(split)
    absent = [word for word in words if word not in WORDS]
    if absent:
        raise ValueError(
            f"the built-in bank has no {', '.join(map(repr, absent))}; choose from "
            f"{', '.join(sorted(WORDS))}, or pass source=FOLDER with your own recordings"
        )
    others = OTHER_WORDS
    if words != COMMANDS:
        others = tuple(word for word in (*COMMANDS, *OTHER_WORDS) if word not in words)
    bank, rng = read_bank(split), np.random.default_rng(seed)
    count = per_class or _PER_CLASS[split]
    choices = [bank.draw((word,), count, rng) for word in words]
    choices += [np.full(count, -1), bank.draw(others, count, rng)]
    recordings = np.concatenate(choices)
    labels = np.repeat(np.arange(len(words) + 2), count)
    order = rng.permutation(len(labels))
    names = (*words, "silence", "unknown")
    return _make_clips(bank, recordings[order], labels[order], augmentation, rng, names)


def load_words(
    words: Sequence[str],
    split: str,
    per_word: int,
    *,
    speakers: Sequence[str] | None = None,
    augmentation: Augmentation = LIGHT,
    seed: int = 0,
) -> SpeechClips:
    """Clips of chosen words, built-in bank only: for a new word or a new speaker.

    Parameters
    ----------
    words : sequence of str
        Any of `WORDS`; `FEW_SHOT_WORDS` are in none of the clips that `load` gives.
    split : str
        One of `SPLITS`.
    per_word : int
        Clips of each word. Above the number of recordings, recordings come again in another room.
    speakers : sequence of str, optional
        Only these speakers, as `speakers(split)` names them.
    augmentation, seed
        As for `load`.

    Returns
    -------
    SpeechClips
        Grouped by word, in the order of `words`; `labels` count the words from 0.
    """
    _check_split(split)
    _say_that_it_is_the_bank()
    if per_word < 1:
        raise ValueError(f"per_word must be at least 1, not {per_word}")
    bank, rng = read_bank(split), np.random.default_rng(seed)
    drawn = [bank.draw((word,), per_word, rng, speakers) for word in words]
    labels = np.repeat(np.arange(len(words)), per_word)
    return _make_clips(bank, np.concatenate(drawn), labels, augmentation, rng, words)


def load_recordings(
    recordings: Sequence[int],
    split: str,
    *,
    augmentation: Augmentation = LIGHT,
    seed: int = 0,
) -> SpeechClips:
    """One clip of each of chosen recordings, built-in bank only, in the order given.

    Parameters
    ----------
    recordings : sequence of int
        Indices into the split, as `SpeechClips.recordings` has them.
    split : str
        One of `SPLITS`.
    augmentation, seed
        As for `load`.

    Returns
    -------
    SpeechClips
        `labels` are indices into `WORDS`.
    """
    _check_split(split)
    _say_that_it_is_the_bank()
    bank, kept = read_bank(split), np.asarray(recordings, np.int64)
    if kept.ndim != 1 or not len(kept) or kept.min() < 0 or kept.max() >= len(bank):
        raise ValueError(f"pass recordings of {split!r}: numbers from 0 to {len(bank) - 1}")
    labels = np.array([WORDS.index(word) for word in bank.words[kept]])
    rng = np.random.default_rng(seed)
    return _make_clips(bank, kept, labels, augmentation, rng, WORDS)


def _say_that_it_is_the_bank() -> None:
    chosen.aside("keyword_spotting", "words beyond its own come from the built-in bank")


def speakers(split: str) -> tuple[str, ...]:
    """Names of the built-in speakers of a split, in alphabetical order."""
    _check_split(split)
    return tuple(np.unique(read_bank(split).speakers).tolist())


def _check_split(split: str) -> None:
    if split not in SPLITS:
        raise ValueError(f"no split is called {split!r}; choose one of {', '.join(SPLITS)}")


def _make_clips(
    bank: WordBank,
    recordings: np.ndarray,
    labels: np.ndarray,
    augmentation: Augmentation,
    rng: np.random.Generator,
    names: Sequence[str],
) -> SpeechClips:
    crowd = rng.choice(len(bank), 40)
    spoken = recordings[recordings >= 0]
    waveforms = np.empty((len(labels), SAMPLE_RATE), np.int16)
    with bank.decoding_ahead(np.concatenate([crowd, spoken])) as word:
        size = int(np.clip(len(labels) // 40, 16, 48))
        around = surroundings(rng, size, babble=[word(i) for i in crowd.tolist()])
        words = (None if i < 0 else word(i) for i in recordings.tolist())
        for waveform, clip in zip(
            waveforms, render_all(words, rng, augmentation, around), strict=True
        ):
            waveform[:] = clip
    silent = recordings < 0
    return SpeechClips(
        waveforms,
        labels.astype(np.int64),
        np.where(silent, "", bank.words[recordings]),
        np.where(silent, "", bank.speakers[recordings]),
        recordings.astype(np.int64),
        tuple(names),
    )
