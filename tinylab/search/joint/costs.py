"""What every network costs with each compression and exit: work, flash and memory.

An exit is a second classifier behind one of the blocks. An example that leaves there has cost the
blocks before it; any other costs the whole network and the exit besides.

Weights of fewer than 8 bits are stored packed; of a pruned kernel a bit for each weight says
whether it stays, and those that stay follow. No kernel of the deployed program computes with
either: both are unpacked to int8 while the program runs, a kernel at a time. So they save flash,
not time; every unpacked weight counts as an element written, and the largest kernel needs memory of
its own.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from tinylab.cost import FEATURES
from tinylab.search.joint.results import JointResults
from tinylab.search.joint.settings import Compression
from tinylab.search.space import CLASSES, as_rows, costs_of, positions_of

__all__ = ["JointCosts", "Kernels", "joint_costs", "kernels_of", "stored_bytes"]

STEM_WEIGHTS, DEPTHWISE_WEIGHTS = 40, 9


@dataclass(frozen=True, eq=False)
class Kernels:
    """Weights of networks by kind, an entry for each network; int64 (n,).

    Parameters
    ----------
    pruned : ndarray
        In the stem and in all pointwise kernels.
    whole : ndarray
        In depthwise kernels and the classifier.
    largest_pruned, largest : ndarray
        Of one kernel, among those that are pruned and among all.
    """

    pruned: np.ndarray
    whole: np.ndarray
    largest_pruned: np.ndarray
    largest: np.ndarray


@dataclass(frozen=True, eq=False)
class JointCosts:
    """Costs of every compression and exit, in the order of a `JointResults`.

    Parameters
    ----------
    early, most : ndarray of float64, shape (compressions, exits, 6)
        Amounts of `tinylab.cost.FEATURES` of an example that leaves at the exit, and of any other;
        alike without an exit.
    flash_bytes, ram_bytes : ndarray of int64, shape (compressions, exits)
        Weights and biases as they are stored; arena and unpacked kernel.
    """

    early: np.ndarray
    most: np.ndarray
    flash_bytes: np.ndarray
    ram_bytes: np.ndarray


def kernels_of(rows: np.ndarray) -> Kernels:
    """Count the weights of networks, as rows of `tinylab.search.space.as_rows`."""
    stem, *blocks = np.asarray(rows).T[1:]
    pruned, largest_pruned = STEM_WEIGHTS * stem, STEM_WEIGHTS * stem
    whole, last = 0 * stem, stem
    for out in blocks:
        there = out > 0
        whole = whole + DEPTHWISE_WEIGHTS * last * there
        pruned, largest_pruned = pruned + last * out, np.maximum(largest_pruned, last * out)
        last = np.where(there, out, last)
    whole = whole + CLASSES * last
    largest = np.maximum(largest_pruned, CLASSES * last)
    return Kernels(pruned, whole, largest_pruned, largest)


def stored_bytes(kernels: Kernels, compression: Compression) -> np.ndarray:
    """Bytes of all kernels in flash, int64 (n,): packed, and pruned ones behind a bit a weight."""
    bits = compression.bits
    pruned = bits * kernels.pruned
    if compression.kept < 1:
        removed = np.rint((1 - compression.kept) * kernels.pruned).astype(np.int64)
        pruned = kernels.pruned + bits * (kernels.pruned - removed)
    return -(-(pruned + bits * kernels.whole) // 8)


def joint_costs(results: JointResults) -> JointCosts:
    """The costs of everything that was measured."""
    exits = results.exits
    rows = as_rows(results.space.architectures)[exits.network]
    front = rows.copy()
    blocks = np.arange(1, rows.shape[1] - 1)
    exiting = exits.after > 0
    front[:, 2:][exiting[:, None] & (blocks > exits.after[:, None])] = 0
    last = front[np.arange(len(front)), 1 + np.count_nonzero(front[:, 2:], axis=1)] * exiting
    whole, early = costs_of(rows), costs_of(front)
    head = _classifier_amounts(positions_of(rows), last)
    kernels, before = kernels_of(rows), kernels_of(front)
    compressions = results.subject.compressions
    unpacked = np.stack([_unpacked(kernels, one) for one in compressions])
    at_exit = np.stack([_unpacked(before, one) for one in compressions])
    second = CLASSES * last * np.array([[one.bits < 8] for one in compressions])
    most = whole.amounts + head + _as_elements(unpacked + second)
    leaving = early.amounts + _as_elements(at_exit)
    biases = whole.weight_bytes - kernels.pruned - kernels.whole + 4 * CLASSES * exiting
    both = dataclasses.replace(kernels, whole=kernels.whole + CLASSES * last)
    flash = np.stack([stored_bytes(both, one) + biases for one in compressions])
    memory = np.stack([whole.arena_bytes + _scratch(kernels, one) for one in compressions])
    return JointCosts(leaving, most, flash, memory)


def _classifier_amounts(positions: np.ndarray, channels: np.ndarray) -> np.ndarray:
    """Pooling, classifier and softmax of an exit behind so many channels; none behind 0."""
    amounts = np.zeros((len(channels), len(FEATURES)))
    there = channels > 0
    amounts[:, FEATURES.index("dense_macs")] = CLASSES * channels
    amounts[:, FEATURES.index("elements")] = positions * channels + 2 * CLASSES * there
    amounts[:, FEATURES.index("calls")] = 3 * there
    return amounts


def _as_elements(counts: np.ndarray) -> np.ndarray:
    amounts = np.zeros((*counts.shape, len(FEATURES)))
    amounts[..., FEATURES.index("elements")] = counts
    return amounts


def _unpacked(kernels: Kernels, compression: Compression) -> np.ndarray:
    """Weights that are written out for each example."""
    if compression.bits < 8:
        return kernels.pruned + kernels.whole
    return kernels.pruned * (compression.kept < 1)


def _scratch(kernels: Kernels, compression: Compression) -> np.ndarray:
    """Bytes of the largest kernel that has to be unpacked."""
    if compression.bits < 8:
        return kernels.largest
    return kernels.largest_pruned * (compression.kept < 1)
