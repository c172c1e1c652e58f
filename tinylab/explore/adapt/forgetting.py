"""Explorer: what a detector forgets while its machine ages, by method of adapting."""

from dataclasses import dataclass

import plotly.graph_objects as go

from tinylab import cost
from tinylab.adapt.continual.results import ContinualResults, ContinualRow
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Slider, Steps
from tinylab.explore.widget.explorer import Explorer

__all__ = ["Memory", "forgetting_explorer"]

NAMES = {
    "none": "nothing",
    "threshold": "new threshold only",
    "naive": "train on the new",
    "replay": "replay",
    "ewc": "elastic weights",
}


@dataclass(frozen=True)
class Memory:
    """One method after one phase, with the costs of all methods under the same settings.

    Attributes
    ----------
    phases : tuple of str
    after : int
        Index of the phase that was adapted to last.
    chosen : ContinualRow
    rows : tuple of ContinualRow
        One a method.
    """

    phases: tuple[str, ...]
    after: int
    chosen: ContinualRow
    rows: tuple[ContinualRow, ...]

    @property
    def auc(self) -> tuple[float, ...]:
        """On every phase, now."""
        return self.chosen.auc[self.after]


class _View:
    """Left AUC on every phase before and now; right the memory that each method takes."""

    def __init__(self, phases: tuple[str, ...]):
        self._phases = list(phases)

    def figure(self) -> go.Figure:
        figure = theme.figure(legend_rows=2, height_px=440)
        before, now = theme.series(5), theme.series(0)
        for name, series in (("as delivered", before), ("now", now)):
            figure.add_scatter(x=self._phases, name=name, mode="lines+markers", **series)
        figure.add_scatter(
            x=self._phases, name="false alarms, now", mode="lines+markers", **theme.series(1)
        )
        for index, name in enumerate(("training step", "kept between phases")):
            figure.add_bar(
                y=list(NAMES.values()),
                orientation="h",
                name=name,
                xaxis="x2",
                yaxis="y2",
                **theme.bar(index + 2),
            )
        return figure.update_layout(
            barmode="stack",
            xaxis={"domain": [0, 0.52], "title": "measured on the phase"},
            yaxis={"title": "AUC; share of false alarms", "range": [-0.02, 1.02]},
            xaxis2={
                "domain": [0.74, 1],
                "title": "RAM (MB)",
                "anchor": "y2",
                "rangemode": "tozero",
            },
            yaxis2={"anchor": "x2", "autorange": "reversed", "title": ""},
        )

    def update(self, figure: go.Figure, result: Memory) -> None:
        before, now, alarms, training, kept = figure.data
        before.y = result.chosen.auc[0]
        now.y = result.auc
        alarms.y = result.chosen.false_alarms[result.after]
        training.x = [row.cost.training_bytes / 1e6 for row in result.rows]
        kept.x = [row.cost.extra_bytes / 1e6 for row in result.rows]


def _summary(result: Memory) -> str:
    row, after = result.chosen, result.after
    text = (
        f"{NAMES[row.method].capitalize()}, after the phase “{result.phases[after]}”: AUC"
        f" {row.auc[after][after]:.3f} there, {row.auc[after][0]:.3f} on “{result.phases[0]}”,"
        f" where {row.false_alarms[after][0]:.0%} of the normal recordings would raise an alarm."
    )
    if after == len(result.phases) - 1:
        text += (
            f" Backward transfer {row.backward_transfer:+.3f}, forgetting {row.forgetting:+.3f}."
        )
    return (
        f"{text} RAM {row.cost.ram_bytes / 1e6:.2f} MB, {row.cost.energy_uJ / 1e6:.2f} J for"
        " adapting to a phase."
    )


def forgetting_explorer(results: ContinualResults) -> Explorer:
    """Compare the methods that were measured, phase by phase.

    Parameters
    ----------
    results : ContinualResults
        From `tinylab.adapt.continual.study.measure_methods`, with two buffer sizes and
        strengths or more.
    """
    methods = [method for method in NAMES if results.settings(method)]
    capacities, strengths = results.settings("replay"), results.settings("ewc")

    def compute(method: str, windows: float, strength: float, after: int) -> Memory:
        settings = {"replay": windows, "ewc": strength}
        rows = tuple(results.row(name, settings.get(name, 0.0)) for name in NAMES)
        chosen = next(row for row in rows if row.method == method)
        return Memory(results.phases, after - 1, chosen, rows)

    last = len(results.phases)
    controls = [
        Dropdown("method", "Adapt by", methods, "naive", [NAMES[name] for name in methods]),
        Steps("windows", "Replay buffer", capacities, capacities[-1], "windows"),
        Steps("strength", "EWC strength", strengths, strengths[0]),
        Slider("after", "After phase", 1, last, 1, last),
    ]
    return Explorer(
        "What is forgotten",
        controls,
        compute,
        _View(results.phases),
        _summary,
        source="measured: AUC and alarms of your model; memory counted, energy modelled on"
        f" {cost.board(results.rows[0].cost.board).name}, float32",
    )
