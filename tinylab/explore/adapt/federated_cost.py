"""Explorer: joules of a user's radio until the common model reaches an accuracy."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.adapt.federated.keywords.runs import Run, Runs
from tinylab.adapt.federated.traffic import Participation, participation
from tinylab.cost.power.radio import radios
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Steps, Toggle
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import amount

__all__ = ["Spent", "federated_cost_explorer"]

TARGETS = (0.5, 0.55, 0.58, 0.6, 0.62)
ALPHA, SHARE, WEIGHTS = 0.1, 0.2, 1950
PARTS = {"down_uJ": "model down", "up_uJ": "update up", "upkeep_uJ": "connection kept"}


@dataclass(frozen=True)
class Spent:
    """What each compression takes.

    Attributes
    ----------
    names : tuple of str
    rounds : dict of str to float
        Until the mean over seeds reaches the target; NaN where 30 rounds were too few.
    each : dict of str to Participation
        One user in one round.
    chosen, radio : str
    target : float
    """

    names: tuple[str, ...]
    rounds: dict[str, float]
    each: dict[str, Participation]
    chosen: str
    radio: str
    target: float

    def joules(self, name: str, part: str = "energy_uJ") -> float:
        """Of a user that takes part in a fifth of the rounds."""
        return SHARE * self.rounds[name] * getattr(self.each[name], part) / 1e6


class _View:
    """A stacked bar a compression."""

    def __init__(self, names: tuple[str, ...]):
        self._names = list(names)

    def figure(self) -> go.Figure:
        figure = theme.figure(legend_rows=2, height_px=440)
        for index, part in enumerate(PARTS.values()):
            figure.add_bar(y=self._names, orientation="h", name=part, **theme.bar(index))
        figure.add_scatter(**theme.highlight("chosen"))
        return figure.update_layout(
            barmode="stack",
            xaxis={"title": "radio energy of a user until the target (J)", "rangemode": "tozero"},
            yaxis={"autorange": "reversed", "title": ""},
        )

    def update(self, figure: go.Figure, result: Spent) -> None:
        *bars, here = figure.data
        for bar, part in zip(bars, PARTS):
            values = [result.joules(name, part) for name in result.names]
            bar.x = [None if np.isnan(value) else value for value in values]
        total = result.joules(result.chosen)
        here.x, here.y = ([], []) if np.isnan(total) else ([total], [result.chosen])


def _summary(result: Spent) -> str:
    name, each = result.chosen, result.each[result.chosen]
    start = f"{name} over {result.radio}: "
    if np.isnan(result.rounds[name]):
        return f"{start}{result.target:.0%} of all words is not reached in 30 rounds."
    down = each.down_uJ / each.energy_uJ
    return (
        f"{start}{result.target:.0%} of all words after {result.rounds[name]:.0f} rounds, which"
        f" cost a user {amount(result.joules(name))} J, {down:.0%} of it for the way down. A"
        f" participation takes {amount(each.energy_uJ / 1000)} mJ; after it, the device may be on"
        f" the air again in {amount(each.air_limit_s)} s."
    )


def _rounds_to(runs: tuple[Run, ...], target: float) -> float:
    """The first round after which the mean over seeds is at the target, or NaN."""
    curve = np.mean([run.all_words for run in runs], axis=0)
    reached = np.flatnonzero(curve >= target)
    return float(runs[0].rounds[reached[0]]) if len(reached) else float("nan")


def federated_cost_explorer(runs: Runs) -> Explorer:
    """Weigh bits against rounds, radio by radio.

    Parameters
    ----------
    runs : Runs
        With the group "compression".
    """
    plain = tuple(name for name in runs.names("compression") if not name.endswith("feedback"))
    links = {key: link.name for key, link in radios().items()}

    def compute(radio: str, name: str, feedback: bool, target: float, broadcast: bool) -> Spent:
        def run_of(compression: str) -> tuple[Run, ...]:
            kind = f"{compression}, feedback" if feedback else compression
            known = kind if kind in runs.names("compression") else compression
            return runs.pick("compression", known, ALPHA)

        picked = {way: run_of(way) for way in plain}
        rounds = {way: _rounds_to(group, target) for way, group in picked.items()}
        each = {
            way: participation(4 * WEIGHTS, round(group[0].up_bytes), radio, broadcast=broadcast)
            for way, group in picked.items()
        }
        return Spent(plain, rounds, each, name, links[radio], target)

    controls = [
        Dropdown("radio", "Radio", tuple(links), next(iter(links)), tuple(links.values())),
        Dropdown("name", "Update sent as", plain, "4 bits"),
        Toggle("feedback", "Error feedback", True),
        Steps("target", "Accuracy on all words", TARGETS, 0.55),
        Toggle("broadcast", "Model sent once for all", False),
    ]
    return Explorer(
        "What a user's radio spends",
        controls,
        compute,
        _View(plain),
        _summary,
        source=(
            "modelled: radio currents from data sheets; rounds and bytes measured, alpha 0.1,"
            " five seeds"
        ),
    )
