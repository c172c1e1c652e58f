"""Low-rank arithmetic: the factors of an approximation of a kernel. Numpy only.

A matrix of a rows and b columns that is nearly of rank r is nearly the product of an a x r and an
r x b matrix: r(a + b) numbers instead of ab.
"""

import numpy as np

__all__ = [
    "break_even_rank",
    "rank_for_energy",
    "svd_factors",
    "tucker2_break_even",
    "tucker2_factors",
    "tucker2_kernel",
]


def svd_factors(matrix: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """The best approximation of a rank (Eckart & Young 1936), as two factors.

    Parameters
    ----------
    matrix : ndarray of float, shape (a, b)
    rank : int
        1 to min(a, b).

    Returns
    -------
    first : ndarray of float32, shape (a, rank)
    second : ndarray of float32, shape (rank, b)
        Both carry the square root of the singular values, so that they are of similar size and
        quantize alike.
    """
    matrix = np.asarray(matrix, np.float64)
    if matrix.ndim != 2 or not 1 <= rank <= min(matrix.shape):
        raise ValueError(f"a matrix of shape {matrix.shape} has no approximation of rank {rank}")
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    root = np.sqrt(values[:rank])
    return (left[:, :rank] * root).astype(np.float32), (root[:, None] * right[:rank]).astype(
        np.float32
    )


def rank_for_energy(matrix: np.ndarray, energy: float) -> int:
    """The smallest rank that keeps a share of the sum of the squared singular values.

    Parameters
    ----------
    matrix : ndarray of float, shape (a, b)
    energy : float
        Above 0, at most 1.
    """
    if not 0 < energy <= 1:
        raise ValueError(f"energy is a share above 0, at most 1, not {energy}")
    squares = np.linalg.svd(np.asarray(matrix, np.float64), compute_uv=False) ** 2
    if not squares.any():
        return 1
    kept = np.cumsum(squares) / squares.sum()
    # The last entries are 1 up to rounding; the margin is far below any energy one would ask for.
    return int(min(np.searchsorted(kept, energy - 1e-12) + 1, squares.size))


def break_even_rank(rows: int, columns: int) -> int:
    """The largest rank at which two factors have fewer weights than the matrix; 0 if none."""
    return (rows * columns - 1) // (rows + columns)


def tucker2_factors(
    kernel: np.ndarray, in_rank: int, out_rank: int, *, iterations: int = 10
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tucker decomposition of a convolution's kernel along its two channel axes (Kim et al. 2016).

    Parameters
    ----------
    kernel : ndarray of float, shape (height, width, inputs, outputs)
    in_rank, out_rank : int
    iterations : int
        Of higher-order orthogonal iteration, after the start from both unfoldings.

    Returns
    -------
    compress : ndarray of float32, shape (inputs, in_rank)
        A 1x1 convolution.
    core : ndarray of float32, shape (height, width, in_rank, out_rank)
    expand : ndarray of float32, shape (out_rank, outputs)
        A 1x1 convolution.
    """
    kernel = np.asarray(kernel, np.float64)
    if kernel.ndim != 4:
        raise ValueError(f"a convolution's kernel has 4 axes, not {kernel.ndim}")
    for rank, channels in ((in_rank, kernel.shape[2]), (out_rank, kernel.shape[3])):
        if not 1 <= rank <= channels:
            raise ValueError(f"a rank must be 1 to {channels}, the channels, not {rank}")
    into, out = _leading(kernel, 2, in_rank), _leading(kernel, 3, out_rank)
    for _ in range(iterations):
        into = _leading(np.einsum("hwio,op->hwip", kernel, out), 2, in_rank)
        out = _leading(np.einsum("hwio,ir->hwro", kernel, into), 3, out_rank)
    core = np.einsum("hwio,ir,op->hwrp", kernel, into, out)
    return into.astype(np.float32), core.astype(np.float32), out.T.astype(np.float32)


def tucker2_kernel(compress: np.ndarray, core: np.ndarray, expand: np.ndarray) -> np.ndarray:
    """The kernel that the three factors stand for."""
    return np.einsum("ir,hwrp,po->hwio", compress, core, expand)


def tucker2_break_even(shape: tuple[int, int, int, int], in_rank: int, out_rank: int) -> bool:
    """Whether the three factors have fewer weights than a kernel of that shape."""
    height, width, inputs, outputs = shape
    factors = inputs * in_rank + height * width * in_rank * out_rank + out_rank * outputs
    return factors < height * width * inputs * outputs


def _leading(tensor: np.ndarray, axis: int, rank: int) -> np.ndarray:
    """The leading left singular vectors of a tensor unfolded along an axis, (channels, rank)."""
    unfolded = np.moveaxis(tensor, axis, 0).reshape(tensor.shape[axis], -1)
    return np.linalg.svd(unfolded, full_matrices=False)[0][:, :rank]
