"""The figure of an explorer: a widget that is drawn from its whole state at every change.

Plotly's own live figure sends itself as an update of an empty figure, and the 5 MB of plotly.js
with each: on a busy computer updates were lost and figures stayed empty. Here every message holds
all there is to draw, so that the next heals what a lost one left out, and plotly.js travels once.
"""

import gzip

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs, get_plotlyjs_version

from tinylab.explore.widget import theme
from tinylab.explore.widget.figure.plain import plain_figure
from tinylab.explore.widget.front import FigureFront, LibraryFront

__all__ = ["Plot", "send_library"]

# Level 4 packs plotly.js to a third in 0.15 s; level 9 takes twice as long for 4 % less.
PACKING_LEVEL = 4
_library: LibraryFront | None = None


class Plot(FigureFront):
    """A figure in the page, redrawn from the whole of `figure` by `show`.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
    label : str
        What there is to see, for readers who do not see it.
    """

    def __init__(self, figure: go.Figure, label: str):
        super().__init__(
            plotly_version=get_plotlyjs_version(),
            dark_colours=theme.DARK,
            drawing=plain_figure(figure),
            label=label,
        )
        self.on_msg(self._answer)

    def show(self, figure: go.Figure, label: str) -> None:
        """Draw `figure` instead of what is shown."""
        with self.hold_sync():
            self.drawing, self.label = plain_figure(figure), label

    def _answer(self, widget, content: dict, buffers) -> None:
        if content.get("wanted") == "plotly":
            self.send({"plotly": self.plotly_version}, [_packed_library()])


def send_library() -> None:
    """Send plotly.js to the page, once in the life of this kernel."""
    global _library
    if _library is None:
        _library = LibraryFront(version=get_plotlyjs_version(), packed=_packed_library())


def _packed_library() -> bytes:
    return gzip.compress(get_plotlyjs().encode(), PACKING_LEVEL, mtime=0)
