"""The teacher's guide: each class has its page, and the page speaks of what is in the notebook."""

import re

import pytest

from tests.sources import source_of
from tinylab.course.notebooks.build import source_names
from tinylab.paths import PROJECT

GUIDE = PROJECT / "docs" / "teaching"
PARTS = ("Goals", "Plan", "What they predict", "Exercises", "Where they struggle")
LAST = ("Probing questions", "At 45 minutes", "Homework")


def classes():
    """The guide's text on each class, by the notebook's name."""
    texts = {}
    for path in sorted(GUIDE.glob("[0-9]*_*.md")):
        for part in path.read_text(encoding="utf-8").split("\n## ")[1:]:
            name, text = part.split("\n", 1)
            assert name not in texts
            texts[name] = text
    return texts


def part(text, heading):
    """What stands below a heading in bold, up to the next one."""
    return re.search(rf"\*\*{heading}\.?\*\*(.*?)(?=\n\*\*|\Z)", text, re.S).group(1)


def rows(table):
    """The first cell of each row of a Markdown table, without its head."""
    return [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")][1:]


def test_every_class_has_one_section_and_no_other_has():
    assert sorted(classes()) == sorted(source_names())


@pytest.mark.parametrize("name", source_names())
def test_a_section_follows_its_notebook(name):
    source, text = source_of(name), classes()[name]
    for heading in (*PARTS, *LAST):
        assert f"**{heading}" in text, heading
    listed = [row.strip("`") for row in rows(part(text, "Exercises"))]
    asked = [key for key in source.exercise_cells() if not key.startswith("questions_")]
    assert listed == asked  # concept questions explain themselves
    code = "".join(cell.source for cell in source.notebook.cells if cell.cell_type == "code")
    assert len(rows(part(text, "What they predict"))) == code.count(" = Prediction(")


@pytest.mark.parametrize("name", source_names())
def test_the_minutes_of_a_plan_fill_the_time_that_the_notebook_states(name):
    opening = source_of(name).notebook.cells[0].source
    said = re.search(r"^Time: (one|two) class(?:es)?([^.]*)\.", opening, re.M)
    numbers = [int(number) for number in re.findall(r"\b\d+\b", said.group(2))]
    classes_in_it = {"one": 1, "two": 2}[said.group(1)]
    minutes = sum(numbers) * (classes_in_it if len(numbers) == 1 else 1)
    planned = sum(int(row) for row in rows(part(classes()[name], "Plan")))
    assert 0.85 * minutes <= planned <= minutes
