"""Recordings by name: the built-in patients, hidden ones made from a seed, or public ones."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from tinylab.data.download.checksums import shipped
from tinylab.data.heartbeats import mit_bih
from tinylab.data.heartbeats.patients import HIDDEN, record_patient
from tinylab.data.heartbeats.recording import Recording

__all__ = ["HIDDEN_PATIENTS", "HIDDEN_SEED", "SPLITS", "load"]

SPLITS = ("train", "hidden")
HIDDEN_SEED = 11
"""Of twelve draws (seeds 1 to 12), this one is as hard as they are on average."""
HIDDEN_PATIENTS = 30


def load(
    split: str,
    *,
    patients: int | None = None,
    seed: int | None = None,
    source: str | Path | None = None,
) -> tuple[Recording, ...]:
    """Recordings of patients, each with the class of every beat.

    Parameters
    ----------
    split : {"train", "hidden"}
        60 built-in patients to train on, or others that nobody trains on. Hidden patients are made
        when they are asked for, and are harder (see `patients.HIDDEN`).
    patients : int, optional
        The first so many; by default all, or 30 hidden ones.
    seed : int, optional
        Which hidden patients; by default those of the challenge's public check.
    source : str or Path, optional
        "mit-bih" for the fetched MIT-BIH Arrhythmia Database, or a folder that holds its files:
        "train" is then DS1 and "hidden" DS2, each 22 patients (de Chazal et al. 2004).

    Raises
    ------
    ValueError
        If the split, the number of patients or the seed makes no sense.
    FileNotFoundError
        If the source is not there.
    """
    if split not in SPLITS:
        raise ValueError(f"no split is called {split!r}; choose one of {', '.join(SPLITS)}")
    if patients is not None and patients < 1:
        raise ValueError(f"patients must be at least 1, not {patients}")
    if seed is not None and (split != "hidden" or source is not None):
        raise ValueError("only hidden patients of the generator depend on a seed: leave it out")
    if source is not None:
        return mit_bih.load_set({"train": "DS1", "hidden": "DS2"}[split], source, patients)
    if split == "hidden":
        count = HIDDEN_PATIENTS if patients is None else patients
        return _hidden(HIDDEN_SEED if seed is None else seed, count)
    built_in = _built_in()
    if patients is not None and patients > len(built_in):
        raise ValueError(f"there are {len(built_in)} built-in patients, not {patients}")
    return built_in[:patients]


@lru_cache(maxsize=4)
def _hidden(seed: int, count: int) -> tuple[Recording, ...]:
    return tuple(record_patient(HIDDEN, seed, number) for number in range(count))


@lru_cache(maxsize=1)
def _built_in() -> tuple[Recording, ...]:
    with np.load(shipped("heartbeats/patients.npz")) as file:
        kept = {key: file[key] for key in file.files}
    counts = np.split(kept["counts"], np.cumsum(kept["samples"])[:-1])
    ends = np.cumsum(kept["beats"])[:-1]
    peaks, labels = (np.split(kept[key].astype(np.int64), ends) for key in ("peaks", "labels"))
    return tuple(
        Recording(str(name), *parts)
        for name, *parts in zip(kept["patients"], counts, peaks, labels, strict=True)
    )
