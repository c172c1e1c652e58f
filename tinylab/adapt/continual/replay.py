"""A memory of fixed size that holds a fair sample of everything that ever passed by.

Reservoir sampling (Vitter, "Random sampling with a reservoir", 1985, algorithm R): the first items
fill the memory; the item number n after them takes a random place of n, if that place is in the
memory. Then every item seen so far is held with the same probability, however long the stream.
"""

import numpy as np

__all__ = ["Reservoir"]

_STEPS = 255


class Reservoir:
    """Up to `capacity` windows, chosen fairly from a stream.

    Parameters
    ----------
    capacity : int
        Windows that are held; 0 holds none.
    size : int
        Values in a window.
    low, high : float, optional
        With both, values are stored as one byte each, in 255 equal steps from `low` to `high`, and
        cut off outside; without, as float32.
    seed : int

    Attributes
    ----------
    seen : int
        Items that passed by.
    """

    def __init__(
        self,
        capacity: int,
        size: int,
        *,
        low: float | None = None,
        high: float | None = None,
        seed: int = 0,
    ):
        if capacity < 0 or size < 1:
            raise ValueError(f"a reservoir of {capacity} windows of {size} values cannot be")
        if (low is None) != (high is None) or (low is not None and not low < high):
            raise ValueError("pass both low and high, low below high, or neither")
        self.capacity, self.low, self.high = capacity, low, high
        self.seen = 0
        self._rng = np.random.default_rng(seed)
        self._kept = np.zeros((capacity, size), np.float32 if low is None else np.uint8)

    def __len__(self) -> int:
        return min(self.seen, self.capacity)

    @property
    def memory_bytes(self) -> int:
        """Bytes of the memory when it is full."""
        return self._kept.nbytes

    @property
    def items(self) -> np.ndarray:
        """What is held now, float32 (n, size), in no order of meaning."""
        kept = self._kept[: len(self)]
        if self.low is None:
            return kept.copy()
        step = (self.high - self.low) / _STEPS
        return (self.low + kept * step).astype(np.float32)

    def add(self, windows: np.ndarray) -> None:
        """Let a batch of windows (n, size) pass by."""
        for window in self._stored(np.asarray(windows, np.float32)):
            position = self.seen
            if position >= self.capacity:
                position = int(self._rng.integers(self.seen + 1))
            if position < self.capacity:
                self._kept[position] = window
            self.seen += 1

    def sample(self, count: int) -> np.ndarray:
        """`count` of the held windows, drawn anew with repetition; none from an empty memory."""
        held = self.items
        if not len(held):
            return held
        return held[self._rng.integers(len(held), size=count)]

    def _stored(self, windows: np.ndarray) -> np.ndarray:
        if self.low is None:
            return windows
        share = np.clip((windows - self.low) / (self.high - self.low), 0, 1)
        return np.round(share * _STEPS).astype(np.uint8)
