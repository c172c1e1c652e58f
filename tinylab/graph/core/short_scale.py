"""One multiplication of 32 bits in place of an exact one, where no sum tells them apart."""

from math import frexp, isfinite

import numpy as np

from tinylab.graph.core.fixed_point import requantize_once

_MOST_SHIFT = 22  # so that all fits 63 bits


def short_scale(
    real: float, lowest: int, highest: int, zero_point: int
) -> tuple[int, int, int, int] | None:
    """Constants that scale every sum in a range as the exact arithmetic does.

    Parameters
    ----------
    real : float
        The factor.
    lowest, highest : int
        The ends of the range of sums.
    zero_point : int
        Of the int8 output.

    Returns
    -------
    tuple of int, or None
        The fields of `nn_dsp_scale`: multiplier, lower and upper word of the offset, shift. None
        where no offset is right for all sums, or the factor is out of reach.

    Notes
    -----
    Both ways rise with the sum, and int8 has 256 values: so they agree everywhere if they
    agree on both sides of the 255 sums at which the exact output rises. Each of these sums leaves
    an interval for the offset, and what lies in all of them is right by construction.
    """
    fraction, exponent = frexp(real if isfinite(real) else 1.0)
    nearest, shift = round(fraction * 2**31), -1 - exponent
    if not (0 <= shift <= _MOST_SHIFT and -(2**31) <= lowest <= highest < 2**31):
        return None
    values = np.arange(-127, 128)
    steps = _first_sums(values, real, lowest, highest, zero_point)
    for multiplier in (nearest, nearest + 1, nearest - 1):
        if 0 < multiplier < 2**31:
            least = (values << (32 + shift)) - steps * multiplier
            smallest = least[steps <= highest].max(initial=-(2**62))
            largest = (least + multiplier - 1)[steps > lowest].min(initial=2**62)
            if smallest <= largest:
                wanted = (2 * zero_point + 1) << (31 + shift)
                offset = min(max(wanted, int(smallest)), int(largest))
                return multiplier, offset & 0xFFFFFFFF, offset >> 32, shift
    return None


def _first_sums(values, real: float, lowest: int, highest: int, zero_point: int) -> np.ndarray:
    """The first sum whose exact output reaches each value; one more than `highest` if none does."""
    low, high = np.full(values.shape, lowest), np.full(values.shape, highest + 1)
    while np.any(low < high):
        middle = (low + high) >> 1
        reached = requantize_once(middle, np.array([real])) + zero_point >= values
        low, high = np.where(reached, low, middle + 1), np.where(reached, middle, high)
        high = np.maximum(low, high)
    return low
