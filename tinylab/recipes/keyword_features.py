"""Training examples for keyword spotting: words of the bank, disturbed anew each time, as MFCC.

Free of Keras, so that the processes which share the work start quickly.
"""

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from tqdm.auto import tqdm

from tinylab.data import speech
from tinylab.data.augment import STRONG, Augmentation
from tinylab.signal.device_input import as_the_device_sees_it
from tinylab.signal.mfcc import mfcc

__all__ = ["Examples", "examples"]

_PER_CLASS_AT_ONCE = 50  # 600 clips of one second: 19 MB


class Examples(NamedTuple):
    """Features and what they are of.

    Attributes
    ----------
    x : float32 array (n, 49, 10, 1)
    y : int64 array (n,)
    speakers : str array (n,)
    """

    x: np.ndarray
    y: np.ndarray
    speakers: np.ndarray


@dataclass(frozen=True)
class _Piece:
    split: str
    per_class: int
    augmentation: Augmentation
    seed: int


def examples(
    split: str,
    per_class: int,
    *,
    augmentation: Augmentation = STRONG,
    seed: int = 0,
    workers: int | None = None,
    progress: bool = True,
) -> Examples:
    """Make features of a split of the built-in bank.

    Parameters
    ----------
    split : str
        As in `tinylab.data.speech.load`.
    per_class : int
        Examples of each class. More than there are recordings give each one several rooms, noises
        and positions.
    augmentation : Augmentation
    seed : int
        The same seed gives the same examples, whatever the number of workers.
    workers : int, optional
        Processes that share the work; by default one a core. 1 works in this process.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Examples
    """
    if per_class < 1:
        raise ValueError(f"per_class must be at least 1, got {per_class}")
    pieces = list(_pieces(split, per_class, augmentation, seed))
    workers = min(workers or os.cpu_count() or 1, len(pieces))
    with _pool(workers) as pool:
        computed = map(_compute, pieces) if pool is None else pool.map(_compute, pieces)
        bar = tqdm(computed, total=len(pieces), unit="batch", desc=split, disable=not progress)
        return Examples(*map(np.concatenate, zip(*bar, strict=True)))


def _pieces(split, per_class, augmentation, seed) -> Iterator[_Piece]:
    for number, first in enumerate(range(0, per_class, _PER_CLASS_AT_ONCE)):
        count = min(_PER_CLASS_AT_ONCE, per_class - first)
        yield _Piece(split, count, augmentation, seed * 1_000_000 + number)


def _pool(workers: int):
    if workers == 1:
        return nullcontext()
    # Not forked: TensorFlow's threads would not survive it.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context)


def _compute(piece: _Piece) -> Examples:
    clips = speech.load(
        piece.split, per_class=piece.per_class, augmentation=piece.augmentation, seed=piece.seed
    )
    x = as_the_device_sees_it(mfcc(clips.waveforms))
    return Examples(x[..., np.newaxis], clips.labels, clips.speakers)
