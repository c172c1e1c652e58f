"""The MIT-BIH Arrhythmia Database: its files in, recordings at 125 Hz with AAMI's classes out.

    mit-bih/100.hea     text: rate, signals, how they are coded
    mit-bih/100.dat     two signals at 360 Hz, "format 212": two samples of 12 bits in three bytes
    mit-bih/100.atr     every beat's time and kind

Sources: Moody & Mark, "The Impact of the MIT-BIH Arrhythmia Database" (2001); the formats as the
WFDB manual gives them; AAMI EC57 for the classes; de Chazal et al., "Automatic Classification of
Heartbeats Using ECG Morphology and Heartbeat Interval Features" (2004) for the two sets, which
leave out the four patients with pacemakers.
"""

import re
from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from tinylab.data.heartbeats.recording import SAMPLE_RATE, Recording, STEP_mV
from tinylab.paths import public_datasets_dir

__all__ = ["SETS", "load_set", "read_annotations", "read_record", "unpack_212"]

SETS = {
    "DS1": (101, 106, 108, 109, 112, 114, 115, 116, 118, 119, 122)
    + (124, 201, 203, 205, 207, 208, 209, 215, 220, 223, 230),
    "DS2": (100, 103, 105, 111, 113, 117, 121, 123, 200, 202, 210)
    + (212, 213, 214, 219, 221, 222, 228, 231, 232, 233, 234),
}
LEAD = "MLII"
_PUBLIC = "mit-bih"
# Kinds of beats by their code in .atr files; -1 is AAMI's F (fusion) and Q (paced, unknown).
_NORMAL = dict.fromkeys((1, 2, 3, 11, 34), 0)  # normal, bundle branch blocks, escapes
_ATRIAL = dict.fromkeys((4, 7, 8, 9), 1)
_VENTRICULAR = dict.fromkeys((5, 10, 41), 2)
_OTHERS = dict.fromkeys((6, 12, 13, 25, 30, 35, 38), -1)
LABELS = _NORMAL | _ATRIAL | _VENTRICULAR | _OTHERS
_GAIN = re.compile(r"([0-9.]*[1-9][0-9.]*)(?:\((-?[0-9]+)\))?(?:/mV)?$")
"""Counts per mV, and the count of 0 mV where it is not the converter's zero: "200(1024)/mV"."""
_SKIP, _NUMBER, _SUBTYPE, _CHANNEL, _TEXT = 59, 60, 61, 62, 63


@dataclass(frozen=True)
class _Header:
    """What a .hea file says: samples a second, and of the chosen signal what turns counts to mV."""

    rate_Hz: float
    samples: int
    signals: int
    chosen: int
    file: str
    counts_per_mV: float
    zero: int
    checksum: int


def load_set(name: str, source: str | Path, patients: int | None = None) -> tuple[Recording, ...]:
    """The recordings of "DS1" or "DS2", in the order of their numbers.

    Parameters
    ----------
    name : {"DS1", "DS2"}
    source : str or Path
        "mit-bih", where `tinylab fetch` puts it, or a folder that holds the files.
    patients : int, optional
        The first so many.

    Raises
    ------
    FileNotFoundError
        If the folder or one of the files is not there.
    ValueError
        If a file is damaged or of another kind, or there are fewer patients.
    """
    numbers = SETS[name]
    if patients is not None and patients > len(numbers):
        raise ValueError(f"{name} has {len(numbers)} patients, not {patients}")
    folder = _folder(source)
    return tuple(read_record(folder / str(number)) for number in numbers[:patients])


def _folder(source: str | Path) -> Path:
    fetched = str(source) == _PUBLIC
    path = public_datasets_dir() / _PUBLIC if fetched else Path(source)
    for candidate in (path, *(sorted(path.iterdir()) if path.is_dir() else ())):
        if candidate.is_dir() and any(candidate.glob("*.hea")):
            return candidate
    hint = (
        f"run `tinylab fetch {_PUBLIC}` first" if fetched else "pass the folder of the .hea files"
    )
    raise FileNotFoundError(f"no MIT-BIH records in {path}: {hint}")


