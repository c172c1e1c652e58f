"""Share bits among channels by their ranges, a whole number for each."""

import heapq

import numpy as np

from tinylab.compress.quantization.quantize import LARGEST_BITS, SMALLEST_BITS

__all__ = ["allocate_bits", "optimal_levels"]


def optimal_levels(thresholds: np.ndarray, bits: float) -> np.ndarray:
    """Number of steps for each channel that minimises the total rounding error, before it is made
    whole.

    With the number of steps of all n channels together held at n * 2**bits, the best share of a
    channel is proportional to the 2/3 power of its range, B_i = a_i^(2/3) / sum(a_j^(2/3)) * B
    (Banner et al. 2019, "Per-channel bit-allocation"). So the bits, log2 of it, go as 2/3
    log2(a_i).

    Parameters
    ----------
    thresholds : ndarray of float, shape (channels,)
        Largest magnitude (or clipping threshold) of each channel, at least 0.
    bits : float
        Average width, of which the quota n * 2**bits follows.

    Returns
    -------
    ndarray of float64, shape (channels,)
    """
    thresholds = _checked(thresholds)
    shares = thresholds ** (2 / 3)
    if shares.sum() == 0:
        shares = np.ones_like(shares)
    return shares / shares.sum() * thresholds.size * 2.0**bits


def allocate_bits(
    thresholds: np.ndarray,
    average_bits: float = 4,
    *,
    smallest: int = SMALLEST_BITS,
    largest: int = 8,
) -> np.ndarray:
    """Whole numbers of bits per channel, no more than `average_bits` on average.

    Starts from log2 of `optimal_levels`, shifted by one constant so that the *memory* quota
    channels * average_bits is met, rounds down, and then hands out the bits that are left one by
    one, each where it lowers the expected rounding error a^2 / (3 * 4^bits) most.

    Parameters
    ----------
    thresholds : ndarray of float, shape (channels,)
        Largest magnitude (or clipping threshold) of each channel.
    average_bits : float
        The quota, from `smallest` to `largest`.
    smallest, largest : int
        Limits for one channel.

    Returns
    -------
    ndarray of int64, shape (channels,)
        The sum is floor(channels * average_bits).

    Raises
    ------
    ValueError
        If a threshold is negative or not finite, or the quota lies outside the limits.
    """
    thresholds = _checked(thresholds)
    if not SMALLEST_BITS <= smallest <= average_bits <= largest <= LARGEST_BITS:
        raise ValueError(
            f"pass {SMALLEST_BITS} <= smallest <= average_bits <= largest <= {LARGEST_BITS}, "
            f"not {smallest}, {average_bits}, {largest}"
        )
    quota = int(np.floor(thresholds.size * average_bits + 1e-9))
    wanted = np.log2(np.maximum(optimal_levels(thresholds, average_bits), 1e-30))
    bits = _shifted_to_quota(wanted, quota, smallest, largest)
    return _hand_out(bits, thresholds, quota, largest)


def _checked(thresholds) -> np.ndarray:
    thresholds = np.asarray(thresholds, dtype=np.float64)
    if thresholds.ndim != 1 or thresholds.size == 0:
        raise ValueError(
            f"thresholds must be a vector with one entry per channel, not {thresholds.shape}"
        )
    if not np.isfinite(thresholds).all() or np.any(thresholds < 0):
        raise ValueError("thresholds must be finite and not negative")
    return thresholds


def _shifted_to_quota(wanted: np.ndarray, quota: int, smallest: int, largest: int) -> np.ndarray:
    """floor(clip(wanted + shift)), the shift as large as the quota lets it be."""
    low, high = smallest - wanted.max(), largest - wanted.min()
    for _ in range(60):
        shift = (low + high) / 2
        if np.clip(wanted + shift, smallest, largest).sum() > quota:
            high = shift
        else:
            low = shift
    return np.floor(np.clip(wanted + low, smallest, largest)).astype(np.int64)


def _hand_out(bits: np.ndarray, thresholds: np.ndarray, quota: int, largest: int) -> np.ndarray:
    """One more bit at a time where it helps most: a bit more quarters the error of its channel."""
    errors = thresholds**2 / 4.0**bits
    heap = [(-error, channel) for channel, error in enumerate(errors) if bits[channel] < largest]
    heapq.heapify(heap)
    left = quota - int(bits.sum())
    while left > 0 and heap:
        error, channel = heapq.heappop(heap)
        bits[channel] += 1
        left -= 1
        if bits[channel] < largest:
            heapq.heappush(heap, (error / 4, channel))
    return bits
