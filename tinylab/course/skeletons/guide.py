"""What the README, the teacher's guide and the budgets say of a new notebook or exercise.

Each function takes the project and gives the new text of each file that changes; none writes.
"""

import json
import re
from pathlib import Path

__all__ = ["FILL_IN", "exercise_row", "notebook_texts", "with_row"]

FILL_IN = "*to write*"
TEACHING = Path("docs", "teaching")
BUDGETS = Path("tests", "notebooks", "budgets.json")
EXERCISES = "| exercise | usual mistakes | ask |"
JOURNEY = "| notebook | what you do |"
COSTS = "| notebook | run time | peak memory |"
PAGES = "| classes | page |"


def notebook_texts(project: Path, name: str, section: str) -> dict[Path, str]:
    """The files that speak of every notebook, with a new one in them.

    Parameters
    ----------
    project : Path
        Root of the repository.
    name : str
        Such as "04_codesign/5_budget".
    section : str
        Of the teacher's guide, on this notebook.

    Returns
    -------
    dict of Path to str
        README.md, the guide's page (and its list of pages, if the page is new), the budgets.

    Raises
    ------
    ValueError
        One of the files, or a table in it, is not there.
    """
    readme = _read(project / "README.md")
    readme = with_row(readme, JOURNEY, (f"`{name}`", FILL_IN), before=f"| `{name}` |")
    readme = with_row(readme, COSTS, (f"`{name}`", "not measured yet", ""), before=f"| `{name}` |")
    budgets = json.loads(_read(project / BUDGETS))
    return {
        project / "README.md": readme,
        **_guide(project, name, section),
        project / BUDGETS: json.dumps(_with_budget(budgets, name), indent=1) + "\n",
    }


def exercise_row(project: Path, notebook: str, name: str) -> dict[Path, str]:
    """The page of the teacher's guide with a row for a new exercise, the last of its notebook.

    Raises
    ------
    ValueError
        The guide has no section on the notebook, or the section no table of exercises.
    """
    page = _page(project, notebook)
    before, mark, section = _read(page).partition(f"\n## {notebook}\n")
    if not mark:
        raise ValueError(f"{page.name} of the teacher's guide has no section '## {notebook}'")
    section, next_mark, after = section.partition("\n## ")
    section = with_row(section, EXERCISES, (f"`{name}`", FILL_IN, FILL_IN))
    return {page: before + mark + section + next_mark + after}


def with_row(text: str, head: str, cells: tuple[str, ...], before: str | None = None) -> str:
    """A text with one more row in the Markdown table below `head`.

    Parameters
    ----------
    text : str
    head : str
        The line of the table with the names of its columns.
    cells : tuple of str
        Of the new row.
    before : str, optional
        The row goes before the first that is sorted after this; by default to the end.

    Raises
    ------
    ValueError
        There is no such table.
    """
    lines = text.split("\n")
    if head not in lines:
        raise ValueError(f"there is no table '{head}' to put {cells[0]} into")
    place = lines.index(head) + 2
    while place < len(lines) and lines[place].startswith("|"):
        if before and lines[place] > before:
            break
        place += 1
    row = " | ".join(cells)
    return "\n".join([*lines[:place], f"| {row} |".replace("  ", " "), *lines[place:]])


def _guide(project: Path, name: str, section: str) -> dict[Path, str]:
    """The page with its new section; the list of pages, too, for the first notebook of a theme."""
    page = _page(project, name)
    if page.exists():
        return {page: _read(page).rstrip("\n") + "\n\n" + section}
    theme = page.stem.partition("_")[2].replace("_", " ")
    overview = project / TEACHING / "README.md"
    return {
        page: f"# {theme.capitalize()}\n\n{section}",
        overview: with_row(_read(overview), PAGES, (theme, f"[{page.name}]({page.name})")),
    }


def _page(project: Path, notebook: str) -> Path:
    """The guide's page of a theme: 4_codesign.md for 04_codesign/1_search."""
    number, theme = re.fullmatch(r"(\d\d)_(\w+)(?:/.*)?", notebook).groups()
    return project / TEACHING / f"{int(number)}_{theme}.md"


def _with_budget(budgets: dict[str, dict], name: str) -> dict[str, dict]:
    """Until it is measured, a notebook may cost what the dearest of the others may."""
    quantities = {key for cost in budgets.values() for key in cost}
    most = {key: max(cost[key] for cost in budgets.values()) for key in sorted(quantities)}
    return dict(sorted({**budgets, name: dict(sorted(most.items(), reverse=True))}.items()))


def _read(path: Path) -> str:
    if not path.is_file():
        raise ValueError(f"{path} is not there: run tinylab new in a clone of the whole project")
    return path.read_text(encoding="utf-8")
