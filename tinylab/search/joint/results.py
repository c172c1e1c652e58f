"""How many clips every network answers right, compressed and with an exit: all of it measured."""

import dataclasses
import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from tinylab.cache import read_results
from tinylab.files import replacing
from tinylab.search.joint.settings import Compression, Exits, exits_of
from tinylab.search.space import Space

__all__ = [
    "FreshRow",
    "JointResults",
    "JointSubject",
    "ProgramRow",
    "bundled_joint_results",
    "read_joint",
    "write_joint",
]

PATH = Path(__file__).parents[1] / "data" / "keywords_joint.npz"


@dataclass(frozen=True)
class CompressedSlice:
    """A network of the space and how it is compressed.

    Parameters
    ----------
    stride : int
    widths : tuple of int
    bits : int
    kept : float
    """

    stride: int
    widths: tuple[int, ...]
    bits: int
    kept: float


@dataclass(frozen=True)
class FreshRow(CompressedSlice):
    """A choice, measured again on clips that had no part in choosing it.

    Parameters
    ----------
    after : int
        Blocks before the exit; 0 without one.
    threshold : float
        0 without an exit.
    accuracy, fresh : float
        In the table, and on the fresh clips; 0 to 1.
    """

    after: int
    threshold: float
    accuracy: float
    fresh: float


@dataclass(frozen=True)
class ProgramRow(CompressedSlice):
    """A slice in the table, and as an int8 program that LiteRT runs on the same clips.

    Parameters
    ----------
    table, program : float
        Accuracy, 0 to 1.
    """

    table: float
    program: float


@dataclass(frozen=True)
class JointSubject:
    """What the counts of `JointResults` are of, and what was measured beside them.

    Parameters
    ----------
    strides, widths : tuple of int
        The space.
    compressions : tuple of Compression
        The first is what an int8 program does to every network.
    thresholds : tuple of float
    examples : int
        Validation clips.
    fresh_examples : int
        Test clips of the rows in `fresh`.
    fresh : tuple of FreshRow
    programs : tuple of ProgramRow
    cpu_s : float
        Processor seconds of all measurements.
    """

    strides: tuple[int, ...]
    widths: tuple[int, ...]
    compressions: tuple[Compression, ...]
    thresholds: tuple[float, ...]
    examples: int
    fresh_examples: int = 0
    fresh: tuple[FreshRow, ...] = ()
    programs: tuple[ProgramRow, ...] = ()
    cpu_s: float = 0.0

    @property
    def space(self) -> Space:
        """The networks."""
        return Space(self.strides, self.widths)


@dataclass(frozen=True, eq=False)
class JointResults:
    """Right answers of every network of a space, by compression and exit.

    Parameters
    ----------
    subject : JointSubject
    right, early : ndarray of int64, shape (compressions, exits)
        Clips that are answered right, and that leave at the exit, in the order of `exits`.
    """

    subject: JointSubject
    right: np.ndarray
    early: np.ndarray

    def __post_init__(self):
        shape = (len(self.subject.compressions), len(self.exits))
        if self.right.shape != shape or self.early.shape != shape:
            raise ValueError(f"right and early must hold {shape[0]} x {shape[1]} counts")

    @cached_property
    def space(self) -> Space:
        """The networks."""
        return self.subject.space

    @cached_property
    def exits(self) -> Exits:
        """What the columns of `right` and `early` are of."""
        return exits_of(self.space, self.subject.thresholds)

    @cached_property
    def accuracy(self) -> np.ndarray:
        """float64, shape (compressions, exits), 0 to 1."""
        return self.right / self.subject.examples


def write_joint(path: str | Path, results: JointResults) -> None:
    """Write results as `bundled_joint_results` reads them."""
    with replacing(path) as temporary:
        np.savez_compressed(
            temporary,
            subject=json.dumps(dataclasses.asdict(results.subject)),
            right=results.right.astype(np.uint16),
            early=results.early.astype(np.uint16),
        )


def read_joint(path: str | Path) -> JointResults:
    """Results that `write_joint` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        subject = read_results(json.loads(str(stored["subject"])), JointSubject)
        counts = (stored[name].astype(np.int64) for name in ("right", "early"))
        return JointResults(subject, *counts)


@cache
def bundled_joint_results() -> JointResults:
    """The measurements that `tinylab train search` wrote and that are shipped."""
    return read_joint(PATH)
