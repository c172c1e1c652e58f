"""Explorer: rounds of federated learning, against learning alone and learning together."""

from dataclasses import dataclass

import plotly.graph_objects as go

from tinylab.adapt.federated.results import FederatedResults, FederatedRow
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Slider, Steps
from tinylab.explore.widget.explorer import Explorer

__all__ = ["Rounds", "federated_explorer"]

FIGURES = {"mean": "mean over the machines", "worst": "worst of the machines"}
METHODS = ("FedAvg", "FedProx", "alone", "together")


@dataclass(frozen=True)
class Rounds:
    """Curves of every way of learning, and one round.

    Attributes
    ----------
    rows : tuple of FederatedRow
        In the order of `METHODS`.
    number : int
    figure : str
        "mean" or "worst".
    clients : tuple of str
    """

    rows: tuple[FederatedRow, ...]
    number: int
    figure: str
    clients: tuple[str, ...]

    def curve(self, row: FederatedRow) -> list[float]:
        """The figure after every round."""
        return [getattr(row, self.figure)(number) for number in range(len(row.auc))]


class _View:
    """Left a curve for every way of learning, right every machine after the chosen round."""

    def __init__(self, clients: tuple[str, ...], rounds: int):
        self._clients, self._rounds = list(clients), list(range(rounds + 1))

    def figure(self) -> go.Figure:
        figure = theme.figure(legend_rows=2, height_px=440)
        for index, name in enumerate(METHODS):
            figure.add_scatter(
                x=self._rounds, name=name, mode="lines+markers", **theme.series(index)
            )
        figure.add_scatter(**theme.highlight("chosen round"))
        for index, name in enumerate(METHODS):
            figure.add_bar(
                x=self._clients,
                name=name,
                xaxis="x2",
                yaxis="y2",
                showlegend=False,
                **theme.bar(index),
            )
        return figure.update_layout(
            barmode="group",
            xaxis={"domain": [0, 0.47], "title": "round", "dtick": 1},
            yaxis={"title": "AUC"},
            xaxis2={"domain": [0.56, 1], "title": "machine", "anchor": "y2"},
            yaxis2={"anchor": "x2", "range": [0, 1], "title": "AUC after the round"},
        )

    def update(self, figure: go.Figure, result: Rounds) -> None:
        lines, here, bars = figure.data[:4], figure.data[4], figure.data[5:]
        for line, row, bar in zip(lines, result.rows, bars):
            line.y = result.curve(row)
            bar.y = row.auc[result.number]
        here.x = [result.number] * len(METHODS)
        here.y = [result.curve(row)[result.number] for row in result.rows]


def _summary(result: Rounds) -> str:
    values = ", ".join(
        f"{name} {result.curve(row)[result.number]:.3f}" for name, row in zip(METHODS, result.rows)
    )
    sent = result.rows[0].sent_bytes * result.number / 1e6
    return (
        f"After round {result.number}, AUC, {FIGURES[result.figure]}: {values} (FedProx with a pull"
        f" of {result.rows[1].mu:g}). Sent so far by federated learning: {sent:.1f} MB; sounds"
        " sent: none, but for “together”."
    )


def federated_explorer(sweep: FederatedResults) -> Explorer:
    """Step through the rounds of a measured sweep.

    Parameters
    ----------
    sweep : FederatedResults
        From `tinylab.adapt.federated.study.sweep_federated`, with two pulls or more.
    """

    def compute(number: int, mu: float, figure: str) -> Rounds:
        rows = tuple(sweep.row(name, mu if name == "FedProx" else 0.0) for name in METHODS)
        return Rounds(rows, number, figure, sweep.clients)

    controls = [
        Slider("number", "Round", 0, sweep.rounds, 1, sweep.rounds),
        Steps("mu", "Pull of FedProx", sweep.mus, sweep.mus[0]),
        Dropdown("figure", "Shown", tuple(FIGURES), "mean", tuple(FIGURES.values())),
    ]
    return Explorer(
        "Learning together, sounds at home",
        controls,
        compute,
        _View(sweep.clients, sweep.rounds),
        _summary,
        source="measured: AUC of your model on recordings that no device learned from",
    )
