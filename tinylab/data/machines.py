"""Anomaly detection's examples: healthy and faulty machines as log-mel spectrograms.

`load` reads the built-in simulated machines, or DCASE's ToyCar from a folder; both give the same
`MachineRecordings`. `load_ageing` follows one machine over two years. `load_sounds` has some of the
recordings as sound, to listen to.
"""

import csv
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile

from tinylab.data.download.checksums import shipped
from tinylab.data.noise import SAMPLE_RATE
from tinylab.data.own import chosen, machine_sounds
from tinylab.data.published import dcase
from tinylab.signal.log_mel import windows

__all__ = [
    "AGEING_SPLITS",
    "FAULTS",
    "MACHINES",
    "PHASES",
    "SAMPLE_RATE",
    "SPLITS",
    "AgeingRecordings",
    "MachineRecordings",
    "Sounds",
    "flat_windows",
    "load",
    "load_ageing",
    "load_sounds",
    "windows",
]

MACHINES = (1, 2, 3, 4)
FAULTS = (
    "imbalance",
    "gear tooth",
    "bearing outer race",
    "bearing inner race",
    "looseness",
    "rubbing",
    "dry bearing",
)
SPLITS = ("train", "validation", "test")
AGEING_SPLITS = ("train", "test")
PHASES = ("new", "drifted", "repaired", "new operating point")


@dataclass(frozen=True)
class MachineRecordings:
    """MachineRecordings of machines and what is known of each.

    Parameters
    ----------
    log_mel : numpy.ndarray
        Shape (n, frames, 128), float32, dB: 64 frames (2 s) of a built-in recording, 200 of a
        public one, as MLPerf Tiny's front end makes them.
    machines : numpy.ndarray
        Shape (n,), int64: the machine, counted from 1.
    labels : numpy.ndarray
        Shape (n,), int64: 0 normal, 1 anomalous.
    faults : numpy.ndarray
        Shape (n,), str: one of `FAULTS`, "" for a normal recording; "unknown" in a public set.
    severity : numpy.ndarray
        Shape (n,), float32: 0 for none, 1 for a fault anyone would hear; nan where unknown.
    names : numpy.ndarray
        Shape (n,), str: DCASE's file name.
    """

    log_mel: np.ndarray
    machines: np.ndarray
    labels: np.ndarray
    faults: np.ndarray
    severity: np.ndarray
    names: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, choice: slice | np.ndarray | Sequence[int]):
        """Some of the recordings: a slice, a mask or a list of indices."""
        parts = (getattr(self, field.name)[choice] for field in dataclasses.fields(self))
        return type(self)(*parts)


@dataclass(frozen=True)
class AgeingRecordings(MachineRecordings):
    """MachineRecordings of one machine in order of time.

    Parameters
    ----------
    month : numpy.ndarray
        Shape (n,), int64: 0 is the first month of the machine's life.
    phase : numpy.ndarray
        Shape (n,), str: one of `PHASES`.
    """

    month: np.ndarray
    phase: np.ndarray


@dataclass(frozen=True)
class Sounds:
    """MachineRecordings of the test split as sound.

    Parameters
    ----------
    waveforms : numpy.ndarray
        Shape (n, samples), int16, 16 kHz; log-mel frame k of the same recording is centred on
        sample
        512 * (k + 1).
    machines, faults, severity, names : numpy.ndarray
        As in `MachineRecordings`.
    """

    waveforms: np.ndarray
    machines: np.ndarray
    faults: np.ndarray
    severity: np.ndarray
    names: np.ndarray

    def __len__(self) -> int:
        return len(self.names)


def load(
    split: str,
    *,
    machine: int | None = None,
    limit: int | None = None,
    seed: int = 0,
    source: str | Path | None = None,
) -> MachineRecordings:
    """MachineRecordings of a split, ordered by machine, normal ones first.

    Parameters
    ----------
    split : str
        "train" (normal sound alone), "validation" or "test".
    machine : int, optional
        Only this machine, 1 to 4.
    limit : int, optional
        At most so many normal and so many anomalous recordings of each machine, drawn by `seed`.
    seed : int
        Chooses the recordings where there are more than `limit`.
    source : str or Path, optional
        Without it what `tinylab.data.use` has chosen, the built-in set if nothing; "built-in";
        "toycar" for the fetched public set; a folder that holds
        DCASE's `train` and `test`; or a folder of your own with a folder `normal` and one for each
        fault, see `tinylab.data.folder`. A public validation split is a tenth of its training
        files, all of them normal.

    Returns
    -------
    MachineRecordings

    Raises
    ------
    ValueError
        If the split, the machine or `limit` makes no sense.
    FileNotFoundError
        If the source is not there.
    """
    if split not in SPLITS:
        raise ValueError(f"no split is called {split!r}; choose one of {', '.join(SPLITS)}")
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    names = None
    if source is None and (own_set := chosen.own_set("anomaly_detection")):
        source, names = own_set.source, own_set.names
    if source in (None, "built-in"):
        source = None
    elif machine_sounds.is_own(source):
        own = MachineRecordings(*machine_sounds.read(source, split, names))
        kept = np.arange(len(own))
        return own[_choose(kept, own.machines, own.labels == 1, machine, limit, seed)]
    if source is not None:
        listed = dcase.listed(source, split)
        kept = _choose(
            np.arange(len(listed.files)), listed.machines, listed.labels == 1, machine, limit, seed
        )
        return MachineRecordings(*listed.read(kept))
    kept = _stored("recordings.npz")
    inside = np.flatnonzero(kept["splits"] == split)
    inside = _choose(inside, kept["machines"], kept["faults"] != "", machine, limit, seed)
    return MachineRecordings(*_columns(kept, inside))


