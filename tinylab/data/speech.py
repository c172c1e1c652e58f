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
from tinylab.data.surroundings import surroundings
from tinylab.data.word_bank import WordBank, read_bank

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
    "speakers",
]

COMMANDS = ("down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes")
LABELS = (*COMMANDS, "silence", "unknown")
OTHER_WORDS = (
    "backward",
    "bed",
    "bird",
    "cat",
    "dog",
    "eight",
    "five",
    "follow",
    "forward",
    "four",
    "happy",
    "house",
    "learn",
    "marvin",
    "nine",
    "one",
    "seven",
    "sheila",
    "six",
    "three",
    "tree",
    "two",
    "visual",
    "wow",
    "zero",
)
FEW_SHOT_WORDS = ("computer", "door", "hello", "lights", "music")
WORDS = (*COMMANDS, *OTHER_WORDS, *FEW_SHOT_WORDS)
SPLITS = ("train", "validation", "test", "test_engine")

_SILENCE, _UNKNOWN = LABELS.index("silence"), LABELS.index("unknown")
_PER_CLASS = {"train": 400, "validation": 100, "test": 100, "test_engine": 100}


@dataclass(frozen=True)
class SpeechClips:
    """One-second clips and what is known of each.

    Parameters
    ----------
    waveforms : numpy.ndarray
        Shape (n, 16000), int16, 16 kHz.
    labels : numpy.ndarray
        Shape (n,), int64: index into `LABELS` (or into the words given to `load_words`).
    words : numpy.ndarray
        Shape (n,), str: the word that is said, "" in a clip of silence.
    speakers : numpy.ndarray
        Shape (n,), str: "engine:voice" or "engine:voice:number"; "" in a clip of silence.
    recordings : numpy.ndarray
        Shape (n,), int64: which recording of the split the clip was made from, -1 for silence.
        Clips of one recording differ in room, noise and position only: never put them on both sides
        of a test.
    """

    waveforms: np.ndarray
    labels: np.ndarray
    words: np.ndarray
    speakers: np.ndarray
    recordings: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def voices(self) -> np.ndarray:
        """Shape (n,), str: "engine:voice", which several speakers may share; "" in silence."""
        return np.array([":".join(name.split(":")[:2]) for name in self.speakers], str)

    @property
    def engines(self) -> np.ndarray:
        """Shape (n,), str: the speech synthesiser of each clip; "" in silence."""
        return np.array([name.split(":")[0] for name in self.speakers], str)

    def __getitem__(self, choice: slice | np.ndarray | Sequence[int]) -> "SpeechClips":
        """Some of the clips: a slice, a mask or a list of indices."""
        parts = (self.waveforms, self.labels, self.words, self.speakers, self.recordings)
        return SpeechClips(*(part[choice] for part in parts))


def load(
    split: str,
    *,
    source: str | Path = "built-in",
    per_class: int | None = None,
    augmentation: Augmentation = LIGHT,
    seed: int = 0,
) -> SpeechClips:
    """Clips of the twelve classes in `LABELS`, in random order.

    Parameters
    ----------
    split : str
        "train", "validation", "test", or, built-in only, "test_engine": voices of a speech
        synthesiser that no other split has heard.
    source : str or Path
        "built-in"; "speech-commands" for the fetched public set; or the folder of a copy of it.
    per_class : int, optional
        Clips of each class. Built-in: 400 for training and 100 elsewhere. Public set: as MLPerf
        Tiny, all recordings of the ten commands, silence and unknown a tenth of these each.
    augmentation : Augmentation
        Built-in only: what happens to a word on its way to the microphone.
    seed : int
        The same arguments and seed give the same clips; another seed places, disturbs and chooses
        the words anew.

    Returns
    -------
    SpeechClips
        Balanced over the classes.

    Raises
    ------
    ValueError
        If the split or `per_class` makes no sense.
    FileNotFoundError
        If the source is not there.
    """
    if per_class is not None and per_class < 1:
        raise ValueError(f"per_class must be at least 1, not {per_class}")
    if str(source) != "built-in":
        return _load_public(split, source, per_class, seed)
    _check_split(split)
    bank, rng = read_bank(split), np.random.default_rng(seed)
    count = per_class or _PER_CLASS[split]
    choices = [_draw(bank, (word,), count, rng) for word in COMMANDS]
    choices += [np.full(count, -1), _draw(bank, OTHER_WORDS, count, rng)]
    recordings = np.concatenate(choices)
    labels = np.repeat(np.arange(len(LABELS)), count)
    order = rng.permutation(len(labels))
    return _make_clips(bank, recordings[order], labels[order], augmentation, rng)


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
    if per_word < 1:
        raise ValueError(f"per_word must be at least 1, not {per_word}")
    bank, rng = read_bank(split), np.random.default_rng(seed)
    chosen = [_draw(bank, (word,), per_word, rng, speakers) for word in words]
    labels = np.repeat(np.arange(len(words)), per_word)
    return _make_clips(bank, np.concatenate(chosen), labels, augmentation, rng)


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
    bank, chosen = read_bank(split), np.asarray(recordings, np.int64)
    if chosen.ndim != 1 or not len(chosen) or chosen.min() < 0 or chosen.max() >= len(bank):
        raise ValueError(f"pass recordings of {split!r}: numbers from 0 to {len(bank) - 1}")
    labels = np.array([WORDS.index(word) for word in bank.words[chosen]])
    return _make_clips(bank, chosen, labels, augmentation, np.random.default_rng(seed))


def speakers(split: str) -> tuple[str, ...]:
    """Names of the built-in speakers of a split, in alphabetical order."""
    _check_split(split)
    return tuple(np.unique(read_bank(split).speakers).tolist())


def _check_split(split: str) -> None:
    if split not in SPLITS:
        raise ValueError(f"no split is called {split!r}; choose one of {', '.join(SPLITS)}")


def _draw(
    bank: WordBank,
    words: tuple[str, ...],
    count: int,
    rng: np.random.Generator,
    speakers: Sequence[str] | None = None,
) -> np.ndarray:
    """`count` recordings, as evenly as possible over the words and then over their recordings."""
    queues = []
    for word in words:
        recordings = bank.recordings(word, None if speakers is None else tuple(speakers))
        if not len(recordings):
            who = "" if speakers is None else " by the speakers asked for"
            raise ValueError(f"no recording of {word!r}{who}")
        each = -(-count // len(words))
        rounds = [rng.permutation(recordings) for _ in range(-(-each // len(recordings)))]
        queues.append(np.concatenate(rounds)[:each])
    return rng.permutation(np.stack(queues).T, axis=1).reshape(-1)[:count]


def _make_clips(
    bank: WordBank,
    recordings: np.ndarray,
    labels: np.ndarray,
    augmentation: Augmentation,
    rng: np.random.Generator,
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
    )


def _load_public(split: str, source: str | Path, per_class: int | None, seed: int) -> SpeechClips:
    folder = speech_commands.folder(source)
    clips = speech_commands.read(
        folder, split, COMMANDS, per_class=per_class, rng=np.random.default_rng(seed)
    )
    labels = [LABELS.index(word) if word in COMMANDS else _UNKNOWN for word in clips.words]
    labels = np.where(clips.recordings < 0, _SILENCE, labels)
    parts = (clips.waveforms, labels.astype(np.int64), clips.words, clips.speakers)
    return SpeechClips(*parts, clips.recordings)
