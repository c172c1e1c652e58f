"""Weight sharing: a kernel becomes a codebook (a few values) and an index for each weight.

With 16 values an index takes 4 bits. The values are found by k-means (Han, Mao & Dally 2016) and
can be trained on: `tinylab.compress.deep_compression.codebook_training`. Arithmetic in numpy.
"""

from dataclasses import dataclass

import numpy as np

__all__ = [
    "INITIALIZATIONS",
    "SharedWeights",
    "centroid_gradient",
    "exactly_shared",
    "initial_centroids",
    "kmeans_1d",
    "share_weights",
]

INITIALIZATIONS = ("linear", "density", "random")


@dataclass(frozen=True, eq=False)
class SharedWeights:
    """A kernel whose weights take few values.

    Parameters
    ----------
    codebook : ndarray of float32, shape (clusters,)
        Rising, all different. Where `pruned`, index 0 stands for zero and codebook[0] is 0.0.
    indices : ndarray of uint8, the kernel's shape
    pruned : bool
        Whether weights that were exactly zero have the index 0 to themselves.
    """

    codebook: np.ndarray
    indices: np.ndarray
    pruned: bool

    @property
    def kernel(self) -> np.ndarray:
        """The weights, float32."""
        return self.codebook[self.indices]


def share_weights(
    kernel: np.ndarray,
    clusters: int,
    *,
    initialization: str = "linear",
    iterations: int = 50,
    keep_zeros: bool = True,
    seed: int = 0,
) -> SharedWeights:
    """Let a kernel's weights share a few values, by k-means over the kernel.

    Parameters
    ----------
    kernel : ndarray of float, any shape
    clusters : int
        Values for the weights that are not zero, 1 to 255; fewer if there are fewer different ones.
    initialization : {"linear", "density", "random"}
        See `initial_centroids`.
    iterations : int
        Of k-means, at most.
    keep_zeros : bool
        Keep weights that are exactly zero apart: they are what pruning won.
    seed : int
        For the initialization "random".

    Returns
    -------
    SharedWeights
    """
    kernel = np.asarray(kernel, np.float32)
    if not 1 <= clusters <= 255:
        raise ValueError(f"clusters must be 1 to 255, so that an index is a byte; not {clusters}")
    pruned = bool(keep_zeros and np.any(kernel == 0))
    present = kernel != 0 if pruned else np.ones(kernel.shape, bool)
    values = kernel[present]
    indices = np.zeros(kernel.shape, np.uint8)
    if values.size == 0:
        return SharedWeights(np.zeros(1, np.float32), indices, pruned)
    centroids = kmeans_1d(values, clusters, initialization, iterations=iterations, seed=seed)
    # As float32, neighbours may fall together, and a cluster may end at zero exactly.
    codebook, merged = np.unique(centroids.astype(np.float32), return_inverse=True)
    indices[present] = merged[nearest(values, centroids)] + pruned
    if pruned:
        codebook = np.concatenate([np.zeros(1, np.float32), codebook])
    return SharedWeights(codebook, indices, pruned)


def exactly_shared(kernel: np.ndarray) -> SharedWeights | None:
    """Codebook and indices of a kernel whose weights take few values already, none of them changed.

    Returns
    -------
    SharedWeights, or None if there are more than 255 values.
    """
    kernel = np.asarray(kernel, np.float32)
    codebook, indices = np.unique(kernel, return_inverse=True)
    if len(codebook) > 255:
        return None
    pruned = bool(np.any(codebook == 0))
    order = np.argsort(codebook != 0, kind="stable")  # zero first, the others still rising
    index = np.empty_like(order)
    index[order] = np.arange(len(order))
    shape = kernel.shape
    return SharedWeights(codebook[order], index[indices].reshape(shape).astype(np.uint8), pruned)


def kmeans_1d(
    values: np.ndarray,
    clusters: int,
    initialization: str = "linear",
    *,
    iterations: int = 50,
    seed: int = 0,
) -> np.ndarray:
    """Lloyd's algorithm on a line.

    On a line the border between two clusters is the middle between their centroids, so assigning
    is one binary search.

    Parameters
    ----------
    values : ndarray of float, not empty
    clusters : int
    initialization : {"linear", "density", "random"}
    iterations : int
        At most; it ends when no centroid moves.
    seed : int

    Returns
    -------
    ndarray of float64, shape (k,), rising
        k is `clusters`, or less where clusters ran empty: those are dropped.
    """
    values = np.sort(np.asarray(values, np.float64), axis=None)
    centroids = initial_centroids(values, clusters, initialization, seed=seed)
    totals = np.concatenate([[0.0], np.cumsum(values)])
    for _ in range(iterations):
        borders = np.searchsorted(values, (centroids[1:] + centroids[:-1]) / 2, side="left")
        ends = np.concatenate([[0], borders, [values.size]])
        counts = np.diff(ends)
        sums = np.diff(totals[ends])
        moved = sums[counts > 0] / counts[counts > 0]
        if moved.shape == centroids.shape and np.array_equal(moved, centroids):
            break
        centroids = moved
    return centroids


def initial_centroids(
    values: np.ndarray, clusters: int, initialization: str = "linear", *, seed: int = 0
) -> np.ndarray:
    """Where k-means starts.

    Parameters
    ----------
    values : ndarray of float, not empty
    clusters : int
    initialization : {"linear", "density", "random"}
        "linear": evenly from the smallest to the largest value, so that the few large weights,
        which matter most, get centroids of their own; "density": evenly along the cumulative
        distribution; "random": values drawn by chance (Forgy). Han, Mao & Dally (2016), figure 6.

    Returns
    -------
    ndarray of float64, rising; equal centroids are merged
    """
    values = np.asarray(values, np.float64).ravel()
    if values.size == 0 or not np.isfinite(values).all():
        raise ValueError("k-means needs at least one value, and all of them finite")
    if clusters < 1:
        raise ValueError(f"clusters must be at least 1, not {clusters}")
    if initialization == "linear":
        # The middle of the range, where there is but one centroid.
        ends = values.min(), values.max()
        start = np.linspace(*ends, clusters) if clusters > 1 else np.array([np.mean(ends)])
    elif initialization == "density":
        start = np.quantile(values, (np.arange(clusters) + 0.5) / clusters)
    elif initialization == "random":
        rng = np.random.default_rng(seed)
        start = rng.choice(np.sort(values), min(clusters, values.size), replace=False)
    else:
        raise ValueError(
            f"initialization must be one of {', '.join(INITIALIZATIONS)}, not {initialization!r}"
        )
    return np.unique(start)


def nearest(values: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    """Index of the nearest of the rising centroids for each value; between two, the upper."""
    return np.searchsorted((centroids[1:] + centroids[:-1]) / 2, values, side="right")


def centroid_gradient(
    kernel_gradient: np.ndarray, indices: np.ndarray, clusters: int
) -> np.ndarray:
    """Gradient of the loss by each shared value: the sum over the weights that share it.

    Parameters
    ----------
    kernel_gradient : ndarray of float, any shape
    indices : ndarray of int, the same shape
    clusters : int

    Returns
    -------
    ndarray of float64, shape (clusters,)
    """
    if np.shape(kernel_gradient) != np.shape(indices):
        raise ValueError(
            f"gradient and indices must have one shape, not {np.shape(kernel_gradient)} and"
            f" {np.shape(indices)}"
        )
    return np.bincount(
        np.ravel(indices), np.ravel(np.asarray(kernel_gradient, np.float64)), minlength=clusters
    )
