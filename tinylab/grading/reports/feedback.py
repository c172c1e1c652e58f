"""What a student reads: one HTML page with every hand-in, its points and what to do about them.

In: the records of one student. Out: a page without scripts, every text of a student's escaped, and
a content security policy that would stop a script that got through.
"""

import hashlib
import re
from pathlib import Path

import jinja2

from tinylab.files import replacing
from tinylab.grading.records.grades import read_record
from tinylab.grading.records.rows import WORDS, ClassGrades, QuestionGrade, Row
from tinylab.grading.reports.tables import slug, visible
from tinylab.grading.rules.result import QuestionResult

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
    "ungraded": "It is not graded yet: the grading machine was too busy.",
}
QUESTION_TEXT = {
    "answered": "",
    "no_response": "not answered",
    "crashed": "Python crashed while it ran",
    "timeout": "it ran longer than is allowed",
    "limit": "it used more memory, output or processes than is allowed",
    "error": "the cell raised an error",
    "ungraded": "not graded yet",
}
NOTES = {
    "locked_edited": "A check cell was changed; the original was used.",
    "answer_elsewhere": "The answer stands in another cell than the one it was asked in.",
    "notebook_order": "It was run in the order of your notebook, up to the check cell.",
    "helper_cell_failed": "A cell of your own raised an error; see the points below.",
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


def write_feedback(folder: Path, grades: ClassGrades) -> list[Path]:
    """Write one page a student into `folder/feedback`; where a platform's names are known, again
    under those, so that the platform takes the pages back.

    Parameters
    ----------
    folder : Path
        Where the record book is.
    grades : ClassGrades
    """
    template = _environment().get_template(TEMPLATE)
    by_student: dict[str, list[Row]] = {}
    for row in grades.rows:
        by_student.setdefault(row.student, []).append(row)
    written = []
    for student, own in by_student.items():
        own = sorted(own, key=lambda row: (row.assignment, -row.attempt, row.path))
        page = template.render(student=student, handins=[_shown(folder, row) for row in own])
        names = {f"feedback/{page_name(student)}", *_platform_names(grades, own)}
        for name in sorted(names):
            with replacing(folder / name) as temporary:
                temporary.write_text(page, encoding="utf-8", newline="\n")
            written.append(folder / name)
    return written


def _platform_names(grades: ClassGrades, own: list[Row]) -> set[str]:
    """Where a student's page lies in the folder that her platform takes back.

    Moodle ("Upload multiple feedback files in a zip") wants the participants' folders as it named
    them; Canvas ("Upload Submissions") wants names that begin with those of the files it gave.
    """
    platform = grades.intake.platform if grades.intake else ""
    names = {row.folder for row in own if row.folder and "/" not in row.folder} - {"..", "."}
    if platform == "Moodle":
        folders = {re.sub(r"_assignsubmission_.*$", "_assignsubmission_file", n) for n in names}
        return {f"return_moodle/{name}/feedback.html" for name in folders}
    if platform == "Canvas":
        stems = {re.sub(r"\.(ipynb|zip)$", "", name, flags=re.I) for name in names}
        return {f"return_canvas/{stem}.html" for stem in stems}
    return set()


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


def _shown(folder: Path, row: Row) -> dict:
    """What the page says about one hand-in."""
    record = read_record(folder, row)
    result = record.result
    own = {flag for question in result.questions for flag in question.flags}
    grades = {question.exercise_id: question for question in row.questions}
    return {
        "row": row,
        "status_text": STATUS_TEXT.get(row.status, row.status),
        "notes": _notes(set(row.flags) - own),
        "questions": [
            _question(question, grades[question.exercise_id]) for question in result.questions
        ],
        "words": grades.get(WORDS),
    }


def _question(question: QuestionResult, grade: QuestionGrade) -> dict:
    from tinylab.course.exercises import all_exercises

    exercise = all_exercises().get(question.exercise_id)
    return {
        "exercise_id": question.exercise_id,
        "title": exercise.title if exercise else question.exercise_id,
        "status_text": QUESTION_TEXT.get(question.status, question.status),
        "points": question.points,
        "grade": grade,
        "notes": _notes(question.flags),
    }


def _notes(flags) -> list[str]:
    """Sentences for those flags that a student can do something about."""
    return [NOTES[flag] for flag in sorted(flags) if flag in NOTES]
