"""Sounds of machines of one's own as log-mel spectrograms: `folder/normal/*`, `folder/FAULT/*`.

Longer recordings are cut into pieces of two seconds, as long as the built-in ones. The machine is
the number behind `id_` or `machine` in the file's name, 1 if there is none.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tinylab.data.own import files
from tinylab.data.own.chosen import NORMAL
from tinylab.data.own.sounds import pieces, read_sound
from tinylab.signal.log_mel import AD, log_mel

AGEING = (
    "the second as if the microphone's foam took 6 dB of the highest tones, the third with a "
    "microphone that adds 4 dB to them, the last with all tones lower, as of a slower machine"
)
_FRAMES = 64
_LENGTH = (_FRAMES + 1) * AD.frame_step
_NUMBER = re.compile(r"(?:id|machine)[ _-]?(\d{1,6})", re.IGNORECASE)


def is_own(source: str | Path) -> bool:
    """Whether a folder has labels of its own, and not DCASE's layout."""
    root = Path(source)
    return root.is_dir() and ((root / NORMAL).is_dir() or (root / "train" / NORMAL).is_dir())


def read(
    source: str | Path, split: str, names: Sequence[str] | None = None
) -> tuple[np.ndarray, ...]:
    """The fields of `tinylab.data.machines.MachineRecordings`, ordered by machine.

    Parameters
    ----------
    source : path
    split : str
        "train" has normal sound alone.
    names : sequence of str, optional
        Only these labels.

    Raises
    ------
    ValueError
        A file is shorter than two seconds, or the split lacks a label.
    """
    listed = files.list_files(source, files.SOUNDS).only(names)
    chosen = np.flatnonzero(listed.splits == split) if split == "train" else listed.of(split)
    kinds = np.array(listed.names)[listed.labels[chosen]]
    if split == "train":
        chosen, kinds = chosen[kinds == NORMAL], kinds[kinds == NORMAL]
    if not len(chosen):
        raise ValueError(f"{source} has no {NORMAL} sound in its {split} split: add recordings")
    order = np.lexsort((chosen, kinds != NORMAL, [_machine(listed.files[i]) for i in chosen]))
    rows = [row for i in order for row in _rows(listed.files[chosen[i]], kinds[i])]
    spectra, machines, faults, names = (list(column) for column in zip(*rows, strict=True))
    faulty = np.array(faults) != ""
    return (
        np.stack(spectra),
        np.array(machines, np.int64),
        faulty.astype(np.int64),
        np.array(faults),
        np.where(faulty, np.nan, 0).astype(np.float32),
        np.array(names),
    )


def sounds(source: str | Path, names: Sequence[str] | None) -> tuple[np.ndarray, ...]:
    """The fields of `tinylab.data.machines.Sounds`: of each machine a recording of each kind."""
    listed = files.list_files(source, files.SOUNDS).only(names)
    kept = {}
    for i in listed.of("test"):
        kept.setdefault((_machine(listed.files[i]), listed.names[listed.labels[i]]), i)
    order = sorted(kept, key=lambda key: (key[0], key[1] != NORMAL, key[1]))
    paths = [listed.files[kept[key]] for key in order]
    faults = np.array(["" if kind == NORMAL else kind for _, kind in order])
    return (
        np.stack([pieces(read_sound(path), _LENGTH)[0] for path in paths]),
        np.array([machine for machine, _ in order], np.int64),
        faults,
        np.where(faults == "", 0, np.nan).astype(np.float32),
        np.array([_name(path) for path in paths]),
    )


def ageing(
    source: str | Path, split: str, phases: Sequence[str], names: Sequence[str] | None
) -> tuple[np.ndarray, ...]:
    """The fields of `tinylab.data.machines.AgeingRecordings`, simulated: see `AGEING`.

    A filter adds a fixed number of decibels to each band; tones that are lower move to lower bands.
    """
    log_mel, *others = read(source, split, names)
    order = np.argsort(others[1], kind="stable")  # normal ones first
    rise = np.linspace(0, 1, log_mel.shape[-1], dtype=np.float32)
    lower = np.concatenate([log_mel[..., 4:], log_mel[..., -4:]], axis=-1)
    changed = (log_mel, log_mel - 6 * rise, log_mel + 4 * rise, lower)
    columns = [np.concatenate([part[order] for part in changed])]
    columns += [np.tile(column[order], len(phases)) for column in others]
    numbers = np.repeat(np.arange(len(phases)), len(order))
    return (*columns, 6 * numbers, np.array(phases)[numbers])


def _name(path: Path) -> str:
    """Files of different labels may have one name."""
    return f"{path.parent.name}/{path.name}"


def _machine(path: Path) -> int:
    match = _NUMBER.search(path.stem)
    return int(match[1]) if match else 1


def _rows(path: Path, kind: str) -> list[tuple]:
    parts = pieces(read_sound(path), _LENGTH)
    if not parts:
        seconds = _LENGTH / AD.sample_rate_Hz
        raise ValueError(f"{path} is shorter than {seconds:.2f} s: record longer, or remove it")
    fault = "" if kind == NORMAL else kind
    spectra = [log_mel(part)[1 : _FRAMES + 1] for part in parts]
    return [(spectrum, _machine(path), fault, _name(path)) for spectrum in spectra]
