"""A class as slides: its headings, the first sentences of its paragraphs, its figures.

In: a notebook page. Out: one HTML file without scripts, to scroll on a screen or to print. Every
section (H2) is a slide; every figure, question and row of pictures gets one of its own after it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import jinja2
from markdown_it import MarkdownIt
from markdown_it.token import Token
from nbformat import NotebookNode

from tinylab.explore.widget.display import SAVED

__all__ = ["slides_html"]

MOST_POINTS = 6  # of a section on its slide: more cannot be read from the last row
SENTENCE_END = re.compile(r"(?<=[.!?:])\s+(?=[A-Z*`“])")
PICTURE = re.compile(r"<img[^>]*>")


@dataclass
class Slide:
    """A heading with points below it, and below those what a cell showed.

    Attributes
    ----------
    title : str
    points : list of str
        HTML, a sentence each.
    picture : str
        HTML of a picture, or empty.
    """

    title: str
    points: list[str] = field(default_factory=list)
    picture: str = ""


def slides_html(notebook: NotebookNode, executed: NotebookNode) -> str:
    """The slides of a class.

    Parameters
    ----------
    notebook : NotebookNode
        What readers of the site see: text, and code without solutions unless they are wanted.
    executed : NotebookNode
        The solution with its outputs, from which the figures are taken, by the ids of the cells.
    """
    outputs = {cell.id: cell.get("outputs", []) for cell in executed.cells}
    slides: list[Slide] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            _add_text(slides, cell.source)
        for output in outputs[cell.id] if cell.cell_type == "code" and cell.outputs else ():
            slides += _of_output(slides[-1].title, output.get("data", {}))
    title, *rest = [slide for slide in slides if slide.points or slide.picture]
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
        (Path(__file__).parent / "templates" / "slides.html.j2").read_text(encoding="utf-8")
    )
    return template.render(title=title, slides=rest)


def _add_text(slides: list[Slide], source: str) -> None:
    """Begin a slide at each heading of level 1 or 2; add the first sentence of all else."""
    for kind, inline in _blocks(source):
        if kind in ("h1", "h2"):
            slides.append(Slide(inline.content))
        elif kind in ("p", "li") and slides and len(slides[-1].points) < MOST_POINTS:
            first = SENTENCE_END.split(inline.content.replace("\n", " "))[0]
            slides[-1].points.append(_markdown().renderInline(first))


def _blocks(source: str) -> Iterator[tuple[str, Token]]:
    """(tag, text) of headings, paragraphs and items; what is folded away is left out."""
    folded = 0
    tokens = _markdown().parse(source)
    for before, token in zip(tokens, tokens[1:]):
        if token.type == "html_block":
            folded += token.content.count("<details") - token.content.count("</details")
        if token.type == "inline" and not folded and before.tag in ("h1", "h2", "p"):
            yield before.tag, token


def _of_output(title: str, data: dict) -> Iterator[Slide]:
    """The slide of a figure, a question or pictures; none of anything else."""
    lines = data.get("text/plain", "").splitlines()
    pictures = PICTURE.findall(data.get("text/html", ""))
    if pictures and len(lines) == 4:  # an explorer: title, setting, sentence, source
        yield Slide(lines[0], [_markdown().renderInline(lines[2])], pictures[0])
    elif pictures:
        yield Slide(title, [], pictures[0])
    elif data.get(SAVED, {}).get("kind") == "prediction" or lines[:1] and _is_question(lines[0]):
        yield Slide("What do you think?", [_markdown().renderInline(lines[0])])


def _is_question(line: str) -> bool:
    return line.startswith("Predict: ")


@cache
def _markdown() -> MarkdownIt:
    """Markdown with tables and formulas, as Sphinx reads it."""
    from docutils.utils.math.latex2mathml import tex2mathml
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    def formula(content: str, options: dict) -> str:
        return tex2mathml(content, as_block=options["display_mode"])

    return MarkdownIt().enable("table").use(dollarmath_plugin, renderer=formula)
