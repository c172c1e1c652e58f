"""Predict first: a question, and afterwards what was said beside what was measured."""

from collections.abc import Mapping, Sequence
from numbers import Real

import ipywidgets
from IPython.display import display

from tinylab.explore.widget import answers, stills
from tinylab.explore.widget.display import Shown, note
from tinylab.explore.widget.front import Cover, QuestionForm, StatusLine
from tinylab.explore.widget.wording import amount

__all__ = ["TIE", "Prediction", "Verdict", "verdict"]

TIE = "no clear difference"
MEASURED = "The measured answer"
ASIDE = (
    "Your answer is kept. The file of your earlier ones was damaged: it lies in your work folder as"
    " {name}, and your notebooks hold them too."
)
# Of a share, a factor says little (from 50 to 75 % is 1.5 times, from 2 to 3 % too): points do.
SHARES = ("%", "points")
LONGEST_SYMBOL = 3  # letters of a unit's symbol, such as mWh; what is longer is a word


class Prediction(Shown, ipywidgets.VBox):
    """Ask for a number or for one of a few choices; what is committed stays.

    It never waits: *Run All* goes on whether or not somebody answers. The answer is kept in the
    learner's work folder, and in the notebook itself, with which it is handed in.

    Parameters
    ----------
    question : str
    unit : str, optional
        Unit of the number asked for.
    choices : mapping of str to str, or sequence of str, optional
        The answers to choose from; without them a number is asked for. A mapping gives for each
        the misconception behind it, which is said to whoever chose it when it is wrong.
    tie : bool
        Whether "no clear difference" can be chosen, and measured, too.

    Examples
    --------
    >>> guess = Prediction("How many kilobytes is the int8 model?", unit="kB")
    >>> guess.set(40).reveal(52.3)
    Verdict('You said 40 kB; measured: 52.3 kB. You were within a factor of 1.31.')
    """

    def __init__(
        self,
        question: str,
        *,
        unit: str = "",
        choices: Mapping[str, str] | Sequence[str] = (),
        tie: bool = False,
    ):
        named = dict(choices) if isinstance(choices, Mapping) else dict.fromkeys(choices, "")
        if tie and named:
            named[TIE] = ""
        if named and unit:
            raise ValueError("pass choices or a unit, not both: a choice has no unit")
        if len(named) == 1:
            raise ValueError("pass two or more choices")
        self.question, self.unit, self.choices = question, unit, tuple(named)
        self.misconceptions = named
        self._handle = None
        self.form = QuestionForm(question=question, unit=unit, choices=list(named))
        self.form.observe(self._keep, names="answer")
        super().__init__(children=[self.form])

    @property
    def answer(self) -> float | str | None:
        """What was committed, None until something is."""
        return self.form.answer

    def set(self, answer: float | str) -> "Prediction":
        """Answer from Python, for readers who do not use a mouse, and for tests."""
        self._check(answer)
        self.form.answer = answer
        return self

    def reveal(self, measured: float | str) -> "Verdict":
        """Show the prediction beside the measured value.

        Parameters
        ----------
        measured : float or str
            A number in this question's unit, or one of its choices, or `TIE`.
        """
        self._check(measured)
        return Verdict(self, measured)

    def record(self) -> dict:
        """Question, choices, unit and answer: what the work folder and the notebook keep."""
        return answers.record(self.question, self.choices, self.unit, self.answer)

    def _check(self, value: float | str) -> None:
        if self.choices and value not in self.choices:
            raise ValueError(f"pass one of {', '.join(self.choices)}; got {value!r}")
        if not self.choices and (isinstance(value, bool) or not isinstance(value, Real)):
            raise ValueError(f"pass {_kind(self.unit)}; got {value!r}")

    def _keep(self, change) -> None:
        # Jupyter hides what a callback raises: the reader is shown it instead.
        try:
            aside = answers.keep(self.record())
        except OSError as error:
            self.form.problem = f"Your answer was not kept in the work folder: {error}"
        else:
            self.form.problem = ASIDE.format(name=aside.name) if aside else ""
        if self._handle is not None:
            self._handle.update(self._note(), raw=True)

    def _note(self) -> dict:
        return {**note(self.summary_lines()), answers.MIME: self.record()}

    def show_note(self) -> None:
        """The part of the output that the notebook keeps, and that follows the answer."""
        self._handle = display(self._note(), raw=True, display_id=True)

    def summary_lines(self) -> list[str]:
        """The question and how it can be answered."""
        asked = ", ".join(self.choices) or _kind(self.unit)
        said = [] if self.answer is None else [f"You said: {_value(self.answer, self.unit)}."]
        return [f"Predict: {self.question} ({asked})", *said]

    def saved(self) -> dict:
        """Question, unit and choices as data, for a page without a kernel."""
        return {
            "kind": "prediction",
            "question": self.question,
            "unit": self.unit,
            "choices": list(self.choices),
        }

    def __repr__(self) -> str:
        return f"Prediction({self.question!r})"


