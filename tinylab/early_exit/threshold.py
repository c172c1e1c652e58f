"""Early exits: easy examples leave a network early and save the work of the rest.

After Teerapittayanon et al., "BranchyNet: Fast Inference via Early Exiting from Deep Neural
Networks"
(2016). In: what every exit says of every example, and what it costs to get to it. Out: for a
threshold, who leaves where, how accurate that is, and what it costs on average.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import entr

from tinylab.cost.catalogue.checks import at_least, fraction

SUM_TOLERANCE = 0.05
"""How far the probabilities of an int8 softmax (steps of 1/256) may be from adding up to 1."""


@dataclass(frozen=True, eq=False)
class ExitRecord:
    """What every exit said of every example, measured once; the last exit is the network's own end.

    Parameters
    ----------
    entropy_bits : ndarray of float64, shape (examples, exits)
        Of the probabilities at each exit: 0 is certain, log2(classes) knows nothing.
    correct : ndarray of bool, shape (examples, exits)
    macs : ndarray of int64, shape (exits,)
        Spent by an example that leaves there, all earlier exits' heads included.
    """

    entropy_bits: np.ndarray
    correct: np.ndarray
    macs: np.ndarray

    def __post_init__(self):
        if self.entropy_bits.shape != self.correct.shape or self.correct.ndim != 2:
            raise ValueError("entropy_bits and correct must be of one shape (examples, exits)")
        if self.macs.shape != self.correct.shape[1:] or np.any(np.diff(self.macs) <= 0):
            raise ValueError("macs holds one number for each exit, each larger than the one before")
        if not len(self.correct):
            raise ValueError("a record needs at least one example")

    @property
    def examples(self) -> int:
        return len(self.correct)

    @property
    def exits(self) -> int:
        return len(self.macs)


@dataclass(frozen=True, eq=False)
class ExitPoint:
    """What one threshold does.

    Parameters
    ----------
    threshold_bits : float
    exit_rates : ndarray of float64, shape (exits,)
        Share of the examples that leave at each exit; they add up to 1.
    exit_accuracy : ndarray of float64, shape (exits,)
        Accuracy among those that leave there, NaN if none does.
    accuracy : float
    mean_macs : float
    """

    threshold_bits: float
    exit_rates: np.ndarray
    exit_accuracy: np.ndarray
    accuracy: float
    mean_macs: float

    def mean_of(self, costs) -> float:
        """Average of a cost with one value for each exit, such as milliseconds."""
        return float(self.exit_rates @ np.asarray(costs, dtype=np.float64))


def entropy_bits(probabilities) -> np.ndarray:
    """Shannon entropy over the last axis, in bits.

    Parameters
    ----------
    probabilities : array_like, shape (..., classes)

    Returns
    -------
    ndarray of float64, shape (...)
    """
    shares = np.asarray(probabilities, dtype=np.float64)
    sums = shares.sum(axis=-1)
    if not (np.all(shares >= 0) and np.allclose(sums, 1, atol=SUM_TOLERANCE)):
        raise ValueError("probabilities must be 0 or more and add up to 1 over the last axis")
    return entr(shares).sum(axis=-1) / np.log(2)


def exit_record(probabilities, labels, macs) -> ExitRecord:
    """Note what every exit says.

    Parameters
    ----------
    probabilities : array_like, shape (exits, examples, classes)
    labels : array_like of int, shape (examples,)
    macs : array_like of int, shape (exits,)
    """
    probabilities, labels = np.asarray(probabilities), np.asarray(labels)
    if probabilities.ndim != 3 or probabilities.shape[1] != len(labels):
        raise ValueError(
            f"probabilities must have the shape (exits, {len(labels)}, classes), not"
            f" {probabilities.shape}"
        )
    correct = probabilities.argmax(axis=-1) == labels
    return ExitRecord(entropy_bits(probabilities).T, correct.T, np.asarray(macs, np.int64))


def exit_taken(entropies, threshold_bits: float) -> np.ndarray:
    """The exit each example takes: the first whose entropy is below the threshold, else the last.

    Parameters
    ----------
    entropies : array_like, shape (examples, exits)
    threshold_bits : float

    Returns
    -------
    ndarray of int64, shape (examples,)
    """
    entropies = np.asarray(entropies)
    at_least("threshold_bits", threshold_bits, 0, "bits")
    if np.isnan(entropies).any():
        raise ValueError("entropies must be numbers; some are NaN")
    leaves = entropies < threshold_bits
    leaves[:, -1] = True
    return leaves.argmax(axis=1)


def at_threshold(record: ExitRecord, threshold_bits: float) -> ExitPoint:
    """Let every example leave where it is sure enough."""
    taken = exit_taken(record.entropy_bits, threshold_bits)
    right = record.correct[np.arange(record.examples), taken]
    leaving = np.bincount(taken, minlength=record.exits)
    hits = np.bincount(taken, weights=right, minlength=record.exits)
    return ExitPoint(
        threshold_bits=float(threshold_bits),
        exit_rates=leaving / record.examples,
        exit_accuracy=np.divide(
            hits, leaving, out=np.full(record.exits, np.nan), where=leaving > 0
        ),
        accuracy=float(right.mean()),
        mean_macs=float(record.macs[taken].mean()),
    )


def choose_threshold(
    record: ExitRecord, *, max_loss: float, thresholds=None, reference: float | None = None
) -> float:
    """The threshold of the fewest mean MACs that loses no more accuracy than allowed.

    Choose it on validation examples and report it on others: on the examples it was chosen with it
    looks better than it is.

    Parameters
    ----------
    record : ExitRecord
    max_loss : float
        In accuracy, 0.01 for a percentage point, against the last exit.
    thresholds : array_like, optional
        Candidates in bits, by default 101 from 0 to 1.
    reference : float, optional
        The accuracy of which so much may be lost, where it is not the last exit's: several networks
        are asked for the same.

    Returns
    -------
    float
        0.0, which lets nobody leave early, if no other will do.
    """
    fraction("max_loss", max_loss, zero=True)
    candidates = np.linspace(0, 1, 101) if thresholds is None else np.asarray(thresholds)
    whole = record.correct[:, -1].mean() if reference is None else reference
    lowest = whole - max_loss
    points = [at_threshold(record, point) for point in candidates]
    allowed = [point for point in points if point.accuracy >= lowest - 1e-12]
    if not allowed:
        return 0.0
    return min(allowed, key=lambda point: (point.mean_macs, -point.accuracy)).threshold_bits
