"""Split computing: the device runs the first operators, sends what crosses, a server does the rest.

After Kang et al., "Neurosurgeon: Collaborative Intelligence Between the Cloud and Mobile Edge"
(2017):
with the cost of every operator on both sides and the price of the link, look at every cut and take
the best one; which one that is moves with the bandwidth.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.cost.catalogue.boards import Board
from tinylab.cost.catalogue.checks import fraction
from tinylab.cost.partition.layers import LayerCosts, cut_bytes, layer_costs
from tinylab.cost.partition.radio import Radio, RadioCost, radio, transmit
from tinylab.graph.core.ir import Graph

OBJECTIVES = ("latency", "energy")


@dataclass(frozen=True, eq=False)
class Split:
    """Latency, and energy of the device, for every cut; arrays of shape (operators + 1,).

    Position k: operators before k run on the device, the others on the server. At the last position
    nothing is sent.

    Parameters
    ----------
    payload_bytes : ndarray of int64
        What is sent.
    device_ms, radio_ms, server_ms : ndarray of float64
    compute_uJ, radio_uJ, wait_uJ : ndarray of float64
        Of the device: while it computes, its radio, and while it rests until the server is done.
        NaN where the board's power is not published.
    device, server, radio : str
    kind : str
        "modelled".
    """

    payload_bytes: np.ndarray
    device_ms: np.ndarray
    radio_ms: np.ndarray
    server_ms: np.ndarray
    compute_uJ: np.ndarray
    radio_uJ: np.ndarray
    wait_uJ: np.ndarray
    device: str
    server: str
    radio: str
    kind: str

    @property
    def latency_ms(self) -> np.ndarray:
        return self.device_ms + self.radio_ms + self.server_ms

    @property
    def energy_uJ(self) -> np.ndarray:
        return self.compute_uJ + self.radio_uJ + self.wait_uJ

    def best(self, by: str = "latency") -> int:
        """The cut of the lowest latency, or of the lowest energy of the device.

        Raises
        ------
        ValueError
            Another objective, or the energy of a board whose power is not published.
        """
        if by not in OBJECTIVES:
            raise ValueError(f"by must be one of {', '.join(OBJECTIVES)}, not {by!r}")
        cost = self.latency_ms if by == "latency" else self.energy_uJ
        if np.isnan(cost).any():
            raise ValueError(f"the power of {self.device} is not published, so no energy is known")
        return int(np.argmin(cost))


def split(
    graph: Graph,
    device: str | Board | LayerCosts,
    server: str | Board | LayerCosts,
    over: str | Radio,
    *,
    delivery: float = 1.0,
    start: bool = True,
) -> Split:
    """Cost of every cut of a model between a device and a server.

    The picture is on the device at the start, and the server's answer, a few bytes, is not counted.

    Parameters
    ----------
    graph : Graph
    device, server : str, Board or LayerCosts
        Boards of the catalogue, or what `layer_costs` made of them for this graph.
    over : str or Radio
    delivery : float
        Share of packets that arrive, in (0, 1]; lost ones are sent again, so each is sent
        1 / delivery times on average, and the useful bandwidth falls to this share.
    start : bool
        Whether the radio has to start up first.

    Raises
    ------
    ValueError
        As `layer_costs` and `transmit`; delivery outside (0, 1].
    """
    fraction("delivery", delivery)
    here, there = _costs(graph, device), _costs(graph, server)
    link, payload = radio(over), cut_bytes(graph)
    payload[-1] = 0
    sent = [_send(int(size), link, delivery, start) for size in payload]
    radio_ms, radio_uJ = np.array(sent).T
    device_ms = np.concatenate(([0.0], np.cumsum(here.latency_ms)))
    server_ms = np.concatenate((np.cumsum(there.latency_ms[::-1])[::-1], [0.0]))
    power, rest = (np.nan if one is None else one for one in (here.power_mW, here.rest_power_mW))
    return Split(
        payload_bytes=payload,
        device_ms=device_ms,
        radio_ms=radio_ms,
        server_ms=server_ms,
        compute_uJ=device_ms * power,
        radio_uJ=radio_uJ,
        wait_uJ=(radio_ms + server_ms) * rest,
        device=here.board,
        server=there.board,
        radio=link.id,
        kind="modelled",
    )


def _costs(graph: Graph, place: str | Board | LayerCosts) -> LayerCosts:
    if not isinstance(place, LayerCosts):
        return layer_costs(graph, place)
    if len(place.latency_ms) != len(graph.ops):
        raise ValueError(
            f"costs of {len(place.latency_ms)} operators do not belong to a model of"
            f" {len(graph.ops)}"
        )
    return place


def _send(payload_bytes: int, link: Radio, delivery: float, start: bool) -> tuple[float, float]:
    """Milliseconds and microjoules until everything has arrived."""
    if payload_bytes == 0:
        return 0.0, 0.0
    once: RadioCost = transmit(payload_bytes, link, start=start)
    startup_ms = link.startup_time.value if start else 0.0
    air_ms, air_uJ = once.time_ms - startup_ms, once.energy_uJ - once.startup_uJ
    return startup_ms + air_ms / delivery, once.startup_uJ + air_uJ / delivery
