"""Pages on which a teacher grades what students wrote in words, without a server or a network.

In: the grades of a class, the questions of the rubric. Out: `forms/NOTEBOOK.html`, one a
notebook, whose button saves a file that `tinylab grade --rubric` takes. Texts of students are shown
as text, and the page's content security policy lets no script run but its own.
"""

import base64
import hashlib
from pathlib import Path

import jinja2

from tinylab.files import replacing
from tinylab.grading.records.grades import read_record
from tinylab.grading.records.rows import WORDS, ClassGrades, Row
from tinylab.grading.records.rubric import KIND
from tinylab.grading.reports.tables import slug, visible
from tinylab.grading.rules.config import RubricRules

__all__ = ["write_forms"]

TEMPLATE, SCRIPT = "form.html.j2", "form.js"
HERE = Path(__file__).parent


def write_forms(folder: Path, grades: ClassGrades, rubric: RubricRules) -> list[Path]:
    """Write a page for each notebook of the rubric that somebody handed in."""
    script = (HERE / SCRIPT).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["visible"] = lambda text: visible(str(text))
    environment.filters["lines"] = lambda text: [visible(line) for line in str(text).splitlines()]
    written = []
    for name in rubric.notebooks:
        rows = [row for row in grades.rows if row.counts and row.assignment == name]
        if not rows:
            continue
        page = environment.get_template(TEMPLATE).render(
            assignment=name,
            file_name=f"rubric_{slug(name)}.json",
            kind=KIND,
            rubric=rubric,
            scale=range(rubric.points + 1),
            script=script,
            script_digest=digest,
            texts=[_shown(folder, row) for row in rows],
        )
        path = folder / "forms" / f"{slug(name)}.html"
        with replacing(path) as temporary:
            temporary.write_text(page, encoding="utf-8", newline="\n")
        written.append(path)
    return written


def _shown(folder: Path, row: Row) -> dict:
    """One hand-in as the page shows it, and whether the teacher graded it before."""
    grade = row.question(WORDS)
    return {
        "student": row.student,
        "receipt": row.sha256,
        "words": read_record(folder, row).words,
        "done": grade is not None and grade.status == "answered",
        "earned": grade.earned if grade else 0.0,
    }
