"""Which attempt of a student counts, among all that she handed in of one notebook.

In: rows. Out: the same rows, numbered by time, the one that counts marked.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from tinylab.grading.records.rows import Row
from tinylab.grading.rules.config import CourseConfig

__all__ = ["with_attempts"]


def with_attempts(rows: Iterable[Row], config: CourseConfig) -> list[Row]:
    """The rows with their attempts numbered and the one that counts marked."""
    groups = defaultdict(list)
    for row in rows:
        groups[row.student, row.assignment].append(row)
    marked = []
    for (_, assignment), group in groups.items():
        group.sort(key=lambda row: (row.received_at, row.path, row.sha256))
        numbered = [replace(row, attempt=n) for n, row in enumerate(group, 1)]
        chosen = _choose(numbered, config) if assignment else None
        numbered = [_named_copies(row, numbered) if row is chosen else row for row in numbered]
        chosen_path = chosen and (chosen.path, chosen.sha256)
        marked += [replace(row, counts=(row.path, row.sha256) == chosen_path) for row in numbered]
    return marked


def _choose(attempts: list[Row], config: CourseConfig) -> Row:
    """The attempt that counts, of one student and assignment, in order of time.

    Copies that came at one time, or nobody knows when, are no attempts: the one with answers
    counts, and of several the one that earned most. Files whose names number them ("attempt 2")
    are attempts: the last counts.
    """
    allowed = attempts[: config.maximum_attempts or None]
    if config.counts == "best":
        return max(allowed, key=lambda row: (row.worth, row.attempt))
    for accepted in (1.0, 1e-9):  # in time, else late but accepted
        in_time = [row for row in allowed if row.kept >= accepted]
        if in_time:
            return _of_one_time([r for r in in_time if r.received_at == in_time[-1].received_at])
    return _of_one_time([row for row in allowed if row.received_at == allowed[-1].received_at])


def _of_one_time(copies: list[Row]) -> Row:
    return max(
        copies,
        key=lambda row: (_stated_attempt(row.path), row.answered, row.earned, row.attempt),
    )


def _stated_attempt(path: str) -> int:
    """The number of an attempt that a file's name states, or 0."""
    stated = re.search(r"attempt[ _-]*(\d{1,3})(?!\d)", PurePosixPath(path).name, re.I)
    return int(stated[1]) if stated else 0


def _named_copies(chosen: Row, attempts: list[Row]) -> Row:
    """The attempt that counts, with a word on others of the same time that have other answers."""
    rivals = [
        row
        for row in attempts
        if row is not chosen and row.received_at == chosen.received_at and row.answered
    ]
    number = _stated_attempt(chosen.path)
    rivals = [
        row for row in rivals if row.sha256 != chosen.sha256 and _stated_attempt(row.path) == number
    ]
    if not rivals or chosen.status not in ("graded", "needs_review"):
        return chosen
    names = ", ".join(row.path for row in rivals)[:300]
    message = f"{chosen.path} counts, which earned most; there is also {names} of the same time."
    flags = tuple(sorted({*chosen.flags, "copies"}))
    return replace(chosen, status="needs_review", message=message, flags=flags)
