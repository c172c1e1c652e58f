"""The map in the first notebook: every reference leads to a heading that there is."""

import re

import pytest

from tests.sources import source_of
from tinylab.course.notebooks.build import source_names

LINK = re.compile(r"\[[^\]]+\]\((\S+)\.ipynb#(\S+)\)")
MAP = "**References**, and where each is taught"


def the_map() -> str:
    cells = source_of("00_start_here").notebook.cells
    (cell,) = [cell.source for cell in cells if MAP in cell.source]
    return cell


def references() -> list[str]:
    """One item of the list each."""
    return re.split(r"^- ", the_map(), flags=re.M)[1:]


def anchors(name: str) -> set[str]:
    """The headings of a notebook as JupyterLab names them in links."""
    cells = source_of(name).notebook.cells
    text = "\n\n".join(c.source for c in cells if c.cell_type == "markdown")
    return {title.strip().replace(" ", "-") for title in re.findall(r"^#+ (.+)$", text, re.M)}


def test_every_reference_is_taught_somewhere():
    assert len(references()) >= 27
    assert [item for item in references() if not LINK.search(item)] == []


@pytest.mark.parametrize("link", sorted(set(LINK.findall(the_map()))), ids="#".join)
def test_a_link_leads_to_a_heading(link):
    name, anchor = link
    assert name in source_names() and anchor in anchors(name)
