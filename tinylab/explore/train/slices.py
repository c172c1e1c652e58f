"""Explorer: for whom does a model fail? Accuracy by voice, word, noise, light or distance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import count
from tinylab.scoring.slices import SliceReport, accuracy_by

__all__ = ["slices_explorer"]

SMALLEST = (5, 10, 20, 40, 80)
SHOWN = 14  # slices that fit; of more, the worst are shown


@dataclass(frozen=True)
class Slices:
    """One model by one property; `report` is None where fewer than two slices are large enough."""

    by: str
    model: str
    smallest: int
    report: SliceReport | None


class _View:
    """A share with its interval for each slice, the worst on top, and the mean of all as a line."""

    def __init__(self, unit: str):
        self._unit = unit

    def figure(self) -> go.Figure:
        figure = theme.figure(x=f"right answers (% of {self._unit})", height_px=520)
        style = theme.series(0)
        figure.add_scatter(
            name="slice, 95 % interval",
            mode="markers",
            marker=style["marker"],
            error_x={"type": "data", "symmetric": False, "color": theme.BLUE, "thickness": 2},
        )
        figure.add_scatter(
            name="all slices", mode="lines", line={"color": theme.BLACK, "dash": "dash", "width": 2}
        )
        figure.update_xaxes(range=[0, 102])
        return figure.update_yaxes(type="category", autorange="reversed", dtick=1)

    def update(self, figure: go.Figure, result: Slices) -> None:
        dots, mean = figure.data
        parts = result.report.slices[:SHOWN] if result.report else ()
        dots.y = [_label(part.name, part.examples) for part in parts]
        dots.x = [100 * part.share.mean for part in parts]
        dots.error_x.array = [100 * (part.share.high - part.share.mean) for part in parts]
        dots.error_x.arrayminus = [100 * (part.share.mean - part.share.low) for part in parts]
        mean.y = [dots.y[0], dots.y[-1]] if parts else []
        mean.x = [100 * result.report.overall.mean] * 2 if parts else []


def slices_explorer(
    right: Mapping[str, Sequence],
    by: Mapping[str, Sequence],
    groups: Sequence,
    *,
    unit: str = "clips",
    repeats: str = "voices",
) -> Explorer:
    """Look at a measured test slice by slice.

    Parameters
    ----------
    right : mapping of str to sequence of bool (n,)
        By model, two or more: which examples it answered rightly.
    by : mapping of str to sequence of str (n,)
        By property, two or more: the slice of each example, "" for none.
    groups : sequence (n,)
        What really repeats: the voice or scene of each example.
    unit, repeats : str
        What an example and a group are called, in the plural.
    """
    models, properties = list(right), list(by)
    sizes = {name: np.unique(values, return_counts=True) for name, values in by.items()}

    def compute(by_what: str, model: str, smallest: int) -> Slices:
        names, examples = sizes[by_what]
        enough = np.sum((names != "") & (examples >= smallest)) >= 2
        if not enough:
            return Slices(by_what, model, smallest, None)
        report = accuracy_by(by[by_what], right[model], groups, smallest=smallest)
        return Slices(by_what, model, smallest, report)

    def summary(result: Slices) -> str:
        report = result.report
        if report is None:
            return (
                f"By {result.by}, fewer than two slices hold {result.smallest} {unit}: nothing can"
                f" be compared. Allow smaller ones."
            )
        worst, best = report.slices[0], report.slices[-1]
        alone = sum(part.groups == 1 for part in report.slices)
        said = (
            f"Model “{result.model}”, by {result.by}: {_share(worst)} of “{worst.name}”,"
            f" {_share(best)} of “{best.name}”. {_chance(report.chance)}"
        )
        if alone:
            one = repeats.removesuffix("s")
            said += (
                f" {count(alone, 'slice').capitalize()} of {len(report.slices)} hold one {one}:"
                f" the interval is that of this {one}, not of others."
            )
        if len(report.slices) > SHOWN:
            said += f" Shown are the {SHOWN} worst of {len(report.slices)}."
        return said

    controls = [
        Dropdown("by_what", "By", properties, properties[0]),
        Dropdown("model", "Model", models, models[0]),
        Steps("smallest", f"Slices of at least ({unit})", SMALLEST, SMALLEST[1]),
    ]
    total = len(groups)
    return Explorer(
        "For whom does it fail?",
        controls,
        compute,
        _View(unit),
        summary,
        source=f"measured: {total} test {unit}; intervals count {repeats} where there are several",
    )


def _label(name: str, examples: int) -> str:
    return f"{name} ({examples})"


def _share(part) -> str:
    return f"{part.share.mean:.0%} ({part.share.low:.0%} to {part.share.high:.0%})"


def _chance(chance: float) -> str:
    if chance < 0.001:
        return "Chance alone would hardly ever spread them so."
    if chance < 0.05:
        return f"Chance alone would spread them so in {chance:.1%} of such tests."
    return f"That is no clear difference: chance alone spreads them so in {chance:.0%} of tests."
