"""Predict first: a question before an explorer, then your answer beside what was measured."""

from collections.abc import Sequence
from numbers import Real

import ipywidgets

from tinylab.explore.widget import stills
from tinylab.explore.widget.front import QuestionForm, StatusLine
from tinylab.explore.widget.wording import amount


class Prediction(ipywidgets.VBox):
    """Ask for a number or for one of a few choices.

    It never waits: *Run All* goes on whether or not somebody answers, and `reveal` then simply
    shows what was measured.

    Parameters
    ----------
    question : str
    unit : str, optional
        Unit of the number asked for.
    choices : sequence of str, optional
        The answers to choose from; without them a number is asked for.

    Examples
    --------
    >>> guess = Prediction("How many kilobytes is the int8 model?", unit="kB")
    >>> guess.reveal(52.3)
    Verdict('Measured: 52.3 kB. (No prediction was made.)')
    """

    def __init__(self, question: str, *, unit: str = "", choices: Sequence[str] = ()):
        if choices and unit:
            raise ValueError("pass choices or a unit, not both: a choice has no unit")
        if len(choices) == 1:
            raise ValueError("pass two or more choices")
        self.question, self.unit, self.choices = question, unit, tuple(choices)
        self.form = QuestionForm(question=question, unit=unit, choices=list(choices))
        super().__init__(children=[self.form])

    @property
    def answer(self) -> float | str | None:
        """What was predicted, None until something is."""
        return self.form.answer

    def set(self, answer: float | str) -> "Prediction":
        """Answer from Python, for readers who do not use a mouse, and for tests."""
        self._check(answer)
        self.form.answer = answer
        return self

    def reveal(self, measured: float | str) -> "Verdict":
        """Show the prediction beside the measured value; later answers are shown as well.

        Parameters
        ----------
        measured : float or str
            A number in this question's unit, or one of its choices.
        """
        self._check(measured)
        return Verdict(self, measured)

    def _check(self, value: float | str) -> None:
        if self.choices and value not in self.choices:
            raise ValueError(f"pass one of {', '.join(self.choices)}; got {value!r}")
        if not self.choices and (isinstance(value, bool) or not isinstance(value, Real)):
            raise ValueError(
                f"pass a number{f' in {self.unit}' if self.unit else ''}; got {value!r}"
            )

    def _repr_mimebundle_(self, **kwargs):
        if not stills.wanted():
            return super()._repr_mimebundle_(**kwargs)
        asked = (
            ", ".join(self.choices)
            if self.choices
            else f"a number{self.unit and ' in '}{self.unit}"
        )
        return {"text/plain": f"Predict: {self.question} ({asked})"}

    def __repr__(self) -> str:
        return f"Prediction({self.question!r})"


class Verdict(ipywidgets.VBox):
    """What was said beside what was measured; it follows the answer if that changes."""

    def __init__(self, prediction: Prediction, measured: float | str):
        self._prediction, self._measured = prediction, measured
        self.status = StatusLine()
        self._show()
        prediction.form.observe(self._show, names="answer")
        super().__init__(children=[self.status])
        self.add_class("tinylab-verdict")

    @property
    def text(self) -> str:
        """The sentence that is shown now."""
        return self.status.text

    def _show(self, change=None) -> None:
        self.status.show(verdict(self._prediction.answer, self._measured, self._prediction.unit))

    def _repr_mimebundle_(self, **kwargs):
        if not stills.wanted():
            return super()._repr_mimebundle_(**kwargs)
        return {"text/plain": self.text}

    def __repr__(self) -> str:
        return f"Verdict({self.text!r})"


def verdict(said: float | str | None, measured: float | str, unit: str = "") -> str:
    """The comparison, such as "You said 40 kB; measured: 52.3 kB (1.3 times as much)."."""
    shown = _value(measured, unit)
    if said is None:
        return f"Measured: {shown}. (No prediction was made.)"
    if isinstance(measured, str):
        agreed = "as you said" if said == measured else f"you said {said}"
        return f"Measured: {measured}, {agreed}."
    return f"You said {_value(said, unit)}; measured: {shown}{_distance(said, measured)}."


def _value(value: float | str, unit: str) -> str:
    number = value if isinstance(value, str) else amount(value, 4)
    return f"{number} {unit}".strip()


def _distance(said: float, measured: float) -> str:
    if said <= 0 or measured <= 0:
        return ""
    ratio = measured / said
    if 0.9 <= ratio <= 1.1:
        return " (within a tenth)"
    if ratio > 1:
        return f" ({amount(ratio)} times as much)"
    return f" ({amount(1 / ratio)} times less)"
