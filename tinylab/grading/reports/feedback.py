"""What a student reads: one HTML page with every submission, its points and what to mend.

In: the records of one student. Out: a page without scripts, every text of a student's escaped, and
a content security policy that would stop a script that got through.
"""

import hashlib
from pathlib import Path

import jinja2

from tinylab.files import replacing
from tinylab.grading.records.standing import Row, read_record
from tinylab.grading.reports.tables import slug, visible

__all__ = ["page_name", "write_feedback"]

TEMPLATE = "feedback.html.j2"
STATUS_TEXT = {
    "graded": "",
    "unreadable": "The file could not be read.",
    "wrong_assignment": "This is another notebook than the one that was asked for.",
    "timeout": "It ran longer than is allowed.",
    "crashed": "Python crashed while it ran.",
    "limit": "It used more than is allowed.",
    "needs_review": "Your teacher will look at it.",
}
QUESTION_TEXT = {
    "answered": "",
    "no_response": "not answered",
    "crashed": "Python crashed while it ran",
    "timeout": "it ran longer than is allowed",
    "limit": "it used more memory, output or processes than is allowed",
    "error": "the cell raised an error",
}
NOTES = {
    "locked_edited": "A check cell was changed; the original was used.",
    "missing_cell": "A cell of this exercise is missing; download the notebook again.",
    "duplicate": "A cell is there twice; the last answer was used.",
    "split_cell": "The answer is spread over several cells; they were joined.",
    "retyped": "The answer's cell was not a code cell; it was run as one.",
    "lone_surrogate": "The answer has characters in it that are no text.",
    "metadata_edited": "Hidden marks of the notebook were changed; the original ones were used.",
    "nbval_options": "Options for the checking tool have no effect.",
    "hidden_characters": "The notebook has invisible characters in it, copied from somewhere.",
    "encoding": "The file is not in UTF-8; save the notebook in Jupyter before you hand it in.",
    "trailing_nul": "The file ends in empty bytes; save the notebook again.",
    "repaired": "Parts of the file were damaged and were repaired.",
    "long_cell": "A cell is far too long and was left out.",
    "forbidden": "The answer calls a function that this exercise asks you to write.",
}


def write_feedback(folder: Path, rows: list[Row]) -> int:
    """Write one page a student into `folder/feedback`, and return how many there are.

    Parameters
    ----------
    folder : Path
        Where the record book is.
    rows : list of Row
        All submissions, those of one student one after another.
    """
    template = _environment().get_template(TEMPLATE)
    by_student: dict[str, list[Row]] = {}
    for row in rows:
        by_student.setdefault(row.student, []).append(row)
    for student, own in by_student.items():
        own = sorted(own, key=lambda row: (row.assignment, -row.attempt, row.path))
        page = template.render(student=student, submissions=[_told(folder, row) for row in own])
        with replacing(folder / "feedback" / page_name(student)) as temporary:
            temporary.write_text(page, encoding="utf-8", newline="\n")
    return len(by_student)


def page_name(student: str) -> str:
    """The file name of a student's page: readable, plain, and another for every student."""
    own = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug(student)}-{own}.html"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["visible"] = lambda text: visible(str(text))
    return environment


def _told(folder: Path, row: Row) -> dict:
    """What the page says about one submission."""
    result = read_record(folder, row)["result"]
    own = {flag for question in result["questions"] for flag in question["flags"]}
    return {
        "assignment": row.assignment,
        "path": row.path,
        "attempt": row.attempt,
        "received": row.received,
        "sha256": row.sha256,
        "earned": row.earned,
        "maximum": row.maximum,
        "kept": row.kept,
        "worth": row.worth,
        "counts": row.counts,
        "status_text": STATUS_TEXT.get(row.status, row.status),
        "message": row.message,
        "notes": _notes(set(row.flags) - own),
        "questions": [_question(question) for question in result["questions"]],
    }


def _question(question: dict) -> dict:
    from tinylab.course.exercises import all_exercises

    exercise = all_exercises().get(question["exercise_id"])
    return {
        **question,
        "title": exercise.title if exercise else question["exercise_id"],
        "status_text": QUESTION_TEXT.get(question["status"], question["status"]),
        "notes": _notes(question["flags"]),
    }


def _notes(flags) -> list[str]:
    """Sentences for those flags that a student can do something about."""
    return [NOTES[flag] for flag in sorted(flags) if flag in NOTES]
