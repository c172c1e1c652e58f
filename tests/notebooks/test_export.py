"""A notebook exported to HTML: what a reader who sees no picture has of it."""

import re
from html.parser import HTMLParser

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbformat import v4

from tests.explore.every_explorer import EXPLORERS
from tinylab.course.notebooks.build import source_names
from tinylab.paths import PROJECT


class Pictures(HTMLParser):
    """The alternative texts of a page's pictures."""

    def __init__(self, page: str):
        super().__init__()
        self.texts = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.texts.append(dict(attributes).get("alt"))


def exported(notebook) -> str:
    return HTMLExporter().from_notebook_node(notebook)[0]


@pytest.mark.parametrize("name", source_names())
def test_every_picture_has_words_in_the_exported_page(name):
    notebook = nbformat.read(PROJECT / "notebooks" / "solutions" / f"{name}.ipynb", as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.get("outputs")]
    for cell in notebook.cells:
        cell.source = ""  # colouring the code takes most of the time
    texts = Pictures(exported(notebook)).texts
    assert texts and all(text and len(text.split()) > 2 for text in texts)
    assert not any("No description" in text for text in texts)  # nbconvert's own, for lost ones


def test_a_live_explorer_leaves_its_words(monkeypatch):
    """A student's notebook as it is saved: no picture, and a widget that no export can draw."""
    shown = []
    monkeypatch.setattr(
        "tinylab.explore.widget.display.display", lambda data, raw: shown.append(data)
    )
    explorer = EXPLORERS["battery"]()
    explorer._ipython_display_()
    cell = v4.new_code_cell("battery_explorer(graph)")
    cell.outputs = [v4.new_output("display_data", data=data) for data in shown]
    page = exported(v4.new_notebook(cells=[cell]))
    words = re.sub(r"<[^>]+>", " ", page)
    for line in explorer.summary_lines():
        assert line in words
