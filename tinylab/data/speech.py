"""Keyword spotting's examples: one-second clips of spoken words with labels and speakers.

`load` makes clips from the built-in bank of synthetic words, or reads the real Speech Commands data
set from a folder; both give the same `SpeechClips`. The twelve classes are MLPerf Tiny's, in its
order.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tinylab.data.augment import LIGHT, Augmentation
from tinylab.data.noise import SAMPLE_RATE, background_noise
from tinylab.data.own import chosen
from tinylab.data.own import words as own_words
from tinylab.data.published import speech_commands
from tinylab.data.spoken_clips import LABELS, SpeechClips
from tinylab.data.spoken_words import (
    SPLITS,
    load_built_in,
    load_recordings,
    load_words,
    speakers,
)
from tinylab.data.word_bank import COMMANDS, FEW_SHOT_WORDS, OTHER_WORDS, WORDS

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
        return load_built_in(split, tuple(words or COMMANDS), per_class, augmentation, seed)
    if str(source) != "speech-commands" and not speech_commands.is_copy(source):
        return SpeechClips(*own_words.read(source, split, words, per_class, seed))
    return _load_public(split, source, tuple(words or COMMANDS), per_class, seed)


def _check_words(words: Sequence[str]) -> None:
    if isinstance(words, str) or not len(words) or len(set(words)) < len(words):
        raise ValueError(f"words must be a list of different words, not {words!r}")


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
