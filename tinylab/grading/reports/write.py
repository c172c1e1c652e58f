"""All reports of a record book in one go.

In: a folder with a record book, the rules. Out: tables, feedback and the similarity report beside
it, each file replaced as a whole.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from tinylab.files import replacing
from tinylab.grading.records.standing import Row, read_record, rows_of, standings_of
from tinylab.grading.reports.feedback import write_feedback
from tinylab.grading.reports.similarity import SimilarPair, similar_pairs
from tinylab.grading.reports.tables import cell, write_tables
from tinylab.grading.rules.config import CourseConfig
from tinylab.grading.rules.result import Assignment

__all__ = ["write_reports"]


def write_reports(
    folder: Path, config: CourseConfig, assignments: Mapping[str, Assignment]
) -> list[Row]:
    """Write every report into `folder` and return a row for each submission.

    Parameters
    ----------
    folder : Path
        Where a record book is that verified.
    config : CourseConfig
    assignments : mapping of str to Assignment
        Those that are graded.
    """
    rows = rows_of(folder, config)
    write_tables(folder, standings_of(rows), rows, assignments)
    write_feedback(folder, rows)
    _write_similarity(folder / "similarity.csv", _pairs(folder, rows, config.similarity_threshold))
    return rows


def _pairs(folder: Path, rows: list[Row], threshold: float) -> list[SimilarPair]:
    """Similar pairs of every assignment, all attempts of a student taken together."""
    prints: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        if row.assignment:
            prints[row.assignment][row.student].update(read_record(folder, row)["fingerprints"])
    return [
        pair for name in sorted(prints) for pair in similar_pairs(name, prints[name], threshold)
    ]


def _write_similarity(path: Path, pairs: list[SimilarPair]) -> None:
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["assignment", "student", "other", "share", "common fingerprints", "note"])
        for one in pairs:
            told = (
                one.assignment,
                one.student,
                one.other,
                round(one.share, 3),
                one.common,
                one.note,
            )
            table.writerow([cell(value) for value in told])
