"""The built-in bank of dry words: one Opus file and its index.

`datasets/speech/words.opus` holds every word one after another, with silence between them;
`words.csv` says where each begins. A word is decoded when it is first asked for: most callers need
a part of a split.
"""

import csv
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from tinylab.data.download.checksums import shipped
from tinylab.data.opus import OpusFile

__all__ = ["COMMANDS", "FEW_SHOT_WORDS", "OTHER_WORDS", "WORDS", "WordBank", "read_bank"]

COMMANDS = ("down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes")
OTHER_WORDS = (
    *("backward", "bed", "bird", "cat", "dog", "eight", "five", "follow", "forward"),
    *("four", "happy", "house", "learn", "marvin", "nine", "one", "seven", "sheila"),
    *("six", "three", "tree", "two", "visual", "wow", "zero"),
)
FEW_SHOT_WORDS = ("computer", "door", "hello", "lights", "music")
WORDS = (*COMMANDS, *OTHER_WORDS, *FEW_SHOT_WORDS)

_AT_ONCE = 32  # words a thread decodes before it looks for more work


@dataclass(frozen=True)
class WordBank:
    """The dry words of a split.

    Parameters
    ----------
    stream : OpusFile
        Where the words are.
    words, speakers : numpy.ndarray
        Shape (words,), str: what is said, and by whom.
    starts, lengths : numpy.ndarray
        Shape (words,), int64: where each word lies in the stream, in samples at 16 kHz.
    leads : numpy.ndarray
        Shape (words,), int64: packets that the decoder must hear before each word.
    """

    stream: OpusFile
    words: np.ndarray
    speakers: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    leads: np.ndarray
    _decoded: dict[int, np.ndarray] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.words)

    def __getitem__(self, recording: int) -> np.ndarray:
        """One word, shape (length,) int16."""
        recording = range(len(self))[recording]
        if recording not in self._decoded:
            self._decode([recording])
        return self._decoded[recording]

    @contextmanager
    def decoding_ahead(self, recordings: np.ndarray) -> Iterator[Callable[[int], np.ndarray]]:
        """Decode words in other threads, in the order given, while the caller works with the first.

        Yields
        ------
        callable
            Gives any word, as `bank[recording]` does. Where it has to wait for one, it helps.
        """
        _, first = np.unique(recordings, return_index=True)
        missing = [i for i in recordings[np.sort(first)].tolist() if i not in self._decoded]
        pool = ThreadPoolExecutor(max((os.cpu_count() or 1) - 1, 1))
        queue, coming = deque(), {}
        for start in range(0, len(missing), _AT_ONCE):
            piece = missing[start : start + _AT_ONCE]
            queue.append((pool.submit(self._decode, piece), piece))
            coming |= dict.fromkeys(piece, queue[-1][0])

        def word(recording: int) -> np.ndarray:
            while recording in coming and not coming[recording].done():
                future, piece = queue.popleft() if queue else (coming[recording], [])
                if future.cancel():
                    self._decode(piece)
                elif not queue:
                    future.result()
            return self[recording]

        try:
            yield word
        finally:
            pool.shutdown(cancel_futures=True)

    def _decode(self, recordings: list[int]) -> None:
        places = [part[recordings].tolist() for part in (self.starts, self.lengths, self.leads)]
        words = self.stream.read_all(list(zip(*places, strict=True)))
        self._decoded.update(zip(recordings, words, strict=True))

    def recordings(self, word: str, speakers: tuple[str, ...] | None = None) -> np.ndarray:
        """Indices of the recordings of a word, if asked only those by some speakers."""
        chosen = self.words == word
        if speakers is not None:
            chosen &= np.isin(self.speakers, speakers)
        return np.flatnonzero(chosen)

    def draw(
        self,
        words: tuple[str, ...],
        count: int,
        rng: np.random.Generator,
        speakers: Sequence[str] | None = None,
    ) -> np.ndarray:
        """`count` recordings, as evenly as possible over the words and then over their recordings.

        Raises
        ------
        ValueError
            If there is none of a word, or none by the speakers asked for.
        """
        queues = []
        for word in words:
            recordings = self.recordings(word, None if speakers is None else tuple(speakers))
            if not len(recordings):
                who = "" if speakers is None else " by the speakers asked for"
                raise ValueError(f"no recording of {word!r}{who}")
            each = -(-count // len(words))
            rounds = [rng.permutation(recordings) for _ in range(-(-each // len(recordings)))]
            queues.append(np.concatenate(rounds)[:each])
        return rng.permutation(np.stack(queues).T, axis=1).reshape(-1)[:count]


def read_bank(split: str) -> WordBank:
    """The words of a split of the bank in `datasets/speech`.

    Raises
    ------
    FileNotFoundError
        If the data set is not there.
    ValueError
        If it is damaged.
    """
    return _read_banks(shipped("speech/words.csv"), shipped("speech/words.opus"))[split]


@lru_cache(maxsize=2)
def _read_banks(listing: Path, sounds: Path) -> dict[str, WordBank]:
    with open(listing, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    columns = dict(zip(header, map(np.array, zip(*rows, strict=True)), strict=True))
    places = [columns[name].astype(np.int64) for name in ("start", "length", "lead")]
    stream = OpusFile(sounds)
    banks = {}
    for split in np.unique(columns["split"]).tolist():
        part = columns["split"] == split
        words, speakers = columns["word"][part], columns["speaker"][part]
        banks[split] = WordBank(stream, words, speakers, *(column[part] for column in places))
    return banks
