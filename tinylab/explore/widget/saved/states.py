"""An explorer as data: its controls, and for every setting its sentence and its figure."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs_version

from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Control
from tinylab.explore.widget.figure.plain import plain_figure
from tinylab.explore.widget.front import StatusLine, problem
from tinylab.explore.widget.saved.columns import Columns
from tinylab.explore.widget.saved.grid import Offered, offered, settings

__all__ = ["MOST_BYTES", "MOST_STATES", "saved_settings"]

# A state takes 1 to 12 ms, so an explorer is saved in at most a minute.
MOST_STATES = 4_000
# What a telephone loads and reads in a second or two.
MOST_BYTES = 1_500_000


class Lookable(Protocol):
    """Of an explorer, what is needed to save it."""

    title: str
    controls: Mapping[str, Control]
    state: dict[str, Any]
    status: StatusLine
    figure: go.Figure

    def look(self, **state) -> tuple[Any, str]:
        """Draw a state into `figure` and return its result and its sentence."""


def saved_settings(explorer: Lookable, first: dict[str, Any]) -> dict:
    """Everything that a page needs to draw an explorer and to follow its controls.

    Parameters
    ----------
    explorer : Explorer
        Its figure is drawn anew for every setting, and in the end as it was.
    first : dict
        The setting to which *Reset* returns.

    Returns
    -------
    dict
        Plain data of at most `MOST_BYTES` as JSON.

    Raises
    ------
    ValueError
        When even the coarsest grid of settings is too large.
    """
    controls, shown = list(explorer.controls.values()), [explorer.state, first]
    most_states, states = MOST_STATES, ""
    try:
        while not states or len(states) > MOST_BYTES:
            kept = offered(controls, shown, most_states)
            shape = [len(each.values) for each in kept]
            states = json.dumps(_states(explorer, kept).packed(shape), separators=(",", ":"))
            most_states = _fewer(kept, len(states))
    finally:
        explorer.look(**explorer.state)
    return {
        "kind": "explorer",
        "title": explorer.title,
        "source": explorer.status.source,
        "specs": [each.spec() for each in kept],
        "values": [list(each.values) for each in kept],
        "state": explorer.state,
        "initial": first,
        "note": _note(kept),
        "states": json.loads(states),
        "plotly_version": get_plotlyjs_version(),
        "dark_colours": theme.DARK,
    }


def _fewer(kept: list[Offered], size_bytes: int) -> int:
    """As many settings as would fit, if each took as much as these did; at least one less."""
    count = len(list(settings(kept)))
    return min(count - 1, int(0.9 * count * MOST_BYTES / size_bytes))


def _states(explorer: Lookable, kept: list[Offered]) -> Columns:
    """Sentence and figure of every setting; where there is none, the sentence says why."""
    columns = Columns()
    for setting in settings(kept):
        try:
            _, text = explorer.look(**setting)
        except Exception as error:  # what the notebook shows as a sentence, too
            columns.add({"text": problem(error), "is_error": True})
        else:
            drawing = plain_figure(explorer.figure)
            columns.add({"text": text, "is_error": False, "drawing": drawing})
    return columns


def _note(kept: list[Offered]) -> str:
    """What the page leaves out of the controls, in a sentence; empty when it has everything."""
    fewer = [
        f"{len(each.values)} of {each.of} values of “{each.control.label}”"
        for each in kept
        if len(each.values) < each.of
    ]
    if not fewer:
        return ""
    return f"This page holds {', '.join(fewer)}; the notebook has them all."