def read_record(path: Path) -> Recording:
    """One record, named without an ending: the lead MLII at 125 Hz, its beats and their classes.

    Raises
    ------
    FileNotFoundError
        If one of its three files is not there.
    ValueError
        If a file is damaged or of another kind.
    """
    header = _read_header(path.with_suffix(".hea"))
    raw = np.frombuffer(_bytes(path.parent / header.file), np.uint8)
    counts = unpack_212(raw)
    if len(counts) < header.samples * header.signals:
        raise ValueError(f"{path.parent / header.file} is cut off: fetch the database again")
    counts = counts[: header.samples * header.signals].reshape(-1, header.signals)
    counts = counts[:, header.chosen]
    if (int(counts.sum()) - header.checksum) % 65536:
        raise ValueError(f"{path.parent / header.file} is damaged (checksum): fetch it again")
    rate = round(header.rate_Hz)
    up, down = SAMPLE_RATE // gcd(SAMPLE_RATE, rate), rate // gcd(SAMPLE_RATE, rate)
    signal_mV = resample_poly((counts - header.zero) / header.counts_per_mV, up, down)
    times, codes = read_annotations(_bytes(path.with_suffix(".atr")))
    beats = np.isin(codes, list(LABELS))
    return Recording(
        f"MIT-BIH {path.name}",
        np.clip(np.round(signal_mV / STEP_mV), -2047, 2047).astype(np.int16),
        np.round(times[beats] * (SAMPLE_RATE / rate)).astype(np.int64),
        np.array([LABELS[code] for code in codes[beats]], np.int64),
    )


def unpack_212(raw: np.ndarray) -> np.ndarray:
    """Samples of 12 bits, two in three bytes, int32 (2 * len(raw) // 3,).

    The first byte has the low bits of the first sample; the second byte has both samples' high
    bits, the first one's in its low half; the third byte has the low bits of the second sample.
    """
    triples = raw[: len(raw) // 3 * 3].reshape(-1, 3).astype(np.int32)
    first = (triples[:, 1] & 0x0F) << 8 | triples[:, 0]
    second = (triples[:, 1] & 0xF0) << 4 | triples[:, 2]
    samples = np.stack([first, second], axis=1).ravel()
    return samples - ((samples & 0x800) << 1)


def read_annotations(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Times (samples, int64) and codes (int64) of all annotations of an .atr file.

    Each is a word of 16 bits: six bits of code above ten bits of time since the last one. Code 59
    is followed by a longer time in two words, the high one first; 60 to 62 change fields that are
    not needed here; 63 is followed by text. A word of zero ends the file.

    Raises
    ------
    ValueError
        If the file ends early.
    """
    words = np.frombuffer(content[: len(content) // 2 * 2], "<u2").astype(np.int64)
    times, codes, now, at = [], [], 0, 0
    while at < len(words) and words[at]:
        code, value = int(words[at] >> 10), int(words[at] & 0x3FF)
        at += 1
        if code == _SKIP:
            if at + 2 > len(words):
                break
            longer = int(words[at] << 16 | words[at + 1])
            now += longer - (1 << 32 if longer >= 1 << 31 else 0)
            at += 2
        elif code == _TEXT:
            at += (value + 1) // 2
        elif code not in (_NUMBER, _SUBTYPE, _CHANNEL):
            now += value
            times.append(now)
            codes.append(code)
    if at >= len(words):
        raise ValueError("the annotations end early: fetch the database again")
    return np.array(times, np.int64), np.array(codes, np.int64)


def _read_header(path: Path) -> _Header:
    lines = [
        line.split()
        for line in _bytes(path).decode("ascii", "replace").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    try:
        _, signals, rate, samples = lines[0][:4]
        rows = lines[1 : 1 + int(signals)]
        names = [row[8] for row in rows]
        chosen = names.index(LEAD) if LEAD in names else 0
        row = rows[chosen]
        if any(other[1] != "212" or other[0] != row[0] for other in rows):
            raise ValueError("not format 212")
        gain, zero = _GAIN.match(row[2]).groups()
        return _Header(
            rate_Hz=float(rate.split("/")[0]),
            samples=int(samples),
            signals=len(rows),
            chosen=chosen,
            file=row[0],
            counts_per_mV=float(gain),
            zero=int(row[4] if zero is None else zero),
            checksum=int(row[6]),
        )
    except (ValueError, IndexError, AttributeError):
        raise ValueError(
            f"{path} is not a header of the MIT-BIH Arrhythmia Database: signals in one file of"
            " format 212"
        ) from None


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: run `tinylab fetch {_PUBLIC}`")
    return path.read_bytes()
