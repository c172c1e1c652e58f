"""Which weights of a kernel to keep, as a mask of its shape (True where a weight stays).

Arithmetic in numpy; `tinylab.compress.pruning.prune` puts the masks onto a model while it trains.
"""

from collections.abc import Mapping

import numpy as np

__all__ = [
    "check_sparsity",
    "magnitude_mask",
    "model_masks",
    "n_of_m_mask",
    "polynomial_sparsity",
]


def magnitude_mask(weights: np.ndarray, sparsity: float) -> np.ndarray:
    """Keep the largest magnitudes (Han et al. 2015).

    Parameters
    ----------
    weights : ndarray of float, any shape
    sparsity : float
        Share of the weights to remove, 0 to 1; of n weights exactly round(sparsity * n) go.

    Returns
    -------
    ndarray of bool, shape of `weights`
        Of equal magnitudes the later ones in memory stay, so that the count is exact.
    """
    weights, sparsity = np.asarray(weights), check_sparsity(sparsity)
    kept = np.full(weights.size, True)
    order = np.argsort(np.abs(weights), axis=None, kind="stable")
    kept[order[: round(sparsity * len(kept))]] = False
    return kept.reshape(weights.shape)


def model_masks(
    kernels: Mapping[str, np.ndarray],
    sparsity: float | Mapping[str, float],
    *,
    scope: str = "layer",
) -> dict[str, np.ndarray]:
    """Masks of several kernels by magnitude.

    Parameters
    ----------
    kernels : mapping of layer name to ndarray of float
    sparsity : float, or mapping of layer name to float
        In a mapping, layers that are left out stay whole.
    scope : {"layer", "model"}
        "layer" removes that share of every kernel, "model" the smallest weights of all kernels
        together, each magnitude divided by the root mean square of its kernel: without that the
        layers with large weights would hardly be touched.

    Returns
    -------
    dict of layer name to ndarray of bool
    """
    if scope not in ("layer", "model"):
        raise ValueError(f"scope must be 'layer' or 'model', not {scope!r}")
    if isinstance(sparsity, Mapping):
        _check_names(kernels, sparsity)
        if scope == "model":
            raise ValueError("scope 'model' takes one sparsity for all layers together")
        return {name: magnitude_mask(kernels[name], share) for name, share in sparsity.items()}
    if scope == "layer":
        return {name: magnitude_mask(kernel, sparsity) for name, kernel in kernels.items()}
    together = np.concatenate([_relative(kernel).ravel() for kernel in kernels.values()])
    kept, masks, start = magnitude_mask(together, sparsity), {}, 0
    for name, kernel in kernels.items():
        masks[name] = kept[start : start + kernel.size].reshape(kernel.shape)
        start += kernel.size
    return masks


def n_of_m_mask(weights: np.ndarray, n: int = 2, m: int = 4) -> np.ndarray:
    """Of every m weights that one output sums over, keep the n largest (Mishra et al. 2021).

    Parameters
    ----------
    weights : ndarray of float, shape (..., outputs)
        In Keras' layout of Conv2D and Dense; give a depthwise kernel as (height, width, channels).
    n, m : int
        2 and 4 are what the sparse units of GPUs take. Where m does not divide the weights of an
        output, the last group is shorter and keeps up to n.

    Returns
    -------
    ndarray of bool, shape of `weights`
    """
    if not 0 < n <= m:
        raise ValueError(f"n of m must fulfil 0 < n <= m, not {n} of {m}")
    weights = np.asarray(weights)
    flat = np.abs(weights.reshape(-1, weights.shape[-1]).T.astype(np.float64))
    missing = -flat.shape[1] % m
    groups = np.pad(flat, ((0, 0), (0, missing)), constant_values=-1.0).reshape(len(flat), -1, m)
    rank = np.argsort(np.argsort(-groups, axis=-1, kind="stable"), axis=-1, kind="stable")
    kept = (rank < n).reshape(len(flat), -1)[:, : flat.shape[1]]
    return np.ascontiguousarray(kept.T).reshape(weights.shape)


def polynomial_sparsity(
    step: float, begin: float, end: float, final: float, *, initial: float = 0.0, power: float = 3.0
) -> float:
    """Sparsity at a step of the training: quick at first, gentle at the end (Zhu & Gupta 2017).

    Between `begin` and `end` it is final + (initial - final) * (1 - progress)**power; before, it is
    `initial`; after, `final`.
    """
    if not begin < end:
        raise ValueError(f"the schedule must begin before it ends, not at {begin} and {end}")
    progress = min(max((step - begin) / (end - begin), 0.0), 1.0)
    return final + (initial - final) * (1.0 - progress) ** power


def check_sparsity(sparsity: float) -> float:
    """The sparsity as a float; a ValueError unless it lies in 0..1."""
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparsity is the share of weights to remove, 0 to 1, not {sparsity}")
    return float(sparsity)


def _relative(kernel: np.ndarray) -> np.ndarray:
    """Magnitudes in units of the kernel's root mean square."""
    magnitude = np.abs(np.asarray(kernel, np.float64))
    return magnitude / max(np.sqrt(np.mean(magnitude**2)), np.finfo(np.float32).tiny)


def _check_names(kernels: Mapping, named: Mapping) -> None:
    unknown = sorted(set(named) - set(kernels))
    if unknown:
        raise ValueError(f"there is no kernel named {unknown[0]!r}; there are {', '.join(kernels)}")
