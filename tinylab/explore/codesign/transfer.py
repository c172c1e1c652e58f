"""Explorer: does an attack made on one model fool another?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Steps, Toggle
from tinylab.explore.widget.explorer import Explorer
from tinylab.scoring.intervals import Interval
from tinylab.security.results import SecurityResults, intervals_by

__all__ = ["Transfer", "transfer_explorer"]


@dataclass(frozen=True)
class Transfer:
    """Fooled shares of every pair of models at one strength.

    Attributes
    ----------
    lsb : float
    int8 : bool
    fooled : float64 array (judged, made on)
        Means over the seeds, 0 to 1.
    judged : str
        The chosen model.
    white_box, from_dense : Interval
        Of the chosen model: by its own gradient, and by the dense model's; over seeds.
    clean : float
        Accuracy of the chosen model without an attack, mean over the seeds.
    """

    lsb: float
    int8: bool
    fooled: np.ndarray
    judged: str
    white_box: Interval
    from_dense: Interval
    clean: float


class _View:
    """A map of all pairs, and the chosen model's two bars with their intervals."""

    def __init__(self, names: Sequence[str]):
        self._names = list(names)

    def figure(self) -> go.Figure:
        title = "attack made on (cells: fooled, %)"
        figure = theme.figure(x=title, y="answers of", height_px=440)
        figure.add_heatmap(
            x=self._names,
            y=self._names,
            zmin=0,
            zmax=100,
            colorscale=theme.SEQUENTIAL,
            texttemplate="%{z:.0f}",
            showscale=False,  # every cell says its number
            name="fooled",
        )
        interval = {"type": "data", "symmetric": False, "color": theme.BLACK}
        figure.add_bar(
            x=["own gradient", "dense model's"],
            xaxis="x2",
            yaxis="y2",
            name="chosen model",
            error_y=interval,
            **theme.bar(0),
        )
        return figure.update_layout(
            margin={"l": 140, "t": 120},  # names above: below, another panel may stand
            xaxis={"domain": [0, 0.6], "showgrid": False, "side": "top", "tickangle": -40},
            yaxis={"autorange": "reversed", "showgrid": False},
            xaxis2={"domain": [0.74, 1], "anchor": "y2", "title": "attack by the"},
            yaxis2={"anchor": "x2", "range": [0, 105], "title": "fooled (%)"},
        )

    def update(self, figure: go.Figure, result: Transfer) -> None:
        pairs, bars = figure.data
        pairs.z = 100 * result.fooled
        intervals = (result.white_box, result.from_dense)
        bars.y = [100 * interval.mean for interval in intervals]
        bars.error_y.array = [
            100 * max(0, min(1, interval.high) - interval.mean) for interval in intervals
        ]
        bars.error_y.arrayminus = [
            100 * max(0, interval.mean - max(0, interval.low)) for interval in intervals
        ]


def _summary(result: Transfer) -> str:
    form = "its int8 program" if result.int8 else "the float model"
    return (
        f"{result.judged}, {form}: {result.clean:.0%} of all clips right without an attack. Of what"
        f" all models have right, PGD of {result.lsb:g} LSB by its own gradient turns"
        f" {_written(result.white_box)}, made on the dense model {_written(result.from_dense)}."
    )


def _written(interval: Interval) -> str:
    low, high = max(0.0, interval.low), min(1.0, interval.high)
    return f"{interval.mean:.0%} ({low:.0%} to {high:.0%} over {interval.repeats} seeds)"


def transfer_explorer(results: SecurityResults) -> Explorer:
    """Look up what PGD reached between the compressed models.

    Parameters
    ----------
    results : SecurityResults
    """
    attacks = results.attack(attack="pgd")
    names = tuple(dict.fromkeys(row.model for row in attacks))
    strengths = tuple(sorted({row.lsb for row in attacks}))

    counted = sorted({row.attackable for row in attacks})
    clips = " to ".join(str(number) for number in dict.fromkeys((counted[0], counted[-1])))

    fields = ("model", "made_on", "lsb", "int8")
    shares = intervals_by(attacks, fields, "share")
    wrong = intervals_by(results.attack(attack="none"), ("model", "int8"), "share")

    def compute(judged: str, lsb: float, int8: bool) -> Transfer:
        return Transfer(
            lsb,
            int8,
            np.array(
                [[shares[judge, source, lsb, int8].mean for source in names] for judge in names]
            ),
            judged,
            shares[judged, judged, lsb, int8],
            shares[judged, names[0], lsb, int8],
            1 - wrong[judged, int8].mean,
        )

    return Explorer(
        "Made on one model, given to another",
        [
            Dropdown("judged", "Answers of", names, names[0]),
            Steps("lsb", "Largest change", strengths, strengths[-2], unit="LSB"),
            Toggle("int8", "Judge the int8 program", True),
        ],
        compute,
        _View(names),
        _summary,
        source=f"measured: PGD on {clips} clips that all models answer correctly, three seeds",
    )
