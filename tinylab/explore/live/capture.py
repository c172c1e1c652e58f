"""What microphone, listener and camera share: each answers a device, a file or an example."""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets

from tinylab.explore.widget import stills
from tinylab.explore.widget.display import Shown
from tinylab.explore.widget.figure.plot import Plot, send_library
from tinylab.explore.widget.front import Front, StatusLine, script

__all__ = ["Capture", "CaptureFront"]

PRIVACY = (
    "What you record stays on this computer: it goes to your Python, is never written to the"
    " notebook or a file, and is not handed in."
)
Answer = str | tuple[str, go.Figure]


class CaptureFront(Front):
    """Buttons, level meter or preview, file and example; `answered` is the last one dealt with."""

    _esm = script("capture", "microphone", "camera", "live")
    kind = traitlets.Unicode().tag(sync=True)  # "microphone", "listen" or "camera"
    title = traitlets.Unicode().tag(sync=True)
    examples = traitlets.List().tag(sync=True)
    seconds = traitlets.Float(1.0).tag(sync=True)
    privacy = traitlets.Unicode(PRIVACY).tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)


class Capture(Shown, ipywidgets.VBox):
    """Ask for something live, answer it, and show the answer.

    The first example is answered at once: whoever has no device, *Run All* and grading go on.

    Attributes
    ----------
    last : array
        What was answered last.
    recorded : list of array
        What came from the device or a file since this cell ran; examples do not count.
    """

    def __init__(
        self,
        front: CaptureFront,
        respond: Callable[[np.ndarray], Answer],
        examples: Mapping[str, np.ndarray],
        source: str,
    ):
        if not examples:
            raise ValueError("pass at least one example: a room may have no device")
        self.front, self._respond, self._examples = front, respond, dict(examples)
        self.recorded: list[np.ndarray] = []
        self.last = next(iter(self._examples.values()))
        self.status = StatusLine(source=source)
        self.figure, self.plot = None, None
        self._answer(self.last)
        front.on_msg(self._receive)
        children = [front, self.plot, self.status]
        super().__init__(children=[child for child in children if child is not None])
        self.add_class("tinylab-explorer")

    @property
    def text(self) -> str:
        """The sentence that is shown now."""
        return self.status.text

    def use(self, example: str) -> "Capture":
        """Answer a built-in example, as its menu does."""
        if example not in self._examples:
            raise ValueError(f"pass one of {', '.join(self._examples)}; got {example!r}")
        self._answer(self._examples[example])
        return self

    def read(self, content: dict, buffers: list) -> np.ndarray:
        """Clip or picture of a message from the page; subclasses say how."""
        raise NotImplementedError

    def _receive(self, widget, content: dict, buffers: list) -> None:
        # Jupyter hides what a callback raises, so here any error becomes a sentence.
        try:
            if content["kind"] == "example":
                self.use(content["name"])
            else:
                value = self.read(content, [bytes(buffer) for buffer in buffers])
                self.recorded.append(value)
                self._answer(value)
        except Exception as error:
            self.status.show_error(error)
        self.front.answered = content["number"]

    def _answer(self, value: np.ndarray) -> None:
        answer: Any = self._respond(value)
        text, figure = answer if isinstance(answer, tuple) else (answer, None)
        self.last = value
        self.status.show(text)
        if figure is None:
            return
        label = f"Figure: {self.front.title}. {text}"
        self.figure = figure
        if self.plot is None:
            self.plot = Plot(figure, label)
        else:
            self.plot.show(figure, label)

    def before_first_show(self) -> None:
        """Send plotly.js ahead."""
        if self.plot is not None:
            send_library()

    def summary_lines(self) -> list[str]:
        """Title, sentence and source."""
        return [self.front.title, self.text, self.status.source]

    def still(self) -> tuple[dict, dict]:
        """A picture of the figure, or the words alone."""
        title, *caption = self.summary_lines()
        return stills.bundle(self.figure, title, caption) if self.figure else super().still()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.front.title!r})"
