"""Who speaks: the table of voices in `voices.csv`, turned into a list of speakers.

A *voice* is what an engine offers. A *speaker* is a voice with habits of its own: a pitch, a rate
and, except for the first speaker of a voice, another vocal tract and timbre made by the WORLD
vocoder. All speakers of a voice are in the same split, so a voice that is tested was never trained
on.
"""

import csv
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datasets.speech.engines import Prosody
from datasets.speech.world import Tract

# espeak-ng's English accents; each speaker keeps one.
ACCENTS = (
    "en-us",
    "en-us",
    "en-us",
    "en-gb",
    "en-gb-x-rp",
    "en-gb-scotland",
    "en-gb-x-gbclan",
    "en-gb-x-gbcwmd",
    "en-029",
    "en-us-nyc",
)
PUNCTUATION = ("", "", ".", "!", "?", ",")


@dataclass(frozen=True)
class Speaker:
    """A voice and its habits. `tract` is None where the engine's voice is used as it is."""

    name: str
    engine: str
    voice: str
    split: str
    takes: int
    prosody: Prosody
    tract: Tract | None


def generator(seed: int, *keys: str | int) -> np.random.Generator:
    """Random numbers that depend on `keys` alone: adding a speaker changes none of the others."""
    return np.random.default_rng([seed, *(zlib.crc32(str(key).encode()) for key in keys)])


def read_voices(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def speakers(path: Path, seed: int) -> list[Speaker]:
    """Every speaker of the table, in its order."""
    return [
        _speaker(row, index, seed)
        for row in read_voices(path)
        for index in range(int(row["speakers"]))
    ]


def _speaker(row: dict[str, str], index: int, seed: int) -> Speaker:
    engine, voice = row["engine"], row["voice"]
    name = f"{engine}:{voice}" + (f":{index}" if index else "")
    rng = generator(seed, name)
    spoken_as = f"{rng.choice(ACCENTS)}+{voice}" if engine == "espeak" else voice
    prosody = Prosody(
        rate=float(np.exp(rng.normal(0, 0.12))), pitch=float(np.exp(rng.normal(0, 0.10)))
    )
    tract = Tract.random(rng) if index else None
    return Speaker(name, engine, spoken_as, row["split"], int(row["takes"]), prosody, tract)


def utterance_prosody(speaker: Speaker, rng: np.random.Generator) -> Prosody:
    """The speaker's own prosody, varied from one take to the next."""
    return Prosody(
        rate=float(speaker.prosody.rate * np.exp(rng.normal(0, 0.15))),
        pitch=float(speaker.prosody.pitch * np.exp(rng.normal(0, 0.08))),
        melody=float(rng.uniform(0.4, 2.0)),
    )
