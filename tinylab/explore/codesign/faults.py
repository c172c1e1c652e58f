"""Explorer: bits that flip in flash, and what protections save."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown, Steps
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.wording import count
from tinylab.scoring.intervals import Interval
from tinylab.scoring.verdicts import Verdict, compare, signed
from tinylab.security.results import SecurityResults, intervals_by

__all__ = ["Faults", "faults_explorer"]

BY = {"chance": "chance", "choice": "an attacker who knows the protection"}


@dataclass(frozen=True)
class Faults:
    """Accuracy behind one protection, and without, over the number of flips.

    Attributes
    ----------
    protection : str
    chosen : bool
    level : int
        Which of the numbers of flips is looked at, 0 for the fewest.
    flips : tuple of int
    bare, protected : tuple of Interval
        One for each number of flips.
    gain : Verdict
        Of the protection against none at this number of flips, seed by seed.
    overhead : float
        Bytes stored besides, as a share of the weights' bytes.
    """

    protection: str
    chosen: bool
    level: int
    flips: tuple[int, ...]
    bare: tuple[Interval, ...]
    protected: tuple[Interval, ...]
    gain: Verdict
    overhead: float


class _View:
    """Accuracy over flips, with and without the protection."""

    def __init__(self, flips: Sequence[int]):
        self._flips = list(flips)

    def figure(self) -> go.Figure:
        figure = theme.figure(x="flipped bits", y="accuracy (%)")
        for index, name in enumerate(("nothing", "with the protection")):
            error = {"type": "data", "symmetric": False, "thickness": 1.5}
            figure.add_scatter(
                mode="lines+markers", name=name, error_y=error, **theme.series(index)
            )
        figure.add_scatter(**theme.highlight())
        log = {"type": "log", "tickformat": ",~g", "tickvals": self._flips}
        return figure.update_layout(xaxis=log, yaxis={"range": [0, 104]})

    def update(self, figure: go.Figure, result: Faults) -> None:
        for trace, intervals in zip(figure.data, (result.bare, result.protected)):
            means = np.array([interval.mean for interval in intervals])
            trace.x, trace.y = result.flips, 100 * means
            high = np.array([min(1.0, interval.high) for interval in intervals])
            low = np.array([max(0.0, interval.low) for interval in intervals])
            trace.error_y.array, trace.error_y.arrayminus = (
                100 * (high - means),
                100 * (means - low),
            )
        here = figure.data[2]
        here.x = [result.flips[result.level]]
        here.y = [100 * result.protected[result.level].mean]


def _summary(result: Faults) -> str:
    bare, protected = result.bare[result.level], result.protected[result.level]
    flips = count(result.flips[result.level], "flip")
    by = BY["choice"] if result.chosen else BY["chance"]
    text = f"{flips} by {by}: {bare.mean:.0%} right without protection"
    if result.protection == "nothing":
        return f"{text} ({bare.repeats} repeats). Choose a protection."
    gain = result.gain
    verdict = f"{signed(100 * gain.difference, 0)} points, "
    verdict += "inside the noise" if gain.outcome == "tie" else gain.outcome
    return (
        f"{text}, {protected.mean:.0%} with “{result.protection}” ({verdict}), for"
        f" {result.overhead:.1%} more flash."
    )


def faults_explorer(results: SecurityResults, overheads: dict[str, float]) -> Explorer:
    """Look up the accuracy that is left after bits flipped.

    Parameters
    ----------
    results : SecurityResults
    overheads : dict of str to float
        Bytes of each protection as a share of the weights' bytes, the bare one ("nothing") first.
    """
    names = tuple(overheads)

    accuracies = intervals_by(results.protections, ("protection", "chosen", "flips"), "accuracy")
    by_seed: dict[tuple, list[float]] = {key: [] for key in accuracies}
    for row in sorted(results.protections, key=lambda row: row.seed):
        by_seed[row.protection, row.chosen, row.flips].append(row.accuracy)
    flips_of = {
        chosen: tuple(sorted({key[2] for key in accuracies if key[1] == chosen}))
        for chosen in (True, False)
    }
    levels = range(1, 1 + min(map(len, flips_of.values())))

    def compute(protection: str, by: str, level: int) -> Faults:
        chosen = by == "choice"
        flips = flips_of[chosen][: len(levels)]
        bare, protected = (
            tuple(accuracies[name, chosen, number] for number in flips)
            for name in (names[0], protection)
        )
        gain = compare(
            *(by_seed[name, chosen, flips[level - 1]] for name in (protection, names[0]))
        )
        return Faults(
            protection, chosen, level - 1, flips, bare, protected, gain, overheads[protection]
        )

    return Explorer(
        "Bits that flip in flash",
        [
            Dropdown("protection", "Protection", names, names[-1]),
            Dropdown("by", "Flipped by", tuple(BY), "chance", tuple(BY.values())),
            Steps("level", f"Level: 1 is few flips, {levels[-1]} most", tuple(levels), levels[-1]),
        ],
        compute,
        _View(sorted({number for flips in flips_of.values() for number in flips})),
        _summary,
        source=f"measured: the bundled int8 keyword model on {results.clips} clips",
    )
