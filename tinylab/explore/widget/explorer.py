"""The one widget class: controls, a pure function of their state, a figure and a sentence."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import ipywidgets
import plotly.graph_objects as go

from tinylab.explore.widget import stills
from tinylab.explore.widget.controls import Control, describe
from tinylab.explore.widget.display import Shown
from tinylab.explore.widget.figure.plot import Plot, send_library
from tinylab.explore.widget.figure.ticks import LogTicks
from tinylab.explore.widget.front import ControlPanel, StatusLine
from tinylab.explore.widget.predict import Prediction, cover_until_answered, saved_cover
from tinylab.explore.widget.saved.states import saved_settings


class View(Protocol):
    """How a result is drawn: `figure` once, `update` at every change."""

    def figure(self) -> go.Figure:
        """Build every trace, axis and annotation the view will ever have."""

    def update(self, figure: go.Figure, result: Any) -> None:
        """Put the result's numbers into the traces of `figure`; add and remove nothing."""


class Explorer(Shown, ipywidgets.VBox):
    """Controls above a figure above a sentence, all three always telling of the same state.

    Parameters
    ----------
    title : str
        What the explorer shows, as a short heading.
    controls : sequence of Slider, Steps, Dropdown or Toggle
    compute : callable
        Pure function of the controls' values, by name: `compute(**state) -> result`. It runs at
        every change, so it looks up what was measured earlier and takes milliseconds.
    view : View
        Draws the result.
    summary : callable
        `summary(result) -> str`, the finding in a sentence; screen readers announce it.
    source : str
        Where the numbers come from: measured, published, datasheet or modelled, and by whom.

    Attributes
    ----------
    state : dict
        Value of every control, by name.
    result : object
        What `compute` returned for `state`.
    figure : plotly.graph_objects.Figure
        What is drawn for `state`; `plot` shows it in the page.
    """

    def __init__(
        self,
        title: str,
        controls: Sequence[Control],
        compute: Callable[..., Any],
        view: View,
        summary: Callable[[Any], str],
        *,
        source: str,
    ):
        self.title = title
        self.controls = {control.name: control for control in controls}
        self._compute, self._view, self._summary = compute, view, summary
        self._first = {control.name: control.value for control in controls}
        self._was_shown = False
        self._behind: Prediction | None = None
        self.figure = view.figure()
        self._ticks = LogTicks(self.figure)
        self.result, text = self.look(**self._first)
        # Everything is known before the page hears of it: no first update can be lost.
        self.panel = ControlPanel(
            title=title,
            specs=[control.spec() for control in controls],
            state=self._first,
            initial=self._first,
        )
        self.status = StatusLine(text=text, source=source)
        self.plot = Plot(self.figure, self._label())
        self.panel.observe(self._on_change, names="state")
        super().__init__(children=[self.panel, self.plot, self.status])
        self.add_class("tinylab-explorer")

    @property
    def state(self) -> dict:
        """Value of every control, by name."""
        return dict(self.panel.state)

    @property
    def text(self) -> str:
        """The sentence that is shown now."""
        return self.status.text

    def set(self, **values) -> "Explorer":
        """Move controls from Python, such as `explorer.set(bits=4)`.

        Returns
        -------
        Explorer
            Itself, so that a cell can end in `explorer.set(bits=4)` and show it.

        Raises
        ------
        ValueError
            For an unknown control or a value it cannot hold; nothing changes then.
        """
        state = {**self.state, **self._accept(values)}
        self._show(state)
        with self.panel.hold_trait_notifications():
            self.panel.unobserve(self._on_change, names="state")
            self.panel.state = state
        self.panel.observe(self._on_change, names="state")
        return self

    def reset(self) -> "Explorer":
        """Put every control back to what was first shown."""
        return self.set(**self._first)

    def behind(self, prediction: Prediction) -> "Explorer":
        """Cover everything until the question is answered, or the reader asks to see it anyway.

        Returns
        -------
        Explorer
            Itself, so that a cell can end in `explorer.behind(guess)`.
        """
        self._behind = prediction
        cover = cover_until_answered(prediction, self.title)
        self.children = [cover, self.panel, self.plot, self.status]
        return self

    def _accept(self, values: dict) -> dict:
        unknown = set(values) - set(self.controls)
        if unknown:
            known = ", ".join(self.controls)
            raise ValueError(f"no control named {', '.join(sorted(unknown))}; there are: {known}")
        return {name: self.controls[name].accept(value) for name, value in values.items()}

    def _on_change(self, change) -> None:
        # Jupyter hides what a callback raises, so here, and only here, any error becomes a
        # sentence.
        try:
            self._show(self._accept(change.new))
        except Exception as error:
            self.status.show_error(error)

    def look(self, **state) -> tuple[Any, str]:
        """Draw a state into `figure`; its result and sentence. The page stays as it is."""
        result = self._compute(**state)
        self._view.update(self.figure, result)
        self._ticks.choose(self.figure)
        return result, self._summary(result)

    def _show(self, state: dict) -> None:
        self.result, text = self.look(**state)
        self.status.show(text)
        self.plot.show(self.figure, self._label())

    def _label(self) -> str:
        """The figure in words; the sentence below it is read out by itself."""
        return f"Figure: {self.title}. {self.status.text}"

    def before_first_show(self) -> None:
        """Send plotly.js ahead, and remember what is shown first: *Reset* returns to it."""
        send_library()
        self._remember_first()

    def _remember_first(self) -> None:
        if not self._was_shown:
            self._was_shown, self._first = True, self.state
            self.panel.initial = self._first

    def summary_lines(self) -> list[str]:
        """Title, setting, sentence and source."""
        setting = "; ".join(
            describe(self.controls[name], value) for name, value in self.state.items()
        )
        return [self.title, setting, self.text, self.status.source]

    def still(self) -> tuple[dict, dict]:
        """A picture of the figure with its sentence."""
        title, *caption = self.summary_lines()
        return stills.bundle(self.figure, title, caption)

    def saved(self) -> dict:
        """Every setting as data, for a page without a kernel."""
        self._remember_first()
        covered = {} if self._behind is None else saved_cover(self._behind, self.title)
        return {**saved_settings(self, self._first), **covered}

    def __repr__(self) -> str:
        return f"Explorer({self.title!r})"
