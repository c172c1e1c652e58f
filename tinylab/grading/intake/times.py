"""When hand-ins were received, as a learning platform lists it.

In: Moodle's grading worksheet (CSV, "Identifier" and "Last modified (submission)"), Canvas'
submissions as its interface for programs gives them (JSON, "user_id" and "submitted_at"), or a CSV
file with `received` and `student` or `path`. Out: the hand-ins with these times.
"""

import json
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tinylab.grading.intake.csv_files import csv_rows, csv_text
from tinylab.grading.intake.handin import HandIn, Intake
from tinylab.grading.intake.roster import local_time

__all__ = ["read_times", "with_times"]

MOODLE_TIMES = ("%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%d/%m/%y, %H:%M:%S")


def with_times(intake: Intake, path: str | Path, time_zone: str) -> Intake:
    """The intake with the times of a list, by the student's number or what she is called.

    Raises
    ------
    ValueError
        A list of a form that is not known, a time that is none, or one that names nobody here.
    """
    times = read_times(path, time_zone)
    handins = tuple(_timed(handin, times) for handin in intake.handins)
    if times and handins == intake.handins:
        raise ValueError(f"{path} names none of the students who handed something in")
    return replace(intake, handins=handins)


def _timed(handin: HandIn, times: dict[str, str]) -> HandIn:
    number = re.search(r"_(\w+)$", handin.student)
    for name in (handin.path, handin.student, number[1] if number else None):
        if name in times:
            return replace(handin, received_at=times[name])
    return handin


def read_times(path: str | Path, time_zone: str) -> dict[str, str]:
    """ISO 8601 in UTC by student or number; those without a time are left out."""
    text = csv_text(path)
    if Path(path).suffix.lower() == ".json":
        return _canvas(text, path, time_zone)
    rows = csv_rows(text)
    names = set(rows[0]) if rows else set()
    if "received" in names and names & {"student", "path"}:
        given = {
            row.get("path") or row["student"]: row["received"].strip()
            for row in rows
            if row["received"]
        }
        return {who: local_time(at, time_zone, f"{path}: received") for who, at in given.items()}
    if {"Identifier", "Last modified (submission)"} <= names:
        given = {
            re.sub(r"\D", "", row["Identifier"]): row["Last modified (submission)"].strip()
            for row in rows
        }
        return {
            who: _moodle_time(at, path, time_zone) for who, at in given.items() if at.strip("- ")
        }
    raise ValueError(
        f"{path} must have the columns received and student or path, or be Moodle's worksheet"
    )


def _moodle_time(text: str, path, time_zone: str) -> str:
    for form in MOODLE_TIMES:
        try:
            when = datetime.strptime(text, form)
        except ValueError:
            continue
        return local_time(when.isoformat(), time_zone, str(path))
    raise ValueError(
        f"{path}: {text!r} is no time as Moodle writes it in English; make a file with the columns "
        "student and received instead"
    )


def _canvas(text: str, path, time_zone: str) -> dict[str, str]:
    try:
        plain = json.loads(text)
        given = {
            str(submission["user_id"]): submission["submitted_at"]
            for submission in plain
            if submission["submitted_at"]
        }
    except (ValueError, TypeError, KeyError):
        raise ValueError(
            f"{path} is no list of Canvas submissions with user_id and submitted_at"
        ) from None
    return {who: local_time(at, time_zone, f"{path}: submitted_at") for who, at in given.items()}
