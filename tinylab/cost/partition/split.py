"""Split computing: the device runs the first operators, sends what crosses, a server does the rest.

After Kang et al., "Neurosurgeon: Collaborative Intelligence Between the Cloud and Mobile Edge"
(2017): with the cost of every operator on both sides and the price of the link, look at every cut
and take the best one; which one that is moves with the bandwidth.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from tinylab.cost.catalogue.boards import Board, board
from tinylab.cost.device.energies import (
    Powers,
    Work,
    counted_uJ,
    kept_uJ,
    part_energies,
    powers_of,
    work_of,
)
from tinylab.cost.device.settings import Device
from tinylab.cost.partition.layers import LayerCosts, cut_bytes, layer_costs
from tinylab.cost.power.radio import Radio, RadioCost, duty_cycled_s, radio, starts, transmit
from tinylab.graph.core.ir import Graph

OBJECTIVES = ("latency", "energy")


WATCHING = Device(period_s=10.0, sensor="camera", collect_s=1 / 30)
"""A camera that takes a picture of a thirtieth of a second in every ten seconds."""


@dataclass(frozen=True, eq=False)
class Split:
    """Latency, and energy of the whole device, for every cut; arrays of shape (operators + 1,).

    Position k: operators before k run on the device, the others on the server. At the last position
    nothing is sent, and no connection is kept up.

    Parameters
    ----------
    payload_bytes : ndarray of int64
        What is sent.
    device_ms, radio_ms, server_ms : ndarray of float64
    parts_uJ : mapping of str to ndarray
        Energy of each part of the device's budget in one period, by its name in `PARTS`; NaN where
        the board's power is not published.
    energy_uJ : ndarray of float64
        The sum of the counted parts; infinite where the work does not fit into the period, or the
        law on time on air forbids to send as often.
    device, server, radio : str
    kind : str
        "modelled".
    """

    payload_bytes: np.ndarray
    device_ms: np.ndarray
    radio_ms: np.ndarray
    server_ms: np.ndarray
    parts_uJ: Mapping[str, np.ndarray]
    energy_uJ: np.ndarray
    device: str
    server: str
    radio: str
    kind: str

    @property
    def latency_ms(self) -> np.ndarray:
        """From the picture to the answer."""
        return self.device_ms + self.radio_ms + self.server_ms

    @property
    def possible(self) -> np.ndarray:
        """Which cuts fit into the period, and are allowed."""
        return ~np.isinf(self.energy_uJ)

    def best(self, by: str = "latency") -> int:
        """The cut of the lowest latency, or of the lowest energy of the device.

        Raises
        ------
        ValueError
            Another objective, the energy of a board whose power is not published, or no cut that
            fits into the period.
        """
        if by not in OBJECTIVES:
            raise ValueError(f"by must be one of {', '.join(OBJECTIVES)}, not {by!r}")
        if by == "latency":
            return int(np.argmin(self.latency_ms))
        if np.isnan(self.energy_uJ).any():
            raise ValueError(f"the power of {self.device} is not published, so no energy is known")
        if not self.possible.any():
            raise ValueError("no cut fits into the period: take a longer one, or a faster board")
        return int(np.argmin(self.energy_uJ))


def split(
    graph: Graph,
    on: str | Board | LayerCosts,
    server: str | Board | LayerCosts,
    over: str | Radio,
    *,
    device: Device = WATCHING,
) -> Split:
    """Cost of every cut of a model between a device and a server.

    The picture is on the device at the start, and the server's answer, a few bytes, is not counted.

    Parameters
    ----------
    graph : Graph
    on, server : str, Board or LayerCosts
        Boards of the catalogue, or what `layer_costs` made of them for this graph.
    over : str or Radio
        Takes the place of the device's radio.
    device : Device
        What happens around the model; its `answer_bytes` are not sent.

    Raises
    ------
    ValueError
        As `layer_costs`, `transmit` and `Device`.
    """
    here, there = _costs(graph, on), _costs(graph, server)
    link, payload = radio(over), cut_bytes(graph)
    payload[-1] = 0
    around = replace(device, radio=link.id, answer_bytes=0)
    sent = [_send(int(size), link, around) for size in payload]
    send_ms, send_uJ, apart_s = np.array(sent).T
    device_ms = np.concatenate(([0.0], np.cumsum(here.latency_ms)))
    alone = work_of(board(here.board), around, 0.0, here.clock_MHz)
    work = replace(alone, network_ms=device_ms, send_ms=send_ms, send_uJ=send_uJ)
    parts, total = _energies(here, around, work)
    total = np.where(work.busy_ms > 1e3 * device.period_s, np.inf, total)
    return Split(
        payload_bytes=payload,
        device_ms=device_ms,
        radio_ms=send_ms,
        server_ms=np.concatenate((np.cumsum(there.latency_ms[::-1])[::-1], [0.0])),
        parts_uJ=parts,
        energy_uJ=np.where(apart_s > device.period_s, np.inf, total),
        device=here.board,
        server=there.board,
        radio=link.id,
        kind="modelled",
    )


def _energies(here: LayerCosts, around: Device, work: Work):
    """By part and in all; at the last cut there is no connection to keep up."""
    try:
        powers = powers_of(board(here.board), around, here.clock_MHz)
    except ValueError:  # not published: NaN, which `Split.best` explains
        powers = Powers(np.nan, np.nan, np.nan)
    kept = np.full(work.network_ms.shape, kept_uJ(around))
    kept[-1] = 0.0
    work = replace(work, send_uJ=work.send_uJ + kept)
    quiet = replace(around, radio=None, connection="kept")
    parts = part_energies(powers, quiet, work)
    everything = np.zeros_like(kept)
    parts = {name: uJ + everything for name, uJ in parts.items()}
    return parts, counted_uJ(parts, quiet)


def _costs(graph: Graph, target: str | Board | LayerCosts) -> LayerCosts:
    if not isinstance(target, LayerCosts):
        return layer_costs(graph, target)
    if len(target.latency_ms) != len(graph.ops):
        raise ValueError(
            f"costs of {len(target.latency_ms)} operators do not belong to a model of"
            f" {len(graph.ops)}"
        )
    return target


def _send(payload_bytes: int, link: Radio, around: Device) -> tuple[float, float, float]:
    """Milliseconds and microjoules until all has arrived, and the seconds until the next by law."""
    if payload_bytes == 0:
        return 0.0, 0.0, 0.0
    start = starts(link, around.connection)
    sent: RadioCost = transmit(payload_bytes, link, start=start, delivery=around.delivery)
    return sent.time_ms, sent.energy_uJ, duty_cycled_s(sent)
