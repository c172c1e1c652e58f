"""Elastic weight consolidation (Kirkpatrick et al., PNAS 2017): holds the weights that mattered.

An autoencoder trained by squared error is a Gaussian model: output plus noise of variance s. What
its weights mattered for the old data is its Fisher information. Averaged over the noise, the
diagonal is

    F = E_x sum over outputs o of (d output_o / d weight)^2 / s,

which is estimated without any Jacobian: draw noise, propagate it back in place of the error, and
square each example's gradient (`tinylab.adapt.dense_training.per_example_squares`). Learning on
adds the penalty strength / 2 * F * (weight - old weight)^2 to the loss.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.adapt.dense_training import Weights, per_example_squares, predict

__all__ = ["Anchor", "anchor", "ewc_penalty", "ewc_penalty_gradient", "fisher_diagonal"]


@dataclass(frozen=True, eq=False)
class Anchor:
    """Old weights and how stiffly each is held.

    Parameters
    ----------
    weights, fisher : tuple of arrays
    """

    weights: Weights
    fisher: Weights

    @property
    def memory_bytes(self) -> int:
        """Two float32 for each weight."""
        return 8 * sum(value.size for value in self.weights)


def fisher_diagonal(
    weights: Weights,
    x: np.ndarray,
    *,
    variance: float | None = None,
    draws: int = 1,
    batch_size: int = 256,
    seed: int = 0,
) -> Weights:
    """Diagonal of the Fisher information of a Gaussian autoencoder, mean over examples.

    Parameters
    ----------
    weights : tuple of arrays
    x : float array (n, inputs)
        Old data.
    variance : float, optional
        Of the noise; by default the mean squared error on `x`.
    draws : int
        Noise vectors for each example; more give a steadier estimate.
    batch_size : int
        Examples at a time.
    seed : int
    """
    if variance is None:
        variance = float(np.mean((predict(weights, x) - x) ** 2))
    rng = np.random.default_rng(seed)
    total = [np.zeros_like(value) for value in weights]
    for _ in range(draws):
        for first in range(0, len(x), batch_size):
            batch = x[first : first + batch_size]
            # The gradient of log p at a drawn target is noise / variance, with noise ~ N(0,
            # variance).
            deltas = rng.standard_normal((len(batch), weights[-1].size)) / np.sqrt(variance)
            squares = per_example_squares(weights, batch, deltas)
            for sum_, value in zip(total, squares):
                sum_ += value * (len(batch) / (len(x) * draws))
    return tuple(total)


def anchor(weights: Weights, x: np.ndarray, **options) -> Anchor:
    """Hold these weights by their importance for `x`; options as for `fisher_diagonal`."""
    return Anchor(weights, fisher_diagonal(weights, x, **options))


def ewc_penalty(weights: Weights, held: Anchor, strength: float) -> float:
    """strength / 2 times the sum of F (weight - old weight)^2."""
    parts = zip(weights, held.weights, held.fisher)
    return strength / 2 * float(sum(np.sum(f * (w - old) ** 2) for w, old, f in parts))


def ewc_penalty_gradient(weights: Weights, held: Anchor, strength: float) -> Weights:
    """Gradient of `ewc_penalty` with respect to the weights."""
    parts = zip(weights, held.weights, held.fisher)
    return tuple(np.float32(strength) * f * (w - old) for w, old, f in parts)
