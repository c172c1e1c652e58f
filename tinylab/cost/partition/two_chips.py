"""Two chips in a row: one runs the first operators, the other the rest, on different pictures.

A pipeline answers no sooner than one chip would: it answers more often. Its rate is that of its
slowest stage, its latency the sum of all, and what crosses between the chips costs both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from tinylab.cost.catalogue.boards import Board, board
from tinylab.cost.catalogue.quantity import Quantity, pick, read
from tinylab.cost.partition.layers import LayerCosts, cut_bytes, layer_costs
from tinylab.graph.core.ir import Graph
from tinylab.graph.counting import count
from tinylab.graph.memory import plan

OBJECTIVES = ("rate", "latency")


@dataclass(frozen=True)
class Link:
    """A wired link between two chips; the power of its pins is not published and not counted."""

    id: str
    name: str
    rate: Quantity
    bits_per_byte: Quantity

    def time_ms(self, size_bytes):
        """Time to send some bytes, for a number or an array."""
        return np.asarray(size_bytes) * self.bits_per_byte.value / self.rate.value


@dataclass(frozen=True, eq=False)
class Pipeline:
    """Every cut of a model between two chips; arrays of shape (operators + 1,).

    Position k: operators before k run on the first chip. At the last position nothing is sent.

    Parameters
    ----------
    first_ms, link_ms, second_ms : ndarray of float64
    payload_bytes : ndarray of int64
        What crosses.
    overlap : bool
        Whether the link works beside the processors (DMA) or keeps both waiting.
    first_flash_bytes, second_flash_bytes : ndarray of int64
        Weights and biases each chip stores, without the code.
    first_sram_bytes, second_sram_bytes : ndarray of int64
        The most activations alive at once and, with overlap, one more copy of what crosses.
    fits : ndarray of bool
        Whether both chips have that much flash and SRAM; True where the catalogue does not know.
    energy_uJ : ndarray of float64
        For one picture: each chip's power while it computes and while the link is busy; NaN where a
        power is not published.
    first, second, link : str
    kind : str
        "modelled".
    """

    first_ms: np.ndarray
    link_ms: np.ndarray
    second_ms: np.ndarray
    payload_bytes: np.ndarray
    overlap: bool
    first_flash_bytes: np.ndarray
    second_flash_bytes: np.ndarray
    first_sram_bytes: np.ndarray
    second_sram_bytes: np.ndarray
    fits: np.ndarray
    energy_uJ: np.ndarray
    first: str
    second: str
    link: str
    kind: str

    @property
    def latency_ms(self) -> np.ndarray:
        """From a picture to its answer."""
        return self.first_ms + self.link_ms + self.second_ms

    @property
    def period_ms(self) -> np.ndarray:
        """Between one answer and the next, when pictures never run out."""
        if self.overlap:
            return np.maximum(np.maximum(self.first_ms, self.link_ms), self.second_ms)
        return self.link_ms + np.maximum(self.first_ms, self.second_ms)

    @property
    def rate_per_s(self) -> np.ndarray:
        """Pictures a second."""
        return 1e3 / self.period_ms

    def best(self, by: str = "rate") -> int:
        """The cut of the highest rate (of equals the lower latency), or of the lowest latency.

        Cuts that do not fit into the chips are left out.

        Raises
        ------
        ValueError
            Another objective, or no cut that fits.
        """
        if by not in OBJECTIVES:
            raise ValueError(f"by must be one of {', '.join(OBJECTIVES)}, not {by!r}")
        if not self.fits.any():
            raise ValueError(f"no cut of the model fits into {self.first} and {self.second}")
        order = (
            (self.period_ms, self.latency_ms)
            if by == "latency"
            else (self.latency_ms, self.period_ms)
        )
        ranked = np.lexsort((*order, ~self.fits))
        return int(ranked[0])


@cache
def links() -> Mapping[str, Link]:
    """All wired links by id."""
    return MappingProxyType(
        {name: Link(id=name, **values) for name, values in read("links.json").items()}
    )


def link(name: str | Link) -> Link:
    """One link by id; a `Link` passes through.

    Raises
    ------
    ValueError
        An unknown link; the message lists the known ones.
    """
    return name if isinstance(name, Link) else pick("link", name, links())


def pipeline(
    graph: Graph, first: str | Board, second: str | Board, over: str | Link, *, overlap: bool = True
) -> Pipeline:
    """Cost of every cut of a model between two chips.

    Parameters
    ----------
    graph : Graph
    first, second : str or Board
        Pictures arrive at the first; the answer appears where the last operator runs.
    over : str or Link
    overlap : bool
        Whether data cross while both chips compute (DMA, a second buffer on each side).

    Raises
    ------
    ValueError
        As `layer_costs`; an unknown link.
    """
    wire, before, after = link(over), layer_costs(graph, first), layer_costs(graph, second)
    payload = cut_bytes(graph)
    payload[-1] = 0
    first_ms, second_ms = _before(before.latency_ms, np.sum), _after(after.latency_ms, np.sum)
    link_ms = wire.time_ms(payload)
    sizes = [row.weight_bytes + row.bias_bytes for row in count(graph).per_op]
    live = plan(graph, strategy="greedy_by_size").live_bytes()
    buffers = payload if overlap else 0
    flash = _before(sizes, np.sum), _after(sizes, np.sum)
    sram = _before(live, _largest) + buffers, _after(live, _largest) + buffers
    return Pipeline(
        first_ms=first_ms,
        link_ms=link_ms,
        second_ms=second_ms,
        payload_bytes=payload,
        overlap=overlap,
        first_flash_bytes=flash[0],
        second_flash_bytes=flash[1],
        first_sram_bytes=sram[0],
        second_sram_bytes=sram[1],
        fits=_fits(first, flash[0], sram[0]) & _fits(second, flash[1], sram[1]),
        energy_uJ=_energy(before, first_ms + link_ms) + _energy(after, second_ms + link_ms),
        first=before.board,
        second=after.board,
        link=wire.id,
        kind="modelled",
    )


def _before(values, total) -> np.ndarray:
    """`total` of the values before each cut."""
    return np.array([total(values[:cut]) for cut in range(len(values) + 1)])


def _after(values, total) -> np.ndarray:
    """`total` of the values after each cut."""
    return np.array([total(values[cut:]) for cut in range(len(values) + 1)])


def _largest(values) -> int:
    return max(values, default=0)


def _energy(costs: LayerCosts, busy_ms: np.ndarray) -> np.ndarray:
    """Of one chip; a chip that never works is switched off."""
    power = np.nan if costs.power_mW is None else costs.power_mW
    return np.where(busy_ms > 0, busy_ms * power, 0.0)


def _fits(on: str | Board, flash_bytes: np.ndarray, sram_bytes: np.ndarray) -> np.ndarray:
    target = board(on)
    limits = [np.inf if size is None else 1024 * size.value for size in (target.flash, target.sram)]
    return (flash_bytes <= limits[0]) & (sram_bytes <= limits[1])
