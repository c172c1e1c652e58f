"""All reports of a record book in one go.

In: a folder with a record book, the rules. Out: tables, feedback, statistics and the similarity
report beside it, each file replaced as a whole, and a digest of each in the book.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tinylab.course.notebooks.build import find_sources
from tinylab.grading.one.compare import fingerprints
from tinylab.grading.records.entries import AnswerText, ReportDigest, ReportsRecord
from tinylab.grading.records.grades import read_grades, read_record
from tinylab.grading.records.rows import ClassGrades
from tinylab.grading.reports.feedback import write_feedback
from tinylab.grading.reports.forms import write_forms
from tinylab.grading.reports.similarity import (
    SimilarPair,
    identical_pairs,
    same_file_pairs,
    similar_pairs,
)
from tinylab.grading.reports.statistics import write_statistics
from tinylab.grading.reports.tables import write_csv, write_tables
from tinylab.grading.rules.config import CourseConfig
from tinylab.grading.rules.result import Assignment

__all__ = ["write_reports"]

SIMILARITY_HEAD = ["assignment", "student", "other", "share", "common fingerprints", "note"]


def write_reports(
    folder: Path, config: CourseConfig, assignments: Mapping[str, Assignment]
) -> tuple[ClassGrades, ReportsRecord]:
    """Write every report into `folder`; what they are made of, and their digests for the book.

    Parameters
    ----------
    folder : Path
        Where a record book is that verified.
    config : CourseConfig
    assignments : mapping of str to Assignment
        Those that are graded.
    """
    grades = read_grades(folder, config)
    written = write_tables(folder, grades, assignments)
    written += write_feedback(folder, grades)
    written += write_statistics(folder, grades, assignments)
    written += write_forms(folder, grades, config.rubric)
    written.append(_write_similarity(folder, grades, assignments, config.similarity_threshold))
    digests = (
        ReportDigest(
            path=path.relative_to(folder).as_posix(),
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(set(written))
    )
    return grades, ReportsRecord(tuple(digests))


def _write_similarity(folder: Path, grades: ClassGrades, assignments, threshold: float) -> Path:
    """The pairs of every assignment, all attempts of a student taken together."""
    answers: dict[str, dict[str, list[AnswerText]]] = defaultdict(lambda: defaultdict(list))
    files: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in grades.rows:
        if row.assignment:
            answers[row.assignment][row.student] += read_record(folder, row).answers
            if row.answered:
                files[row.assignment][row.student].append(row.sha256)
    rows: list[list] = [SIMILARITY_HEAD]
    for name in sorted(answers):
        rows += _pairs(name, answers[name], files[name], assignments.get(name), threshold)
    path = folder / "similarity.csv"
    write_csv(path, rows)
    return path


def _pairs(
    name: str, answers: Mapping, files: Mapping, assignment: Assignment | None, threshold: float
) -> Iterator[list]:
    """Rows of one assignment: equal files and answers, like ones, and repeats of the package."""
    usual = _usual(assignment) if len(answers) > 1 else {}
    prints = {
        student: {
            own_print
            for text in texts
            for own_print in set(text.prints) - set(usual.get(text.exercise_id, ()))
        }
        for student, texts in answers.items()
    }
    pairs = (
        *same_file_pairs(name, files, len(answers)),
        *identical_pairs(name, answers, usual),
        *similar_pairs(name, prints, threshold),
    )
    reported = set()
    for pair in pairs:
        if (pair.student, pair.other) not in reported:
            reported.add((pair.student, pair.other))
            yield _row(pair)
    for student, texts in sorted(answers.items()):
        for exercise, source in sorted({(t.exercise_id, t.repeats) for t in texts if t.repeats}):
            yield [name, student, source, 1, "", f"{exercise} repeats it word for word"]


def _row(pair: SimilarPair) -> list:
    share = round(pair.share, 3)
    return [pair.assignment, pair.student, pair.other, share, pair.common, pair.note]


def _usual(assignment: Assignment | None) -> dict[str, Iterable[int]]:
    """Fingerprints of the reference solutions, where the sources are here."""
    if assignment is None:
        return {}
    sources = [
        source for source in find_sources([assignment.name]) if source.name == assignment.name
    ]
    cells = {name: code for source in sources for name, code in source.exercise_cells().items()}
    return {name: fingerprints(code) for name, code in cells.items()}
