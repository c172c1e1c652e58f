"""The board as a page: score against energy, a figure and a table for each application.

In: measured models by pseudonym. Out: HTML without scripts, which needs no network.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from tinylab.grading.board.measure import Measured

__all__ = ["Place", "board_page"]

WIDTH, HEIGHT, LEFT, BOTTOM = 620, 320, 60, 50  # pixels of a figure, and of its margins


@dataclass(frozen=True)
class Place:
    """One model on the board; `on_front` where no other has both more score and less energy."""

    pseudonym: str
    model: Measured
    on_front: bool = False


def with_front(places: Sequence[Place]) -> list[Place]:
    """The models of one application, the best score first, those on the Pareto front marked."""
    ordered = sorted(
        places, key=lambda model: (-model.model.value, model.model.energy_uJ, model.pseudonym)
    )
    marked, least = [], math.inf
    for entry in ordered:
        better = entry.model.energy_uJ < least
        least = min(least, entry.model.energy_uJ)
        marked.append(Place(entry.pseudonym, entry.model, better))
    return marked


def board_page(places: Sequence[Place]) -> str:
    """The page."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    by_application: dict[str, list[Place]] = {}
    for entry in places:
        by_application.setdefault(entry.model.application, []).append(entry)
    figures = [_figure(name, with_front(own)) for name, own in sorted(by_application.items())]
    return environment.get_template("board.html.j2").render(
        figures=figures, width=WIDTH, height=HEIGHT, left=LEFT, bottom=BOTTOM
    )


def _figure(application: str, places: list[Place]) -> dict:
    """One application: its models, and where their points lie in the figure."""
    energies = [math.log10(max(entry.model.energy_uJ, 1e-6)) for entry in places]
    scores = [entry.model.value for entry in places]
    across = _axis(energies, 0.1, LEFT, WIDTH - 20)
    up = _axis(scores, 0.02, HEIGHT - BOTTOM, 20)
    points = [
        {"x": across(energy), "y": up(score), "place": entry}
        for energy, score, entry in zip(energies, scores, places)
    ]
    return {
        "application": application.replace("_", " "),
        "score": places[0].model.score,
        "examples": places[0].model.examples,
        "board": places[0].model.board,
        "points": points,
        "x_ticks": [(across(e), f"{10**e:,.4g}") for e in sorted({min(energies), max(energies)})],
        "y_ticks": [(up(s), f"{s:.3f}") for s in sorted({min(scores), max(scores)})],
    }


def _axis(values: list[float], least_span: float, start: float, end: float):
    """A function from values to pixels that leaves room on both sides."""
    low, high = min(values), max(values)
    room = max(0.1 * (high - low), least_span)
    low, high = low - room, high + room
    return lambda value: round(start + (value - low) / (high - low) * (end - start), 1)
