"""How the class did, exercise by exercise: means, named mistakes, and the spread of points.

In: the grades of a class. Out: `statistics.html`, one page without scripts, and `statistics.csv`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2

from tinylab.files import replacing
from tinylab.grading.records.grades import read_record
from tinylab.grading.records.rows import ClassGrades, Row
from tinylab.grading.reports.predictions import graded_predictions
from tinylab.grading.reports.tables import visible, write_csv
from tinylab.grading.rules.result import Assignment

__all__ = ["ExerciseStatistics", "class_statistics", "write_statistics"]

TEMPLATE = "statistics.html.j2"
HEAD = [
    "assignment",
    "exercise",
    "students",
    "answered",
    "mean share",
    "mistake",
    "students with it",
]
BINS = 10


@dataclass(frozen=True)
class ExerciseStatistics:
    """One exercise over all hand-ins that count.

    Attributes
    ----------
    students : int
        With a hand-in of the notebook that counts.
    answered : int
        Of these, with an answer.
    mean_share : float
        Mean share of the points, 0 to 1, those without an answer included.
    mistakes : tuple of (str, int)
        Named mistakes and how many students made them, the most frequent first.
    """

    assignment: str
    exercise_id: str
    students: int
    answered: int
    mean_share: float
    mistakes: tuple[tuple[str, int], ...]


def class_statistics(folder: Path, grades: ClassGrades) -> list[ExerciseStatistics]:
    """Statistics of every exercise of the notebooks that were handed in."""
    counted = [row for row in grades.rows if row.counts and row.status != "ungraded"]
    statistics = []
    for assignment in sorted({row.assignment for row in counted}):
        own = [row for row in counted if row.assignment == assignment]
        mistakes = _mistakes(folder, own)  # none of what was written in words
        for exercise in dict.fromkeys(q.exercise_id for row in own for q in row.questions):
            grades_of = [q for row in own if (q := row.question(exercise)) and q.maximum]
            shares = [question.earned / question.maximum for question in grades_of]
            statistics.append(
                ExerciseStatistics(
                    assignment=assignment,
                    exercise_id=exercise,
                    students=len(grades_of),
                    answered=sum(q.status != "no_response" for q in grades_of),
                    mean_share=sum(shares) / len(shares) if shares else 0.0,
                    mistakes=tuple(mistakes.get(exercise, Counter()).most_common(8)),
                )
            )
    return statistics


def _mistakes(folder: Path, rows: list[Row]) -> dict[str, Counter]:
    """How many students lost a point to each sentence, by exercise."""
    choices: dict[str, Counter] = {}
    for row in rows:
        for question in read_record(folder, row).result.questions:
            counter = choices.setdefault(question.exercise_id, Counter())
            if question.status != "no_response":
                lost = {f"{p.name}: {p.message}" for p in question.points if not p.earned}
                counter.update(lost)
    return choices


def write_statistics(
    folder: Path, grades: ClassGrades, assignments: Mapping[str, Assignment]
) -> list[Path]:
    """Write the page and the table."""
    statistics = class_statistics(folder, grades)
    rows = [HEAD]
    for exercise in statistics:
        about = [exercise.assignment, exercise.exercise_id, exercise.students, exercise.answered]
        shown = exercise.mistakes or (("", ""),)
        rows += [[*about, round(exercise.mean_share, 3), *mistake] for mistake in shown]
    write_csv(folder / "statistics.csv", rows)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["visible"] = lambda text: visible(str(text))
    page = environment.get_template(TEMPLATE).render(
        notebooks=[_notebook(folder, name, statistics, grades) for name in _names(statistics)],
        absent=[student.student for student in grades.students if not student.handed_in],
    )
    with replacing(folder / "statistics.html") as temporary:
        temporary.write_text(page, encoding="utf-8", newline="\n")
    return [folder / "statistics.csv", folder / "statistics.html"]


def _names(statistics: list[ExerciseStatistics]) -> list[str]:
    return list(dict.fromkeys(exercise.assignment for exercise in statistics))


def _notebook(
    folder: Path, name: str, statistics: list[ExerciseStatistics], grades: ClassGrades
) -> dict:
    """What the page shows of one notebook: its exercises and a histogram of the points."""
    rows = [row for row in grades.rows if row.counts and row.assignment == name and row.maximum]
    shares = [row.earned / row.maximum for row in rows]
    counts = Counter(min(int(share * BINS), BINS - 1) for share in shares)
    bins = [(100 * n // BINS, 100 * (n + 1) // BINS, counts[n]) for n in range(BINS)]
    return {
        "name": name,
        "students": len(rows),
        "mean": sum(shares) / len(shares) if shares else 0.0,
        "most": max(counts.values(), default=1),
        "bins": bins,
        "exercises": [exercise for exercise in statistics if exercise.assignment == name],
        "predictions": _predictions(folder, rows),
    }


def _predictions(folder: Path, rows: list[Row]) -> list[dict]:
    """What the class predicted: each question with its choices, or the middle of its numbers."""
    return [
        {
            "question": answer.question,
            "choices": list(answer.counts.items()),
            "most": max([1, *answer.counts.values()]),
            "numbers": answer.numbers_text,
            "open": answer.unanswered,
        }
        for answer in graded_predictions(folder, rows)
    ]
