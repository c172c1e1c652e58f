"""What a class predicted: the answers that hand-ins hold, counted for each question.

In: notebooks as JSON. Out: for each question, how many chose what. Predictions earn no points.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tinylab.grading.intake.handin import Refused, open_regular
from tinylab.grading.intake.predictions import Prediction, predictions_of
from tinylab.grading.records.grades import read_record
from tinylab.grading.records.rows import Row
from tinylab.grading.reports.tables import visible

__all__ = [
    "ClassAnswer",
    "class_predictions",
    "graded_predictions",
    "predictions_table",
    "summarise_predictions",
]

LARGEST_NOTEBOOK_BYTES = 30_000_000


@dataclass(frozen=True)
class ClassAnswer:
    """What a class said to one question.

    Attributes
    ----------
    question, unit : str
    counts : dict of str to int
        How many committed to each choice; empty for a question that asks for a number.
    numbers : tuple of float
        The numbers that were committed, sorted.
    unanswered : int
        Hand-ins that hold the question without an answer.
    """

    question: str
    unit: str
    counts: Mapping[str, int]
    numbers: tuple[float, ...]
    unanswered: int

    @property
    def numbers_text(self) -> str:
        """The middle and the range of the numbers, or an empty text."""
        if not self.numbers:
            return ""
        low, high = self.numbers[0], self.numbers[-1]
        middle = f"median {median(self.numbers):g} {self.unit}".strip()
        return f"{middle}, from {low:g} to {high:g} ({len(self.numbers)} answers)"

    def __str__(self) -> str:
        counts = ", ".join(f"{choice}: {times}" for choice, times in self.counts.items())
        said = visible(counts or self.numbers_text or "nobody answered")
        return f"{visible(self.question)}\n    {said}; unanswered: {self.unanswered}"


def class_predictions(folder: Path) -> str:
    """What the notebooks below `folder` predicted, as text; files that cannot be read are named."""
    hand_ins, unread = [], []
    for path in sorted(Path(folder).rglob("*.ipynb")):
        try:
            with open_regular(path, LARGEST_NOTEBOOK_BYTES) as stream:
                notebook = json.loads(stream.read(LARGEST_NOTEBOOK_BYTES))
        except (Refused, ValueError, RecursionError) as error:
            unread.append(f"Not read: {path.name} ({error})")
            continue
        hand_ins.append(predictions_of(notebook) if isinstance(notebook, dict) else ())
    table = predictions_table(summarise_predictions(hand_ins))
    return "\n".join([table or "No predictions in these notebooks.", *unread])


def graded_predictions(folder: Path, rows: Iterable[Row]) -> tuple[ClassAnswer, ...]:
    """What the hand-ins of these rows of the record book in `folder` predicted."""
    return summarise_predictions(read_record(folder, row).predictions for row in rows)


def summarise_predictions(hand_ins: Iterable[Sequence[Prediction]]) -> tuple[ClassAnswer, ...]:
    """Count the answers of a class, question by question, in order of first appearance."""
    asked: dict[str, list[Prediction]] = {}
    for predictions in hand_ins:
        for prediction in predictions:
            asked.setdefault(prediction.question, []).append(prediction)
    return tuple(_summary(question, answers) for question, answers in asked.items())


def predictions_table(answers: Iterable[ClassAnswer]) -> str:
    """The summary as text."""
    return "\n".join(map(str, answers))


def _summary(question: str, answers: list[Prediction]) -> ClassAnswer:
    first = answers[0]
    chosen = Counter(answer.choice for answer in answers if answer.choice in first.choices)
    numbers = [answer.number for answer in answers if answer.number is not None]
    return ClassAnswer(
        question=question,
        unit=first.unit,
        counts={choice: chosen[choice] for choice in first.choices},
        numbers=() if first.choices else tuple(sorted(numbers)),
        unanswered=sum(answer.is_open for answer in answers),
    )
