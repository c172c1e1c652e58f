"""Build the bank of spoken words: `python -m datasets.speech.build`.

Needs the Debian packages of `voices.csv` and `pip install pyworld soxr`. Everything random comes
from one seed; the same packages give the same words. Writes beside itself

    words.opus   every word, one after another, 20 ms of silence between them
    words.csv    one row a word: word, speaker, split, start and length in samples at 16 kHz, lead
"""

import argparse
import csv
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from tqdm import tqdm

from datasets.speech import engines
from datasets.speech.leads import leads
from datasets.speech.speakers import PUNCTUATION, Speaker, generator, speakers, utterance_prosody
from datasets.speech.world import warp
from tinylab.data.download.checksums import record
from tinylab.files import replacing

HERE = Path(__file__).resolve().parent
SEED = 2025
SPLITS = ("train", "validation", "test", "test_engine")
COMMANDS = "down go left no off on right stop up yes".split()
OTHERS = (
    "backward bed bird cat dog eight five follow forward four happy house learn marvin nine one "
    "seven sheila six three tree two visual wow zero"
).split()
FOR_FEW_SHOT = "computer door hello lights music".split()
GAP = engines.SAMPLE_RATE // 50
# libsndfile's 0..1 scale: about 17 kbit/s of wideband speech.
OPUS_COMPRESSION = 0.95


@dataclass(frozen=True)
class Job:
    """One take of one word by one speaker."""

    speaker: Speaker
    word: str
    take: int


def plan(command_takes: int, other_takes: int, seed: int) -> list[Job]:
    """All takes by split (so that a reader decodes no other split), then by speaker and word."""
    takes = dict.fromkeys(COMMANDS, command_takes)
    takes |= dict.fromkeys(OTHERS + FOR_FEW_SHOT, other_takes)
    people = sorted(
        speakers(HERE / "voices.csv", seed), key=lambda person: SPLITS.index(person.split)
    )
    return [
        Job(speaker, word, take)
        for speaker in people
        for word, count in takes.items()
        for take in range(count * speaker.takes)
    ]


def speak(job: Job) -> np.ndarray | None:
    """One dry word (n,) int16 at 16 kHz; None when the engine failed or the word is too short."""
    speaker = job.speaker
    rng = generator(SEED, speaker.name, job.word, job.take)
    text = job.word + str(rng.choice(PUNCTUATION))
    word = engines.synthesise(speaker.engine, speaker.voice, text, utterance_prosody(speaker, rng))
    if word is not None and speaker.tract is not None:
        word = engines.trim(warp(word, speaker.tract, rng))
    if word is None or not 0.12 <= len(word) / engines.SAMPLE_RATE <= 1.2:
        return None
    return np.round(word * 32767).astype(np.int16)


def pack(jobs: list[Job], words: list[np.ndarray], folder: Path) -> None:
    """Write the Opus stream and its index."""
    gap = np.zeros(GAP, np.int16)
    rows, position = [], 0
    for job, word in zip(jobs, words, strict=True):
        rows.append((job.word, job.speaker.name, job.speaker.split, position, len(word)))
        position += len(word) + GAP
    stream = np.concatenate([part for word in words for part in (word, gap)])
    with (
        replacing(folder / "words.opus") as path,
        soundfile.SoundFile(
            path,
            "w",
            engines.SAMPLE_RATE,
            1,
            "OPUS",
            format="OGG",
            compression_level=OPUS_COMPRESSION,
        ) as file,
    ):
        for block in np.array_split(stream, max(1, len(stream) // 160_000)):
            file.write(block)
    starts, lengths = np.array([row[3:] for row in rows]).T
    rows = [
        (*row, lead)
        for row, lead in zip(rows, leads(folder / "words.opus", starts, lengths), strict=True)
    ]
    with replacing(folder / "words.csv") as path, open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("word", "speaker", "split", "start", "length", "lead"))
        writer.writerows(rows)
    if folder == HERE:
        record(folder / name for name in ("words.opus", "words.csv", "voices.csv"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--command-takes", type=int, default=2)
    parser.add_argument("--other-takes", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--output", type=Path, default=HERE)
    options = parser.parse_args()
    jobs = plan(options.command_takes, options.other_takes, SEED)
    with ProcessPoolExecutor(options.workers) as pool:
        spoken = list(tqdm(pool.map(speak, jobs, chunksize=20), total=len(jobs), unit="word"))
    kept = [(job, word) for job, word in zip(jobs, spoken, strict=True) if word is not None]
    pack([job for job, _ in kept], [word for _, word in kept], options.output)
    print(f"{len(kept)} words, {len(jobs) - len(kept)} left out")


if __name__ == "__main__":
    main()
