"""Explorer: any network of the keyword space, with its measured accuracy and its cost."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab import cost
from tinylab.explore.widget import theme
from tinylab.explore.widget.board_menu import board_control, usable_boards
from tinylab.explore.widget.controls import Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.scoring.intervals import wilson_interval
from tinylab.search.pareto import non_dominated
from tinylab.search.results import SearchResults
from tinylab.search.space import MOST_BLOCKS, Architecture, as_rows, costs_of

__all__ = ["PickedNetwork", "network_picker_explorer"]


@dataclass(frozen=True, eq=False)
class PickedNetwork:
    """A network among all others on a board.

    Parameters
    ----------
    architecture : Architecture
    accuracy : float
        As a slice of the super-network, 0 to 1.
    latency_ms, energy_uJ : float
    arena_bytes, weight_bytes : int
    all_ms : ndarray of float64, shape (networks,)
        Latencies of the whole space on this board.
    better : int
        Networks that are at least as accurate and faster, or as fast and more accurate.
    board : str
    """

    architecture: Architecture
    accuracy: float
    latency_ms: float
    energy_uJ: float
    arena_bytes: int
    weight_bytes: int
    all_ms: np.ndarray
    better: int
    board: str


class _View:
    """All networks as a cloud, their front, and the one that was picked."""

    def __init__(self, accuracy: np.ndarray):
        self._accuracy = accuracy

    def figure(self) -> go.Figure:
        figure = theme.figure(x="latency (ms)", y="accuracy (%)", height_px=460)
        cloud = {"color": theme.FADED, "size": 5}
        figure.add_scatter(name="all networks", mode="markers", marker=cloud, hoverinfo="skip")
        line = {**theme.series(1)["line"], "shape": "hv"}
        figure.add_scatter(name="front", mode="lines", line=line, hoverinfo="skip")
        figure.add_scatter(**theme.highlight("your network"))
        return figure.update_layout(xaxis=theme.LOG_AXIS)

    def update(self, figure: go.Figure, result: PickedNetwork) -> None:
        cloud, front, picked = figure.data
        cloud.x, cloud.y = result.all_ms, 100 * self._accuracy
        kept = non_dominated(np.stack([result.all_ms, -self._accuracy], axis=1))
        order = np.flatnonzero(kept)[np.argsort(result.all_ms[kept])]
        front.x, front.y = result.all_ms[order], 100 * self._accuracy[order]
        picked.x, picked.y = [result.latency_ms], [100 * result.accuracy]


def network_picker_explorer(results: SearchResults) -> Explorer:
    """Set depth, step and widths, and see what the network reaches and costs.

    Parameters
    ----------
    results : SearchResults
    """
    networks, accuracy = results.space.architectures, np.array(results.accuracy)
    index = {one: at for at, one in enumerate(networks)}
    costs = costs_of(as_rows(networks))
    largest = cost.Workload("largest", "int8", int(costs.macs[-1]), *[costs.amounts[-1]] * 2)
    names = usable_boards(largest)
    on = cost.sweep(costs.amounts, list(names))
    ms, uJ = (values[:, :, 0] for values in (on.latency_ms, on.energy_uJ))
    places = {key: at for at, key in enumerate(names)}

    def compute(place: str, stride: int, depth: int, **widths: int) -> PickedNetwork:
        chosen = tuple(widths[f"width{layer}"] for layer in range(depth + 1))
        at, column = index[Architecture(stride, chosen)], places[place]
        as_good = (accuracy >= accuracy[at]) & (ms[:, column] <= ms[at, column])
        strictly = (accuracy > accuracy[at]) | (ms[:, column] < ms[at, column])
        return PickedNetwork(
            networks[at],
            float(accuracy[at]),
            float(ms[at, column]),
            float(uJ[at, column]),
            int(costs.arena_bytes[at]),
            int(costs.weight_bytes[at]),
            ms[:, column],
            int(np.sum(as_good & strictly)),
            names[place],
        )

    def summary(result: PickedNetwork) -> str:
        right = round(result.accuracy * results.examples)
        low, high = wilson_interval(right, results.examples)
        beaten = (
            "Nothing beats it in both"
            if not result.better
            else f"{result.better} networks beat it in accuracy and latency together"
        )
        return (
            f"{result.architecture} answers {result.accuracy:.1%} ({low:.1%} to {high:.1%}) right;"
            f" on {result.board} {result.latency_ms:.1f} ms and {result.energy_uJ:,.0f} uJ, with"
            f" {result.arena_bytes:,} bytes of arena and {result.weight_bytes:,} of weights."
            f" {beaten}."
        )

    controls = [
        board_control(names, name="place", start=cost.default_board()),
        Steps("stride", "Step of the stem in time", results.strides, results.strides[0]),
        Steps("depth", "Blocks", range(1, MOST_BLOCKS + 1), MOST_BLOCKS),
        *(
            Steps(f"width{layer}", _label(layer), results.widths, results.widths[-1], "channels")
            for layer in range(MOST_BLOCKS + 1)
        ),
    ]
    return Explorer(
        "Pick a network",
        controls,
        compute,
        _View(accuracy),
        summary,
        source=f"measured: slices of the bundled super-network, {results.examples} validation"
        " clips; modelled: latency and energy",
    )


def _label(layer: int) -> str:
    return "Stem" if not layer else f"Block {layer}"
