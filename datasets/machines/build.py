"""Build the recordings of machines: `python -m datasets.machines.build`.

Needs nothing but the workbook's own packages. Everything random comes from one seed. Writes beside
itself

    recordings.npz   log-mel of every recording, rounded to half a decibel, and what is known of it
    ageing.npz       the same for one machine over two years
    sounds.opus      some of the test recordings as sound, one after another; sounds.csv names them
"""

import argparse
import csv
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import soundfile
from tqdm import tqdm

from datasets.machines.plan import Job, ageing_jobs, jobs
from datasets.machines.simulate import record
from datasets.machines.sources import SAMPLE_RATE
from tinylab.data.download import checksums
from tinylab.files import replacing
from tinylab.signal.log_mel import log_mel

HERE = Path(__file__).resolve().parent
SEED = 2026
FRAMES = 64
SECONDS = (
    (FRAMES + 1) * 512 / SAMPLE_RATE
)  # FRAMES + 2 frames, the first and last of them half empty
STEP_dB, LOWEST_dB = 0.5, -110.0  # the loudest 0.02 % of the values are cut off at 17.5 dB
# libsndfile's 0..1 scale: about 57 kbit/s, which moves log-mel by less than a decibel and hides no
# fault.
OPUS_COMPRESSION = 0.8


def waveform(job: Job) -> np.ndarray:
    """The sound of one recording, shape (n,) int16."""
    rng = np.random.default_rng([SEED, *job.key])
    return np.round(record(job.machine, job.condition, rng, SECONDS) * 32767).astype(np.int16)


def features(job: Job) -> np.ndarray:
    """Its log-mel, shape (FRAMES, 128) uint8, in steps of `STEP_dB` above `LOWEST_dB`."""
    steps = (log_mel(waveform(job))[1:-1] - LOWEST_dB) / STEP_dB
    return np.clip(np.round(steps), 0, 255).astype(np.uint8)


def compute(plan: list[Job], workers: int) -> np.ndarray:
    with ProcessPoolExecutor(workers) as pool:
        made = pool.map(features, plan, chunksize=20)
        return np.stack(list(tqdm(made, total=len(plan), unit="recording")))


def columns(plan: list[Job]) -> Iterator[tuple[str, np.ndarray]]:
    """What is known of each recording, as arrays."""
    yield "splits", np.array([job.split for job in plan])
    yield "names", np.array([job.name for job in plan])
    yield "machines", np.array([job.number for job in plan], np.int8)
    yield "faults", np.array([job.condition.fault for job in plan])
    yield "severity", np.array([job.condition.severity for job in plan], np.float32)
    yield "load", np.array([job.condition.load for job in plan], np.float32)
    yield "month", np.array([job.month for job in plan], np.int8)
    yield "phase", np.array([job.phase for job in plan])


def write(path: Path, plan: list[Job], workers: int) -> None:
    steps = compute(plan, workers)
    scale = {"step_dB": np.float32(STEP_dB), "lowest_dB": np.float32(LOWEST_dB)}
    with replacing(path) as temporary:
        np.savez_compressed(temporary, log_mel=steps, **scale, **dict(columns(plan)))


def write_sounds(folder: Path, plan: list[Job]) -> None:
    """The severest test recording of each machine and fault, and one normal recording, as sound."""
    chosen = sorted({_severest(plan, job) for job in plan if job.split == "test"})
    with replacing(folder / "sounds.opus") as path:
        sound = np.concatenate([waveform(plan[index]) for index in chosen])
        with soundfile.SoundFile(
            path, "w", SAMPLE_RATE, 1, "OPUS", format="OGG", compression_level=OPUS_COMPRESSION
        ) as file:
            for block in np.array_split(sound, max(1, len(sound) // 160_000)):
                file.write(block)
    with replacing(folder / "sounds.csv") as path, open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("name", "machine", "fault", "severity"))
        for index in chosen:
            job = plan[index]
            row = (job.name, job.number, job.condition.fault, f"{job.condition.severity:.2f}")
            writer.writerow(row)


def _severest(plan: list[Job], like: Job) -> int:
    same = [
        index
        for index, job in enumerate(plan)
        if (job.split, job.number, job.condition.fault)
        == (like.split, like.number, like.condition.fault)
    ]
    return max(same, key=lambda index: plan[index].condition.severity)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--output", type=Path, default=HERE)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    main_set = jobs()
    write(options.output / "recordings.npz", main_set, options.workers)
    write(options.output / "ageing.npz", ageing_jobs(), options.workers)
    write_sounds(options.output, main_set)
    if options.output == HERE:
        names = ("recordings.npz", "ageing.npz", "sounds.opus", "sounds.csv")
        checksums.record(HERE / name for name in names)


if __name__ == "__main__":
    main()
