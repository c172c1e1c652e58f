"""Fewer bytes on the way up: updates in a few bits, or only their largest numbers.

What compression drops need not be lost: a client keeps it and adds it to its next update (error
feedback; Seide et al., Interspeech 2014; Karimireddy et al., ICML 2019).
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from tinylab.adapt.federated.messages import Replies, Task, Update
from tinylab.adapt.federated.rounds import Fleet
from tinylab.adapt.federated.settings import require_number, require_whole

__all__ = ["COMPRESSORS", "CompressedFleet", "Compressor", "few_bits", "largest_only", "sign_only"]

Compressor = Callable[[np.ndarray], tuple[np.ndarray, int]]
"""An update (size,) in; what the server will read of it, and how many bytes were sent, out."""


def few_bits(update: np.ndarray, bits: int) -> tuple[np.ndarray, int]:
    """Round every number to one of 2^bits - 1 levels around zero; the step is sent as float32.

    Parameters
    ----------
    update : float32 array (size,)
    bits : int
        2 to 16.
    """
    require_whole("bits", bits, 2)
    if bits > 16:
        raise ValueError(f"bits must be 16 or fewer, not {bits}")
    levels = 2 ** (bits - 1) - 1
    step = np.float32(np.abs(update).max() / levels)
    sent = np.round(update / step) * step if step > 0 else np.zeros_like(update)
    return sent, -(-update.size * bits // 8) + 4


def largest_only(update: np.ndarray, share: float) -> tuple[np.ndarray, int]:
    """Send the largest `share` of the numbers, float32, each with a 16-bit position."""
    require_number("share that is sent", share, 0, 1, ends="high")
    if update.size > 2**16:
        raise ValueError(f"positions of 16 bits do not reach {update.size} numbers")
    count = max(1, int(share * update.size))
    kept = np.argpartition(-np.abs(update), count - 1)[:count]
    sent = np.zeros_like(update)
    sent[kept] = update[kept]
    return sent, count * (4 + 2)


def sign_only(update: np.ndarray) -> tuple[np.ndarray, int]:
    """Send one bit a number, and the mean size of them all as float32."""
    size = np.abs(update).mean()
    return np.where(update < 0, -size, size).astype(np.float32), -(-update.size // 8) + 4


COMPRESSORS: dict[str, Compressor | None] = {
    "32 bits": None,
    "8 bits": partial(few_bits, bits=8),
    "4 bits": partial(few_bits, bits=4),
    "2 bits": partial(few_bits, bits=2),
    "largest 10 %": partial(largest_only, share=0.1),
    "largest 5 %": partial(largest_only, share=0.05),
    "largest 1 %": partial(largest_only, share=0.01),
    "sign": sign_only,
}


class CompressedFleet:
    """Clients that compress what they send.

    Parameters
    ----------
    fleet : Fleet
    compress : Compressor
    feedback : bool
        Whether a client keeps what was dropped for its next update.
    """

    def __init__(self, fleet: Fleet, compress: Compressor, feedback: bool = True):
        self.fleet, self.compress, self.feedback = fleet, compress, feedback
        self.kept_: dict[str, np.ndarray] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """All clients, in order."""
        return self.fleet.names

    def train(self, chosen: np.ndarray, task: Task) -> Replies:
        """Train, then compress each update; what is not finite goes as it is, to be refused."""
        replies = self.fleet.train(chosen, task)
        updates = [
            self._compressed(update) if np.isfinite(update.change).all() else update
            for update in replies.updates
        ]
        return Replies(updates, replies.dropouts)

    def _compressed(self, update: Update) -> Update:
        whole = update.change + self.kept_.get(update.client, np.float32(0))
        sent, size = self.compress(whole)
        if self.feedback:
            self.kept_[update.client] = whole - sent
        return replace(update, change=sent, sent_bytes=size)