class Verdict(Shown, ipywidgets.VBox):
    """What was said beside what was measured; covered until something was said."""

    def __init__(self, prediction: Prediction, measured: float | str):
        self._prediction, self._measured = prediction, measured
        self.cover = cover_until_answered(prediction, MEASURED)
        self.status = StatusLine(text=self._sentence())
        prediction.form.observe(self._follow, names="answer")
        super().__init__(children=[self.cover, self.status])
        self.add_class("tinylab-verdict")

    @property
    def text(self) -> str:
        """The sentence that is shown now."""
        return self.status.text

    def _sentence(self) -> str:
        asked = self._prediction
        return verdict(asked.answer, self._measured, asked.unit, asked.misconceptions)

    def _follow(self, change) -> None:
        self.status.show(self._sentence())

    def summary_lines(self) -> list[str]:
        """The sentence."""
        return [self.text]

    def saved(self) -> dict:
        """What was measured, and the sentence for each choice, for a page without a kernel."""
        asked = self._prediction
        sentences = {
            choice: verdict(choice, self._measured, asked.unit, asked.misconceptions)
            for choice in asked.choices
        }
        return {
            "kind": "verdict",
            "measured": self._measured,
            "shown": _value(self._measured, asked.unit),
            "unit": asked.unit,
            "sentences": sentences,
            "unanswered": verdict(None, self._measured, asked.unit),
            **saved_cover(asked, MEASURED),
        }

    def __repr__(self) -> str:
        return f"Verdict({self.text!r})"


def cover_until_answered(prediction: Prediction, what: str) -> Cover:
    """A cover over `what` that opens with the answer, or by its button."""
    cover = Cover(
        text=_cover_text(prediction, what),
        is_open=stills.wanted() or prediction.answer is not None,
    )

    def follow(change) -> None:
        cover.is_open = True

    prediction.form.observe(follow, names="answer")
    return cover


def saved_cover(prediction: Prediction, what: str) -> dict:
    """The cover over `what` as data, for a page without a kernel."""
    return {"covered_by": prediction.question, "cover": _cover_text(prediction, what)}


def _cover_text(prediction: Prediction, what: str) -> str:
    return f"{what} is covered. Commit to your prediction first: {prediction.question}"


def verdict(
    said: float | str | None,
    measured: float | str,
    unit: str = "",
    misconceptions: Mapping[str, str] = {},
) -> str:
    """The comparison in a sentence, the misconception behind a wrong choice with it."""
    shown = _value(measured, unit)
    if said is None:
        return f"Measured: {shown}. (No prediction was made.)"
    if isinstance(measured, str):
        if said == measured:
            return f"Measured: {measured}, as you said."
        why = _sentence(misconceptions.get(said, ""))
        return f"Measured: {measured}; you said {said}. {why}".strip()
    return f"You said {_value(said, unit)}; measured: {shown}. {_distance(said, measured, unit)}"


def _sentence(text: str) -> str:
    """Words that may begin small and end without a point, as a sentence."""
    whole = text[:1].upper() + text[1:]
    return whole if not whole or whole[-1] in ".?!" else f"{whole}."


def _kind(unit: str) -> str:
    """What is asked for: ms are measured, words are counted."""
    if unit == "%":
        return "a percentage"
    if not unit:
        return "a number"
    return f"a number {'of' if unit.isalpha() and len(unit) > LONGEST_SYMBOL else 'in'} {unit}"


def _value(value: float | str, unit: str, digits: int = 4) -> str:
    """With its unit: symbols stay as they are, one of a word such as times is 1 time."""
    number = value if isinstance(value, str) else amount(value, digits)
    is_word = unit.isalpha() and len(unit) > LONGEST_SYMBOL
    return f"{number} {unit.removesuffix('s') if is_word and number == '1' else unit}".strip()


def _distance(said: float, measured: float, unit: str) -> str:
    if unit in SHARES:
        off = said - measured
        if abs(off) < 0.5:
            return "You were within half a point."
        return f"You were {_value(abs(off), 'points', 3)} too {'high' if off > 0 else 'low'}."
    if said == measured:
        return "You were exactly right."
    if said <= 0 or measured <= 0:
        return f"You were off by {_value(abs(said - measured), unit)}."
    ratio = max(measured / said, said / measured)
    return f"You were within a factor of {amount(ratio)}."
