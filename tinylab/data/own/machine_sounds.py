"""Sounds of machines of one's own as log-mel spectrograms: `folder/normal/*`, `folder/FAULT/*`.

Longer recordings are cut into pieces of two seconds, as long as the built-in ones. The machine is
the number behind `id_` or `machine` in the file's name, 1 if there is none.
"""

import re
from pathlib import Path

import numpy as np

from tinylab.data.own import files
from tinylab.data.own.sounds import pieces, read_sound
from tinylab.signal.log_mel import AD, log_mel

NORMAL = "normal"
_FRAMES = 64
_LENGTH = (_FRAMES + 1) * AD.frame_step
_NUMBER = re.compile(r"(?:id|machine)[ _-]?(\d{1,6})", re.IGNORECASE)


def is_own(source: str | Path) -> bool:
    """Whether a folder has labels of its own, and not DCASE's layout."""
    root = Path(source)
    return root.is_dir() and ((root / NORMAL).is_dir() or (root / "train" / NORMAL).is_dir())


def read(source: str | Path, split: str) -> tuple[np.ndarray, ...]:
    """The fields of `tinylab.data.machines.MachineRecordings`, ordered by machine.

    Parameters
    ----------
    source : path
    split : str
        "train" has normal sound alone.

    Raises
    ------
    ValueError
        A file is shorter than two seconds, or the split lacks a label.
    """
    listed = files.list_files(source, files.SOUNDS)
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
    return [(spectrum, _machine(path), fault, path.name) for spectrum in spectra]
