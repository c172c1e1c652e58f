"""What a student predicted, read from the outputs of her notebook; it earns no points.

In: a notebook as JSON gives it. Out: `Prediction`s; what is not shaped like one is left out, for
students can write anything into a notebook.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["MIME", "Prediction", "predictions_of"]

# The type under which a notebook's output holds a prediction (tinylab.explore writes it).
MIME = "application/vnd.tinylab.prediction+json"
LONGEST = 300  # characters of a question, a unit, a choice or an answer
MOST = 100  # predictions of a notebook, and choices of a question


@dataclass(frozen=True)
class Prediction:
    """One question and what was answered: a choice, a number, or neither where it was left open."""

    question: str
    choices: tuple[str, ...]
    unit: str
    choice: str | None = None
    number: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is no answer."""
        return self.choice is None and self.number is None


def predictions_of(notebook: Mapping) -> tuple[Prediction, ...]:
    """The predictions in a notebook's outputs, the last of each question."""
    predictions = {}
    for cell in _list(notebook.get("cells")):
        for output in _list(cell.get("outputs") if isinstance(cell, dict) else None):
            data = output.get("data") if isinstance(output, dict) else None
            plain = data.get(MIME) if isinstance(data, dict) else None
            prediction = _prediction(plain)
            if prediction and len(predictions) < MOST:
                predictions[prediction.question] = prediction
    return tuple(predictions.values())


def _prediction(plain: object) -> Prediction | None:
    """A record of the workbook's as a `Prediction`, or None for anything else."""
    if not isinstance(plain, dict) or not {"question", "choices", "unit", "answer"} <= set(plain):
        return None
    answer, choices = plain["answer"], plain["choices"]
    if not isinstance(choices, list) or len(choices) > MOST:
        return None
    texts = [plain["question"], plain["unit"], *choices]
    texts += [answer] if isinstance(answer, str) else []
    if not all(isinstance(text, str) and len(text) <= LONGEST for text in texts):
        return None
    is_number = isinstance(answer, (int, float)) and not isinstance(answer, bool)
    if not (answer is None or isinstance(answer, str) or (is_number and math.isfinite(answer))):
        return None
    return Prediction(
        question=_text(plain["question"]),
        choices=tuple(map(_text, choices)),
        unit=_text(plain["unit"]),
        choice=_text(answer) if isinstance(answer, str) else None,
        number=float(answer) if is_number else None,
    )


def _text(text: str) -> str:
    """Text that can be written out: unpaired surrogates become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _list(value: object) -> list:
    return value if isinstance(value, list) else []
