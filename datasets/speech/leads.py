"""How early must the decoder start, to hear a word as if it had heard the whole stream?

One packet of 20 ms is enough for most words, because the silence between words lets an Opus decoder
forget. For the others this finds the shortest start that is; `words.csv` has it in the column
`lead`.
"""

from pathlib import Path

import numpy as np
import soundfile
from tqdm import tqdm

from tinylab.data.opus import OpusFile

LEADS = range(1, 51)
# Far below the 10 to 15 dB between a word and what Opus made of it.
ENOUGH_DB = -40.0


def leads(path: Path, starts: np.ndarray, lengths: np.ndarray) -> list[int]:
    """The lead of each word, in packets: the first that is good enough, or else the best one."""
    stream, _ = soundfile.read(path, dtype="float32")
    file = OpusFile(path)
    chosen = []
    for start, length in tqdm(zip(starts.tolist(), lengths.tolist(), strict=True), unit="word"):
        whole = np.clip(stream[start : start + length], -1, 1)
        errors_dB = []
        for lead in LEADS:
            errors_dB.append(_error_dB(file.read(start, length, lead) / 32767, whole))
            if errors_dB[-1] < ENOUGH_DB:
                break
        chosen.append(LEADS[int(np.argmin(errors_dB))])
    return chosen


def _error_dB(word: np.ndarray, whole: np.ndarray) -> float:
    return 10 * np.log10(np.sum((word - whole) ** 2) / np.sum(whole**2) + 1e-12)
