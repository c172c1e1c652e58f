"""Rows and sections of a new notebook or exercise: where they go, and what refuses them."""

import json
import shutil

import pytest

from tinylab.course.skeletons import guide
from tinylab.paths import PROJECT

TABLE = "a\n\n| notebook | run |\n|---|---|\n| `01` | x |\n| `03` | y |\n\nb"
PAGE = """# Other

## 08_other/1_train

| exercise | usual mistakes | ask |
|---|---|---|
| `old` | none | why? |

**Homework.** None.

## 08_other/2_compress

| exercise | usual mistakes | ask |
|---|---|---|
"""


@pytest.mark.parametrize(("name", "place"), [("`00`", 4), ("`02`", 5), ("`04`", 6)])
def test_a_row_goes_where_its_name_is_sorted(name, place):
    lines = guide.with_row(TABLE, "| notebook | run |", (name, ""), before=f"| {name} |").split(
        "\n"
    )
    assert lines[place] == f"| {name} | |"
    assert [*lines[:place], *lines[place + 1 :]] == TABLE.split("\n")


def test_a_table_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"no table '\| other \|' to put `02` into"):
        guide.with_row(TABLE, "| other |", ("`02`",))


@pytest.fixture
def project(tmp_path):
    page = tmp_path / "docs" / "teaching" / "8_other.md"
    page.parent.mkdir(parents=True)
    page.write_text(PAGE)
    for file in ("README.md", "tests/notebooks/budgets.json", "docs/teaching/README.md"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / file, tmp_path / file)
    return tmp_path


@pytest.mark.parametrize(("notebook", "line"), [("1_train", 7), ("2_compress", 14)])
def test_an_exercise_gets_the_last_row_of_its_own_notebook(project, notebook, line):
    ((path, text),) = guide.exercise_row(project, f"08_other/{notebook}", "fresh").items()
    assert path.name == "8_other.md"
    lines = text.split("\n")
    assert lines.pop(line) == f"| `fresh` | {guide.FILL_IN} | {guide.FILL_IN} |"
    assert lines == PAGE.split("\n")


def test_an_exercise_of_a_notebook_without_a_section_is_refused(project):
    with pytest.raises(ValueError, match="no section '## 08_other/3_adapt'"):
        guide.exercise_row(project, "08_other/3_adapt", "fresh")


def test_a_new_notebook_of_a_theme_goes_to_the_theme_s_page(project):
    texts = guide.notebook_texts(project, "08_other/3_adapt", "## 08_other/3_adapt\n")
    assert texts[project / "docs/teaching/8_other.md"] == f"{PAGE}\n## 08_other/3_adapt\n"
    assert project / "docs/teaching/README.md" not in texts
    assert texts[project / "README.md"].count("| `08_other/3_adapt` |") == 2


def test_a_new_theme_gets_a_page_that_the_guide_lists(project):
    texts = guide.notebook_texts(project, "12_more_gestures/1_train", "## 12\n")
    assert texts[project / "docs/teaching/12_more_gestures.md"] == "# More gestures\n\n## 12\n"
    overview = texts[project / "docs/teaching/README.md"]
    assert "| more gestures | [12_more_gestures.md](12_more_gestures.md) |\n" in overview


def test_a_new_notebook_may_cost_what_the_dearest_one_may(project):
    path = project / "tests" / "notebooks" / "budgets.json"
    before = json.loads(path.read_text())
    after = json.loads(guide.notebook_texts(project, "08_other/3_adapt", "")[path])
    new = after.pop("08_other/3_adapt")
    assert after == before
    for key, most in new.items():
        assert most == max(cost[key] for cost in before.values())
