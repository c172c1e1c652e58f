"""The folder layout of DCASE 2020's Task 2 (ToyADMOS, MIMII), read into the workbook's arrays.

    ToyCar/train/normal_id_01_00000000.wav ...            normal sound alone, 16 kHz, 10 or 11 s
    ToyCar/test/{normal,anomaly}_id_01_00000000.wav ...

Source: Koizumi et al., "Description and Discussion on DCASE2020 Challenge Task 2" (2020).
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from tinylab.paths import public_datasets_dir
from tinylab.signal.log_mel import AD, log_mel

__all__ = ["FileName", "Listed", "features", "folder", "listed", "parse_name", "split_files"]

_NAME = re.compile(r"(normal|anomaly)_id_(\d{2})_(\d{8})")
_VALIDATION_SHARE = 10  # every tenth file of the training folder is held out
_PUBLIC = "toycar"


@dataclass(frozen=True)
class FileName:
    """What a file's name says: `machine` counts from 1, `label` is 0 (normal) or 1 (anomalous)."""

    label: int
    machine: int
    number: int


def parse_name(name: str) -> FileName:
    """Read a name such as "anomaly_id_03_00000017.wav".

    Raises
    ------
    ValueError
        If the name is of another form.
    """
    match = _NAME.match(name)
    if match is None:
        raise ValueError(f"{name!r} is not of the form normal_id_01_00000000.wav")
    kind, machine, number = match.groups()
    return FileName(int(kind == "anomaly"), int(machine), int(number))


def folder(source: str | Path) -> Path:
    """The folder of `train` and `test`: where `tinylab fetch` puts it, or below the path given.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    fetched = str(source) == _PUBLIC
    path = public_datasets_dir() / _PUBLIC if fetched else Path(source)
    for candidate in (path, *(sorted(path.iterdir()) if path.is_dir() else ())):
        if (candidate / "train").is_dir() and (candidate / "test").is_dir():
            return candidate
    hint = (
        f"run `tinylab fetch {_PUBLIC}` first"
        if fetched
        else "pass the folder that holds `train` and `test`"
    )
    raise FileNotFoundError(f"no DCASE machine sounds in {path}: {hint}")


def split_files(root: Path, split: str) -> list[Path]:
    """The files of a split, by name; "validation" is every tenth file of the training folder."""
    files = sorted((root / ("test" if split == "test" else "train")).glob("*.wav"))
    if split == "test":
        return files
    held_out = set(files[_VALIDATION_SHARE - 1 :: _VALIDATION_SHARE])
    return [path for path in files if (path in held_out) == (split == "validation")]


def features(path: Path) -> np.ndarray:
    """Log-mel of a recording's middle, shape (200, 128) float32: MLPerf Tiny's frames 50 to 250.

    Raises
    ------
    ValueError
        If the file is of another sample rate or too short.
    """
    samples, rate = soundfile.read(path, dtype="int16", always_2d=True)
    if rate != AD.sample_rate_Hz:
        raise ValueError(f"{path} is sampled at {rate} Hz; pass sound at {AD.sample_rate_Hz} Hz")
    needed = (AD.last_frame - 1) * AD.frame_step
    if len(samples) < needed:
        raise ValueError(f"{path} has {len(samples)} samples; at least {needed} (8 s) are needed")
    return log_mel(samples[:, 0])[AD.first_frame : AD.last_frame]


@dataclass(frozen=True)
class Listed:
    """The files of a split by machine, normal ones first, and what their names say.

    Attributes
    ----------
    files : tuple of Path
    machines, labels : ndarray of int64, shape (n,)
    """

    files: tuple[Path, ...]
    machines: np.ndarray
    labels: np.ndarray

    def read(self, kept: np.ndarray) -> tuple[np.ndarray, ...]:
        """The columns of `tinylab.data.machines.MachineRecordings` of some files, in its order."""
        labels = self.labels[kept]
        return (
            np.stack([features(self.files[index]) for index in kept]),
            self.machines[kept],
            labels,
            np.where(labels == 1, "unknown", ""),
            np.where(labels == 1, np.nan, 0).astype(np.float32),
            np.array([self.files[index].name for index in kept]),
        )


def listed(source: str | Path, split: str) -> Listed:
    """The files of a split.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, or no file of the split in it.
    ValueError
        If a file's name is of another form.
    """
    files = split_files(folder(source), split)
    if not files:
        raise FileNotFoundError(f"no .wav files of the split {split!r} in {source}")
    known = [parse_name(path.name) for path in files]
    labels = np.array([name.label for name in known], np.int64)
    machines = np.array([name.machine for name in known], np.int64)
    order = np.lexsort((np.arange(len(files)), labels, machines))
    return Listed(tuple(files[index] for index in order), machines[order], labels[order])
