"""The teacher's guide: each class has its page, and the page speaks of what is in the notebook."""

import re

import pytest

from tinylab.course.notebooks.build import find_sources
from tinylab.paths import PROJECT

GUIDE = PROJECT / "docs" / "teaching"
SOURCES = find_sources([])
PARTS = ("Goals", "Plan", "What they predict", "Exercises", "Where they struggle")
LAST = ("Probing questions", "At 45 minutes", "Homework")


def classes():
    """The guide's text on each class, by the notebook's name."""
    texts = {}
    for path in sorted(GUIDE.glob("[0-9]_*.md")):
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
    assert sorted(classes()) == sorted(source.name for source in SOURCES)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_a_section_follows_its_notebook(source):
    text = classes()[source.name]
    for heading in (*PARTS, *LAST):
        assert f"**{heading}" in text, heading
    named = [row.strip("`") for row in rows(part(text, "Exercises"))]
    asked = [name for name in source.exercise_cells() if not name.startswith("questions_")]
    assert named == asked  # concept questions explain themselves
    code = "".join(cell.source for cell in source.notebook.cells if cell.cell_type == "code")
    assert len(rows(part(text, "What they predict"))) == code.count(" = Prediction(")


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_minutes_of_a_plan_fill_the_time_that_the_notebook_states(source):
    opening = source.notebook.cells[0].source
    said = re.search(r"^Time: (one|two) class(?:es)?([^.]*)\.", opening, re.M)
    numbers = [int(number) for number in re.findall(r"\b\d+\b", said.group(2))]
    classes_in_it = {"one": 1, "two": 2}[said.group(1)]
    minutes = sum(numbers) * (classes_in_it if len(numbers) == 1 else 1)
    planned = sum(int(row) for row in rows(part(classes()[source.name], "Plan")))
    assert 0.85 * minutes <= planned <= minutes
