"""What the browser draws, one JavaScript module each: controls, figure, sentence, question.

They are plain HTML form elements: reachable by keyboard, named for screen readers, and coloured by
JupyterLab's own theme. Numbers never enter through here unchecked: `Explorer` validates them.
"""

from pathlib import Path

import anywidget
import traitlets

_HERE = Path(__file__).parent
_STYLE = (_HERE / "style.css").read_text()


def script(*names: str) -> str:
    """The JavaScript modules called `names`, after what all of them share, as one text."""
    return "\n".join((_HERE / f"{name}.js").read_text() for name in ("common", *names))


def problem(error: Exception) -> str:
    """The sentence that stands where a setting could not be shown."""
    reason = str(error) or type(error).__name__
    kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
    return f"This setting could not be shown. {kind}{reason}"


class Front(anywidget.AnyWidget):
    """A widget of this folder; `_esm` is the script of a subclass."""

    _css = _STYLE

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class ControlPanel(Front):
    """Title, controls and reset button; `state` follows the reader's hand."""

    _esm = script("controls")
    title = traitlets.Unicode().tag(sync=True)
    specs = traitlets.List().tag(sync=True)
    initial = traitlets.Dict().tag(sync=True)
    # No echo: the browser already shows what it sent, and an echo could overtake the next move.
    state = traitlets.Dict().tag(sync=True, echo_update=False)


class LibraryFront(Front):
    """Brings plotly.js to the page; it has nothing to show."""

    _esm = script("library", "library_holder")
    version = traitlets.Unicode().tag(sync=True)
    packed = traitlets.Bytes().tag(sync=True)


class FigureFront(Front):
    """A Plotly figure; `drawing` is all of it, as `plain_figure` gives it."""

    _esm = script("library", "arrange", "figure")
    drawing = traitlets.Dict().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    plotly_version = traitlets.Unicode().tag(sync=True)
    dark_colours = traitlets.Dict().tag(sync=True)


class StatusLine(Front):
    """A live region whose words change while the element itself stays, so that it is announced."""

    _esm = script("status")
    text = traitlets.Unicode().tag(sync=True)
    source = traitlets.Unicode().tag(sync=True)
    is_error = traitlets.Bool(False).tag(sync=True)

    def show(self, text: str) -> None:
        """Show the sentence `text`."""
        with self.hold_sync():
            self.text, self.is_error = text, False

    def show_error(self, error: Exception) -> None:
        """Say that nothing could be computed, and why."""
        with self.hold_sync():
            self.text, self.is_error = problem(error), True


class QuestionForm(Front):
    """A question with a number box or choices; `answer` is None until one is committed."""

    _esm = script("question")
    question = traitlets.Unicode().tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    answer = traitlets.Any(None, allow_none=True).tag(sync=True, echo_update=False)
    problem = traitlets.Unicode().tag(sync=True)


class Cover(Front):
    """Stands over the widgets after it in the same box until `is_open`."""

    _esm = script("cover")
    text = traitlets.Unicode().tag(sync=True)
    is_open = traitlets.Bool(False).tag(sync=True)
