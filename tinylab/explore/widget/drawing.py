"""A figure without controls, with its sentence: it follows width and theme as explorers do."""

import ipywidgets
import plotly.graph_objects as go

from tinylab.explore.widget import stills
from tinylab.explore.widget.display import Shown
from tinylab.explore.widget.figure.plot import Plot, send_library
from tinylab.explore.widget.front import StatusLine

__all__ = ["Drawing"]


class Drawing(Shown, ipywidgets.VBox):
    """A figure and what there is to see in it.

    Parameters
    ----------
    title : str
    figure : plotly.graph_objects.Figure
        From `theme.figure`.
    text : str
        What it shows, as a sentence; readers who do not see the figure have this.
    source : str
        Where the numbers come from.
    """

    def __init__(self, title: str, figure: go.Figure, text: str, *, source: str):
        self.title, self.figure = title, figure
        self.plot = Plot(figure, f"Figure: {title}. {text}")
        self.status = StatusLine(text=text, source=source)
        super().__init__(children=[self.plot, self.status])
        self.add_class("tinylab-explorer")

    def before_first_show(self) -> None:
        """Send plotly.js ahead."""
        send_library()

    def summary_lines(self) -> list[str]:
        """Title, sentence and source."""
        return [self.title, self.status.text, self.status.source]

    def still(self) -> tuple[dict, dict]:
        """A picture of the figure with its sentence."""
        title, *caption = self.summary_lines()
        return stills.bundle(self.figure, title, caption)

    def __repr__(self) -> str:
        return f"Drawing({self.title!r})"
