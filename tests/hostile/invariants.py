"""What must hold after every run of the command, whatever is handed in: I1 to I9.

Each function takes a `Run`, or two that are to be compared, and asserts one thing.
"""

import csv
import io
import re
from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

from tests.hostile.grader import CANARY, KEY, Run, shown
from tinylab.course.exercises import find
from tinylab.grading.records.record_book import Key, verify
from tinylab.grading.rules.result import RESULT_STATUSES

STARTING_S = 20.0  # CPU seconds of the command, a grading process and the reports
OF_THE_MACHINE = ("root:x:0", "/site-packages/", "Traceback (most recent")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def one_row_per_submission(run: Run) -> None:
    """I1: a row and a record for each hand-in, with a status of the closed set."""
    table = run.table()
    assert Counter(shown(row["student"]) for row in table) == {
        shown(student): rows for student, rows in run.expected.items()
    }
    assert {row["status"] for row in table} <= set(RESULT_STATUSES)
    for student, rows in run.expected.items():
        results = run.results(student)
        assert len(results) == rows
        assert {one.status for one in results} <= set(RESULT_STATUSES)
        assert all(isinstance(flag, str) for one in results for flag in one.flags)


def the_batch_ends_without_a_fault(run: Run) -> None:
    """I2: the exit code tells of the grader alone, which has no fault, and everyone is counted."""
    assert run.code == 0, run.told[-4000:]
    rows, students = sum(run.expected.values()), len(run.expected)
    assert re.search(rf"^{rows} hand-ins? of {students} students?: ", run.told, re.M)
    assert verify(run.folder / "out", Key(KEY.encode())).problems == ()


def honest_results_are_the_same(run: Run, without: Run) -> None:
    """I3: what honest students get is byte-identical with and without the hostile one."""
    one, other = run.reports(), without.reports()
    for student in without.expected:
        (page,) = [name for name in other if name.startswith(f"feedback/{student}-")]
        assert b"earned" in other[page] and one[page] == other[page]
        assert plain(run, student) == plain(without, student)
        for name in (name for name in other if name.endswith(".csv") and "similar" not in name):
            now, before = rows_about(one[name], student), rows_about(other[name], student)
            shown = [{column: row[column] for column in before[0]} for row in now if before]
            assert shown == before, name


def rows_about(table: bytes, student: str) -> list[dict]:
    """The rows of a table that name a student; another notebook in the class adds columns."""
    rows = csv.DictReader(io.StringIO(table.decode()))
    return [row for row in rows if any(student in str(value) for value in row.values())]


def plain(run: Run, student: str) -> list:
    """A student's results but for the time that grading took."""
    return [replace(one, seconds=0.0) for one in run.results(student)]


def nothing_survives(run: Run) -> None:
    """I4: no process, temporary file or shared memory of the run is left.

    Sockets belong to processes or are files, so they are among these.
    """
    assert run.left == []


def nothing_outside_changed(run: Run) -> None:
    """I5: the course, the home folder, the key, the rules and all hand-ins are as before.

    Compared are mode, size, time and SHA-256 of everything there. Left out is "out", where the
    reports belong; the temporary folder must be empty (I4). In folders of the machine that others
    write to, only names that cases write to are looked for.
    """
    assert run.changed == []


def it_took_no_longer_than_allowed(run: Run) -> None:
    """I6: a hand-in uses its limit and 5 s at most, as the grader tells and from outside.

    What waits for ever uses nothing: the run of a command that never ends is killed, and fails.
    """
    most = run.limits["notebook_s"] + 5
    for student in run.expected:
        assert all(one.seconds <= most for one in run.results(student))
    if len(run.expected) == 1:
        assert run.cpu_s <= most + STARTING_S


def no_longer_than_a_notebook_that_runs(run: Run, honest: Run) -> None:
    """I6 for what is refused at once: it takes less CPU time than an honest notebook."""
    assert run.cpu_s <= honest.cpu_s


def points_are_counted_here(run: Run) -> None:
    """I7: sums are those of the points, between 0 and what the exercises have, in every report."""
    for student in run.expected:
        results = run.results(student)
        for one in results:
            assert 0 <= one.earned <= one.maximum
            for question in one.questions:
                names = [point.name for point in find(question.exercise_id).points]
                assert [point.name for point in question.points] == names
                assert all(type(point.earned) is bool for point in question.points)
        points = sorted((int(row["points"]), int(row["maximum"])) for row in run.rows(student))
        assert points == sorted((one.earned, one.maximum) for one in results)


def no_secret_comes_out(run: Run) -> None:
    """I8: neither canary (environment, private files, arguments, key) nor the machine's files."""
    for name, content in {**run.files(), "told": run.told.encode()}.items():
        for secret in (CANARY, *OF_THE_MACHINE):
            assert secret.encode() not in content, f"{secret} in {name}"


def grading_again_gives_the_same(run: Run, again: Run, student: str) -> None:
    """I9: points, and what is said about them, are the same when it is graded again."""
    one, other = (
        [
            (
                result.status,
                [(q.exercise_id, q.status, q.earned, q.points) for q in result.questions],
            )
            for result in each.results(student)
        ]
        for each in (run, again)
    )
    assert one == other, (one, other)


def reports_are_inert(run: Run) -> None:
    """Nothing a student chose is markup, a formula or a control character in any report."""
    for name, content in run.reports().items():
        text = content.decode("utf-8")
        assert "\x1b" not in text and "\u202e" not in text and "\r" not in text, name
        if name.endswith(".html"):
            drawn = text.replace('<svg role="img"', "") if name == "statistics.html" else text
            assert "<script" not in drawn and "<svg" not in drawn
            assert "Content-Security-Policy" in text
        elif name.endswith(".xml"):
            ElementTree.fromstring(text)
        elif name.endswith(".csv"):
            cells = [value for row in run.table(name) for value in row.values()]
            assert not [one for one in cells if one.startswith(FORMULA) or "\n" in one], name


AFTER_EVERY_RUN = (
    one_row_per_submission,
    the_batch_ends_without_a_fault,
    nothing_survives,
    nothing_outside_changed,
    it_took_no_longer_than_allowed,
    points_are_counted_here,
    no_secret_comes_out,
    reports_are_inert,
)