def load_ageing(
    split: str, *, phase: str | None = None, limit: int | None = None, seed: int = 0
) -> AgeingRecordings:
    """One machine over two years, month by month.

    It is new for six months, drifts for six (wear, looser feet), is repaired (another bearing,
    stiffer feet), and from month 18 on runs slower under more load.

    Parameters
    ----------
    split : {"train", "test"}
        Normal sound to adapt to, or normal and anomalous sound to measure with.
    phase : str, optional
        Only one of `PHASES`. A set of your own, chosen with `tinylab.data.use`, has no years: its
        phases are simulated from its recordings, and a sentence says how.
    limit : int, optional
        At most so many normal and so many anomalous recordings of each month, drawn by `seed`.
    seed : int

    Returns
    -------
    AgeingRecordings
        In order of time; within a month normal ones first.

    Raises
    ------
    ValueError
        If the split, the phase or `limit` makes no sense.
    """
    if split not in AGEING_SPLITS:
        raise ValueError(f"the ageing series has the splits train and test, not {split!r}")
    if phase is not None and phase not in PHASES:
        raise ValueError(f"no phase is called {phase!r}; choose one of {', '.join(PHASES)}")
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    own = _own("a folder says nothing of years, so the built-in machine ages")
    if own:
        chosen.say(
            "Your own set has no years: its phases are simulated from its recordings, "
            f"{machine_sounds.AGEING}."
        )
        every = AgeingRecordings(*machine_sounds.ageing(own.source, split, PHASES, own.names))
        inside = np.arange(len(every)) if phase is None else np.flatnonzero(every.phase == phase)
        return every[_choose(inside, every.month, every.labels == 1, None, limit, seed)]
    kept = _stored("ageing.npz")
    wanted = kept["splits"] == split
    if phase is not None:
        wanted &= kept["phase"] == phase
    inside = np.flatnonzero(wanted)
    inside = _choose(inside, kept["month"], kept["faults"] != "", None, limit, seed)
    month = kept["month"][inside].astype(np.int64)
    return AgeingRecordings(*_columns(kept, inside), month, kept["phase"][inside])


def load_sounds() -> Sounds:
    """Of each machine one healthy recording and the severest of each fault, as sound; of a set of
    your own one recording of each fault."""
    if own := _own("a public set is not kept as sound, so the built-in machines are heard"):
        return Sounds(*machine_sounds.sounds(own.source, own.names))
    with open(shipped("machines/sounds.csv"), newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    samples, _ = soundfile.read(shipped("machines/sounds.opus"), dtype="int16")
    return Sounds(
        samples.reshape(len(rows), -1),
        np.array([row["machine"] for row in rows], np.int64),
        np.array([row["fault"] for row in rows]),
        np.array([row["severity"] for row in rows], np.float32),
        np.array([row["name"] for row in rows]),
    )


def _own(otherwise: str) -> chosen.OwnSet | None:
    """The set of one's own that was chosen; a public set has only log-mel, and it says so."""
    own = chosen.own_set("anomaly_detection")
    if own and not own.names:
        chosen.aside("anomaly_detection", otherwise)
    return own if own and own.names else None


def _choose(
    inside: np.ndarray,
    groups: np.ndarray,
    anomalous: np.ndarray,
    group: int | None,
    limit: int | None,
    seed: int,
) -> np.ndarray:
    """The indices of `inside` in a group, at most `limit` normal and `limit` anomalous of each."""
    if group is not None:
        if group not in groups[inside]:
            known = ", ".join(map(str, np.unique(groups[inside])))
            raise ValueError(f"there is no machine {group!r} here; choose from {known}")
        inside = inside[groups[inside] == group]
    if limit is None:
        return inside
    rng = np.random.default_rng(seed)
    kept = []
    for number in np.unique(groups[inside]):
        for kind in (False, True):
            same = inside[(groups[inside] == number) & (anomalous[inside] == kind)]
            kept.append(np.sort(rng.permutation(same)[:limit]))
    return np.concatenate(kept)


@lru_cache(maxsize=4)
def _stored(name: str) -> dict[str, np.ndarray]:
    with np.load(shipped(f"machines/{name}")) as file:
        return {key: file[key] for key in file.files}


def _columns(kept: dict[str, np.ndarray], inside: np.ndarray) -> tuple[np.ndarray, ...]:
    log_mel = kept["log_mel"][inside] * kept["step_dB"] + kept["lowest_dB"]
    faults = kept["faults"][inside]
    return (
        log_mel.astype(np.float32),
        kept["machines"][inside].astype(np.int64),
        (faults != "").astype(np.int64),
        faults,
        kept["severity"][inside],
        kept["names"][inside],
    )


def representative_windows(recordings: int = 5) -> np.ndarray:
    """Normal windows from which the ranges of activations are measured, shape (n, 640) float32.

    Parameters
    ----------
    recordings : int
        Of each machine, from the training split.
    """
    some = load("train", limit=recordings)
    return flat_windows(some.log_mel)[::5]  # neighbouring windows overlap in four of five frames


def flat_windows(log_mel: np.ndarray) -> np.ndarray:
    """All windows of all recordings, shape (n, 640)."""
    vectors = windows(log_mel)
    return vectors.reshape(-1, vectors.shape[-1])
