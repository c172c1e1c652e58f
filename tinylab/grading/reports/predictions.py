"""What a class predicted: the answers that hand-ins hold, counted for each question.

In: notebooks as JSON. Out: for each question, how many chose what. Predictions earn no points.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tinylab.grading.intake.handin import Refused, open_regular

__all__ = [
    "ClassAnswer",
    "class_predictions",
    "predictions_of",
    "predictions_table",
    "summarise_predictions",
]

# The type under which a notebook's output holds a prediction (tinylab.explore writes it).
MIME = "application/vnd.tinylab.prediction+json"
LONGEST = 300
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

    def __str__(self) -> str:
        said = ", ".join(f"{choice}: {times}" for choice, times in self.counts.items())
        if self.numbers:
            low, high = self.numbers[0], self.numbers[-1]
            middle = f"median {median(self.numbers):g} {self.unit}".strip()
            said = f"{middle}, from {low:g} to {high:g} ({len(self.numbers)} answers)"
        return f"{self.question}\n    {said or 'nobody answered'}; unanswered: {self.unanswered}"


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
        hand_ins.append(predictions_of(notebook) if isinstance(notebook, dict) else [])
    table = predictions_table(summarise_predictions(hand_ins))
    return "\n".join([table or "No predictions in these notebooks.", *unread])


def predictions_of(notebook: Mapping) -> list[dict]:
    """The predictions in a notebook's outputs; whatever is not shaped like one is left out."""
    found = {}
    for cell in _list(notebook.get("cells")):
        for output in _list(cell.get("outputs") if isinstance(cell, dict) else None):
            data = output.get("data") if isinstance(output, dict) else None
            one = data.get(MIME) if isinstance(data, dict) else None
            if _is_prediction(one):
                found[one["question"]] = one
    return list(found.values())


def summarise_predictions(hand_ins: Iterable[list[dict]]) -> tuple[ClassAnswer, ...]:
    """Count the answers of a class, question by question, in order of first appearance."""
    asked: dict[str, list[dict]] = {}
    for predictions in hand_ins:
        for one in predictions:
            asked.setdefault(one["question"], []).append(one)
    return tuple(_summary(question, answers) for question, answers in asked.items())


def predictions_table(answers: Iterable[ClassAnswer]) -> str:
    """The summary as text."""
    return "\n".join(str(one) for one in answers)


def _summary(question: str, answers: list[dict]) -> ClassAnswer:
    first = answers[0]
    given = [one["answer"] for one in answers if one["answer"] is not None]
    choices = dict.fromkeys(first["choices"], 0)
    chosen = Counter(answer for answer in given if answer in choices) if choices else {}
    numbers = [] if choices else [float(answer) for answer in given if not isinstance(answer, str)]
    return ClassAnswer(
        question=question,
        unit=first["unit"],
        counts={choice: chosen[choice] for choice in choices},
        numbers=tuple(sorted(numbers)),
        unanswered=len(answers) - len(given),
    )


def _is_prediction(one: object) -> bool:
    """Whether this is a record of ours: students can write anything into a notebook."""
    if not isinstance(one, dict) or not {"question", "choices", "unit", "answer"} <= set(one):
        return False
    texts = [one["question"], one["unit"], *_list(one["choices"])]
    answer = one["answer"]
    number = isinstance(answer, (int, float)) and not isinstance(answer, bool)
    good = answer is None or isinstance(answer, str) or (number and math.isfinite(answer))
    return (
        good
        and isinstance(one["choices"], list)
        and all(isinstance(text, str) and len(text) <= LONGEST for text in texts)
    )


def _list(value: object) -> list:
    return value if isinstance(value, list) else []
