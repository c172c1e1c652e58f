"""Keyword spotting's examples: one-second clips of spoken words with labels and speakers.

`load` makes clips from the built-in bank of synthetic words, or reads the real Speech Commands data
set from a folder; both give the same `SpeechClips`. The twelve classes are MLPerf Tiny's, in its
order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinylab.data import speech_commands
from tinylab.data.augment import LIGHT, Augmentation, render_all
from tinylab.data.noise import SAMPLE_RATE, background_noise
from tinylab.data.own import chosen
from tinylab.data.own import words as own_words
from tinylab.data.surroundings import surroundings
from tinylab.data.word_bank import (
    COMMANDS,
    FEW_SHOT_WORDS,
    OTHER_WORDS,
    WORDS,
    WordBank,
    read_bank,
)

__all__ = [
    "COMMANDS",
    "FEW_SHOT_WORDS",
    "LABELS",
    "OTHER_WORDS",
    "SAMPLE_RATE",
    "SPLITS",
    "WORDS",
    "SpeechClips",
    "background_noise",
    "load",
    "load_recordings",
    "load_words",
    "names",
    "speakers",
]

LABELS = (*COMMANDS, "silence", "unknown")
SPLITS = ("train", "validation", "test", "test_engine")

_PER_CLASS = {"train": 400, "validation": 100, "test": 100, "test_engine": 100}


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


def load(
    split: str,
    *,
    words: Sequence[str] | None = None,
    source: str | Path | None = None,
    per_class: int | None = None,
    augmentation: Augmentation = LIGHT,
    seed: int = 0,
) -> SpeechClips:
    """Clips of a class for each word, of silence and of unknown words, in random order.

    Parameters
    ----------
    split : str
        "train", "validation", "test", or, built-in only, "test_engine": voices of a speech
        synthesiser that no other split has heard.
    words : sequence of str, optional
        The words with a class of their own; by default `COMMANDS`, which makes the twelve classes
        in `LABELS`. Built-in: any of `WORDS`; all others of them become "unknown".
    source : str or Path, optional
        Without it what `tinylab.data.use` has chosen, the built-in set if nothing; "built-in";
        "speech-commands" for the fetched public set; the folder of a copy of it; or a
        folder of your own, see `tinylab.data.folder`, whose labels are the names of its folders.
    per_class : int, optional
        Clips of each class. Built-in: 400 for training and 100 elsewhere. Public set: as MLPerf
        Tiny, all recordings of the words, silence and unknown a tenth of these each. Your own
        folder: at most so many.
    augmentation : Augmentation
        Built-in only: what happens to a word on its way to the microphone.
    seed : int
        The same arguments and seed give the same clips; another seed places, disturbs and chooses
        the words anew.

    Returns
    -------
    SpeechClips
        Balanced over the classes, but for a folder of your own.

    Raises
    ------
    ValueError
        If the split, `words` or `per_class` makes no sense, or a word is not there.
    FileNotFoundError
        If the source is not there.
    """
    if per_class is not None and per_class < 1:
        raise ValueError(f"per_class must be at least 1, not {per_class}")
    if words is not None:
        _check_words(words)
    own = chosen.own_set("keyword_spotting") if source is None else None
    if own and own.names:
        return _load_chosen(own, split, words, per_class, augmentation, seed)
    source = own.source if own else source or "built-in"
    if str(source) == "built-in":
        return _load_built_in(split, tuple(words or COMMANDS), per_class, augmentation, seed)
    if str(source) != "speech-commands" and not speech_commands.is_copy(source):
        return SpeechClips(*own_words.read(source, split, words, per_class, seed))
    return _load_public(split, source, tuple(words or COMMANDS), per_class, seed)


def _check_words(words: Sequence[str]) -> None:
    if isinstance(words, str) or not len(words) or len(set(words)) < len(words):
        raise ValueError(f"words must be a list of different words, not {words!r}")


def _load_built_in(
    split: str,
    words: tuple[str, ...],
    per_class: int | None,
    augmentation: Augmentation,
    seed: int,
) -> SpeechClips:
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


def names() -> tuple[str, ...]:
    """What the labels of the chosen set stand for: `LABELS`, or the names of your own folders."""
    own = chosen.own_set("keyword_spotting")
    return (own and own.names) or LABELS


def _load_chosen(
    own: chosen.OwnSet,
    split: str,
    words: Sequence[str] | None,
    per_class: int | None,
    augmentation: Augmentation,
    seed: int,
) -> SpeechClips:
    """Of the folder that was chosen, with a sentence for all that it cannot give."""
    if split == "test_engine":
        chosen.say("Your own set has no split test_engine, by synthesiser: its test split is used.")
        split = "test"
    if augmentation != LIGHT:
        chosen.say(
            "Your own recordings stay as they are: an augmentation is for the bank of words."
        )
    clips = SpeechClips(*own_words.read(own.source, split, words or own.names, per_class, seed))
    there = dict(zip(clips.names, np.bincount(clips.labels, minlength=len(clips.names)).tolist()))
    chosen.say_if_fewer(own, split, per_class, there)
    return clips


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


def _load_public(
    split: str, source: str | Path, words: tuple[str, ...], per_class: int | None, seed: int
) -> SpeechClips:
    folder = speech_commands.folder(source)
    clips = speech_commands.read(
        folder, split, words, per_class=per_class, rng=np.random.default_rng(seed)
    )
    names = (*words, "silence", "unknown")
    labels = [names.index(word if word in words else "unknown") for word in clips.words]
    labels = np.where(clips.recordings < 0, names.index("silence"), labels)
    parts = (clips.waveforms, labels.astype(np.int64), clips.words, clips.speakers)
    return SpeechClips(*parts, clips.recordings, names)
