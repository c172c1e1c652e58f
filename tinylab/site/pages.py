"""A notebook as a page: the student's text and code, with the outputs of the executed solution."""

import html
import json
import posixpath
import re
from collections.abc import Container
from dataclasses import dataclass, field

from nbformat import NotebookNode

from tinylab.course.notebooks.claims import is_claims
from tinylab.course.notebooks.set_up import CELL_ID
from tinylab.course.notebooks.source import SourceNotebook
from tinylab.explore.widget.display import SAVED

__all__ = ["Page", "notebook_page", "saved_script"]

CHECK = "check-"
# To a notebook, perhaps to a heading, as JupyterLab names it.
LINK = re.compile(r"\[([^\]]*)\]\(([\w/.]+)\.ipynb(?:#([^)\s]+))?\)")


@dataclass(frozen=True)
class Page:
    """A notebook of the site.

    Attributes
    ----------
    notebook : NotebookNode
        For myst-nb; where a saved widget goes, an element names it.
    saved : dict of str to dict
        The saved widgets, by those names.
    """

    notebook: NotebookNode
    saved: dict[str, dict] = field(default_factory=dict)


def notebook_page(
    source: SourceNotebook,
    executed: NotebookNode,
    *,
    with_solutions: bool = False,
    pages: Container[str] | None = None,
) -> Page:
    """Put the outputs of a run into the notebook that readers may see.

    Parameters
    ----------
    source : SourceNotebook
    executed : NotebookNode
        The solution notebook of this source, with outputs.
    with_solutions : bool
        Show the solutions of exercises, and what their checks printed. Without it both are cut:
        the exercises are as students get them, and nothing that ran a solution is shown.
    pages : container of str, optional
        The notebooks that the site has; a link to another one becomes its text. All without.
    """
    page = Page(source.solution() if with_solutions else source.student())
    page.notebook.cells = [
        cell for cell in page.notebook.cells if not is_claims(cell) and cell.id != CELL_ID
    ]
    outputs = {cell.id: cell.get("outputs", []) for cell in executed.cells}
    for cell in page.notebook.cells:
        if cell.cell_type != "code":
            cell.source = LINK.sub(lambda link: _link(link, source.name, pages), cell.source)
            continue
        answer = "exercise" in cell.metadata or cell.id.startswith(CHECK)
        if with_solutions or not answer:
            cell.outputs = [_shown(output, source.name, page.saved) for output in outputs[cell.id]]
    return page


def _link(link: re.Match, page: str, pages: Container[str] | None) -> str:
    """A link between notebooks as one between pages, or its text where there is no such page."""
    text, target, heading = link.groups()
    linked = posixpath.normpath(posixpath.join(posixpath.dirname(page), target))
    if pages is not None and linked not in pages:
        return text
    return f"[{text}]({target}.ipynb{f'#{_anchor(heading)}' if heading else ''})"


def _anchor(heading: str) -> str:
    """The name that MyST gives a heading: small letters, digits and hyphens."""
    return re.sub(r"[^\w-]", "", heading.lower())


def _shown(output: NotebookNode, name: str, saved: dict[str, dict]) -> NotebookNode:
    """An output as it is; of a saved widget, the element that the page's script brings to life."""
    data = output.get("data", {})
    if SAVED not in data:
        return output
    key = f"{name.replace('/', '-')}-{len(saved) + 1}"
    saved[key] = data[SAVED]
    markup = f'<div class="tinylab-saved" data-name="{key}">{_still(data)}</div>'
    return NotebookNode(
        output_type="display_data", metadata={}, data={"text/html": markup, "text/plain": ""}
    )


def _still(data: dict) -> str:
    """What is there until the script has run, and on paper: the picture, or a question's words."""
    if "text/html" in data:
        return data["text/html"]
    if data[SAVED]["kind"] == "verdict":
        return ""  # its words would give the answer away
    return "".join(f"<p>{html.escape(line)}</p>" for line in data["text/plain"].splitlines())


def saved_script(name: str, saved: dict) -> str:
    """The script that hands a saved widget to the page."""
    text = json.dumps(saved, separators=(",", ":"), ensure_ascii=False)
    return f"tinylabSave({json.dumps(name)},{text});\n"
