"""Protections of weights in flash: what they store besides, what they repair, what they cost.

In: int8 weights. Out: check bits kept beside them, and the weights that a device would use after
some of all these bits have changed. Check bits lie in the same flash, so they flip, too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tinylab.security.bit_flips import BITS, WeightTable

__all__ = ["PROTECTIONS", "Protection", "faulty_weights", "range_limits"]

QUANTILE = 0.999  # of a layer's weights by size: what "in range" means to clipping


@dataclass(frozen=True)
class Protection:
    """One way to protect weights.

    Attributes
    ----------
    name : str
    check_bits : int
        Bits stored besides, for each weight.
    make : callable
        uint8 weights (n,) in, check bits uint8 (n, check_bits) of 0 and 1 out.
    repair : callable
        Stored uint8 weights, their check bits and the range limits (n,) in, uint8 weights out.
    covered : tuple of int
        Bits of a weight whose change alone it undoes or defuses.
    """

    name: str
    check_bits: int
    make: Callable[[np.ndarray], np.ndarray]
    repair: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
    covered: tuple[int, ...] = ()

    @property
    def overhead(self) -> float:
        """Bytes stored besides, as a share of the weights' bytes."""
        return self.check_bits / BITS


def _no_bits(stored: np.ndarray) -> np.ndarray:
    return np.zeros((len(stored), 0), np.uint8)


def _bit(stored: np.ndarray, bit: int) -> np.ndarray:
    return (stored >> np.uint8(bit)) & np.uint8(1)


def _parity(stored: np.ndarray) -> np.ndarray:
    return np.bitwise_xor.reduce([_bit(stored, bit) for bit in range(BITS)])


def _voted(stored: np.ndarray, copies: np.ndarray, bit: int) -> np.ndarray:
    """The weights with one bit decided by majority of it and its two copies."""
    wins = (_bit(stored, bit) + copies.sum(axis=1, dtype=np.uint8)) >= 2
    cleared = stored & np.uint8(0xFF ^ (1 << bit))
    return cleared | (wins.astype(np.uint8) << np.uint8(bit))


def _vote_two(stored: np.ndarray, check: np.ndarray, limits: np.ndarray) -> np.ndarray:
    return _voted(_voted(stored, check[:, :2], 7), check[:, 2:], 6)


def _clipped(stored: np.ndarray, check: np.ndarray, limits: np.ndarray) -> np.ndarray:
    return np.clip(stored.view(np.int8), -limits, limits).astype(np.int8).view(np.uint8)


def _zero_where_wrong(find: Callable[[np.ndarray], np.ndarray]):
    def repair(stored: np.ndarray, check: np.ndarray, limits: np.ndarray) -> np.ndarray:
        return np.where(find(stored) == check[:, 0], stored, np.uint8(0))

    return repair


def _top(stored: np.ndarray) -> np.ndarray:
    return _bit(stored, 7)


_ALL = (
    Protection("nothing", 0, _no_bits, lambda stored, check, limits: stored),
    Protection("clip to the layer's range", 0, _no_bits, _clipped),
    Protection(
        "parity of all eight bits, zero",
        1,
        lambda stored: _parity(stored)[:, None],
        _zero_where_wrong(_parity),
        tuple(range(BITS)),
    ),
    Protection(
        "parity of the top bit, zero",
        1,
        lambda stored: _top(stored)[:, None],
        _zero_where_wrong(_top),
        (7,),
    ),
    Protection(
        "top bit three times",
        2,
        lambda stored: np.repeat(_top(stored)[:, None], 2, axis=1),
        lambda stored, check, limits: _voted(stored, check, 7),
        (7,),
    ),
    Protection(
        "top two bits three times",
        4,
        lambda stored: np.stack([_bit(stored, bit) for bit in (7, 7, 6, 6)], axis=1),
        _vote_two,
        (6, 7),
    ),
)

PROTECTIONS = MappingProxyType({one.name: one for one in _ALL})
"""The protections by name."""


def range_limits(table: WeightTable) -> np.ndarray:
    """For each weight the size below which 99.9 % of its layer's weights lie, int16 (weights,)."""
    limits = np.empty(len(table), np.int16)
    for start, end in zip(table.starts[:-1], table.starts[1:], strict=True):
        sizes = np.abs(table.values[start:end].astype(int))
        limits[start:end] = min(127, int(np.ceil(np.quantile(sizes, QUANTILE))))
    return limits


def faulty_weights(
    protection: Protection,
    values: np.ndarray,
    positions: Sequence[int] | np.ndarray,
    limits: np.ndarray,
) -> np.ndarray:
    """What a device computes with after faults, and after its protection did what it can.

    Parameters
    ----------
    protection : Protection
    values : int8 array (weights,)
        As they were written.
    positions : sequence of int
        Bits that changed: 8 w + b is bit b of weight w; from 8 * weights on follow the check bits.
    limits : int array (weights,)
        Of `range_limits`.

    Returns
    -------
    int8 array (weights,)

    Raises
    ------
    ValueError
        A position beyond the last check bit.
    """
    stored = np.asarray(values, np.int8).view(np.uint8).copy()
    check = protection.make(stored)
    places = np.asarray(positions, np.int64)
    if places.size and not 0 <= places.min() <= places.max() < stored.size * BITS + check.size:
        raise ValueError(
            f"{stored.size} weights with {check.size} check bits have positions up to"
            f" {stored.size * BITS + check.size - 1}"
        )
    in_weights = places[places < stored.size * BITS]
    np.bitwise_xor.at(
        stored, in_weights // BITS, np.uint8(1) << (in_weights % BITS).astype(np.uint8)
    )
    check = np.ascontiguousarray(check)
    np.bitwise_xor.at(
        check.reshape(-1), places[places >= stored.size * BITS] - stored.size * BITS, 1
    )
    return protection.repair(stored, check, limits).view(np.int8)
