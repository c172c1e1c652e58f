"""A class as slides: its headings, the first sentences of its paragraphs, its figures.

In: a notebook page. Out: one HTML file without scripts, to scroll on a screen or to print. Every
section (H2) is a slide; every figure, question and row of pictures gets one of its own after it.
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import jinja2
from markdown_it import MarkdownIt
from markdown_it.token import Token
from nbformat import NotebookNode

from tinylab.explore.widget.pictures import picture_html

__all__ = ["slides_html"]

MOST_POINTS = 6  # of a section on its slide: more cannot be read from the last row
MOST_AIMS = 9  # the title's slide lists what the class is for, in short lines
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z*`“])")
REFERENCES = "**References**"
QUESTION = re.compile(r"\*\*\d+\.\*\*")
PICTURE = re.compile(r"<img[^>]*>")


@dataclass
class Slide:
    """A heading with points below it, and below those what a cell showed.

    Attributes
    ----------
    title, section : str
        The section is the heading (H1 or H2) that it comes after.
    points : list of str
        HTML, a sentence each.
    picture : str
        HTML of a picture, or empty.
    is_shown : bool
        Whether it holds what a cell showed, and no text of the notebook.
    """

    title: str
    section: str
    points: list[str] = field(default_factory=list)
    picture: str = ""
    is_shown: bool = False


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
        if cell.cell_type == "markdown" and cell.id != "hand-in":
            _add_text(slides, cell.source)
        for output in outputs[cell.id] if cell.cell_type == "code" and cell.outputs else ():
            slides += _of_output(slides[-1].section, output.get("data", {}))
    title, *rest = [slide for slide in slides if slide.points or slide.picture]
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
        (Path(__file__).parent / "templates" / "slides.html.j2").read_text(encoding="utf-8")
    )
    return template.render(title=title, slides=rest)


def _add_text(slides: list[Slide], source: str) -> None:
    """Begin a slide at each heading of level 1 or 2; add the first sentence of all else."""
    for tag, text in _blocks(source):
        text, references, _ = text.partition(REFERENCES)
        if tag in ("h1", "h2"):
            slides.append(Slide(text, section=text))
            continue
        # What follows a figure explains it; a question stands with its choices, and alone.
        if slides[-1].is_shown or QUESTION.match(text):
            slides.append(Slide(slides[-1].section, section=slides[-1].section))
        most = MOST_AIMS if len(slides) == 1 else MOST_POINTS
        if text.strip() and len(slides[-1].points) < most:
            slides[-1].points.append(text if tag == "math" else _in_short(text))
        if references:
            return


def _in_short(text: str) -> str:
    """The first sentence of a paragraph as HTML; a question whole, as it ends with what it asks."""
    return _markdown().renderInline(text if QUESTION.match(text) else SENTENCE_END.split(text)[0])


def _blocks(source: str) -> Iterator[tuple[str, str]]:
    """(tag, text) of headings, paragraphs and items, and formulas as HTML.

    What is folded away is left out, and so is a paragraph that goes on after a formula.
    """
    folded, tag = 0, ""
    for token in _markdown().parse(source):
        if token.type == "html_block":
            folded += token.content.count("<details") - token.content.count("</details")
        elif token.type == "math_block" and not folded:
            yield "math", _formula(token.content, {"display_mode": True})
        elif token.type != "inline":
            tag = token.tag
        elif not folded and tag in ("h1", "h2", "p") and not _goes_on(token):
            yield tag, token.content.replace("\n", " ")


def _goes_on(token: Token) -> bool:
    """Whether a paragraph, not an item of a list, begins in the middle of a sentence."""
    return token.level == 1 and token.content[:1].islower()


def _of_output(section: str, data: dict) -> Iterator[Slide]:
    """The slide of a figure, a question or pictures; none of anything else."""
    lines = data.get("text/plain", "").splitlines()
    pictures = PICTURE.findall(data.get("text/html", ""))
    if "image/png" in data:
        pictures = [picture_html(b64decode(data["image/png"]), "png", data["text/plain"])]
    if pictures and len(lines) == 4:  # an explorer: title, setting, sentence, source
        yield Slide(lines[0], section, [_markdown().renderInline(lines[2])], pictures[0], True)
    elif pictures:
        yield Slide(f"{section}: pictures", section, [], pictures[0], True)
    elif lines and lines[0].startswith("Predict: "):
        points = [_markdown().renderInline(lines[0])]
        yield Slide("What do you think?", section, points, is_shown=True)


@cache
def _markdown() -> MarkdownIt:
    """Markdown with tables and formulas, as Sphinx reads it."""
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    return MarkdownIt().enable("table").use(dollarmath_plugin, renderer=_formula)


def _formula(content: str, options: dict) -> str:
    from docutils.utils.math.latex2mathml import tex2mathml

    return tex2mathml(content, as_block=options["display_mode"])
