"""What the browser draws: the control panel, the status line and the question, one module each.

They are plain HTML form elements: reachable by keyboard, named for screen readers, and coloured by
JupyterLab's own theme. Numbers never enter through here unchecked: `Explorer` validates them.
"""

from pathlib import Path

import anywidget
import traitlets

_HERE = Path(__file__).parent
_STYLE = (_HERE / "style.css").read_text()


class _Front(anywidget.AnyWidget):
    _css = _STYLE

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class ControlPanel(_Front):
    """Title, controls and reset button; `state` follows the reader's hand."""

    _esm = (_HERE / "controls.js").read_text()
    title = traitlets.Unicode().tag(sync=True)
    specs = traitlets.List().tag(sync=True)
    initial = traitlets.Dict().tag(sync=True)
    # No echo: the browser already shows what it sent, and an echo could overtake the next move.
    state = traitlets.Dict().tag(sync=True, echo_update=False)


class StatusLine(_Front):
    """A live region whose words change while the element itself stays, so that it is announced."""

    _esm = (_HERE / "status.js").read_text()
    text = traitlets.Unicode().tag(sync=True)
    source = traitlets.Unicode().tag(sync=True)
    is_error = traitlets.Bool(False).tag(sync=True)

    def show(self, text: str) -> None:
        """Show the sentence `text`."""
        with self.hold_sync():
            self.text, self.is_error = text, False

    def show_error(self, error: Exception) -> None:
        """Say that nothing could be computed, and why."""
        reason = str(error) or type(error).__name__
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        with self.hold_sync():
            self.text = f"This setting could not be shown. {kind}{reason}"
            self.is_error = True


class QuestionForm(_Front):
    """A question with a number box or a list of choices; `answer` is None until there is one."""

    _esm = (_HERE / "question.js").read_text()
    question = traitlets.Unicode().tag(sync=True)
    unit = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    answer = traitlets.Any(None, allow_none=True).tag(sync=True, echo_update=False)
