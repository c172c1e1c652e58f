"""What holds for every page: its links lead somewhere, and nothing comes from the network."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import nbformat

from tinylab.course.notebooks.source import BEGIN, END

__all__ = ["broken_links", "leaked_solutions", "outside_loads"]

# Elements that load what their attribute names; an <a> only leads there.
LOADING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
OUTSIDE = re.compile(r"^(https?:)?//")
REGION = re.compile(rf"{BEGIN}\n(.*?){END}", re.S)
# A shorter formula may be read in many a text without being anybody's answer.
SHORTEST_SOLUTION = 30
READABLE = {".html", ".ipynb", ".md", ".txt", ".py"}
NOT_FILES = ("data:", "mailto:", "javascript:", "http:", "https:", "//")
# Of a <link>, these are loaded; others only name a page.
LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload"}


@dataclass
class _Found(HTMLParser):
    """The links, anchors and loaded files of a page."""

    links: set[str] = field(default_factory=set)
    anchors: set[str] = field(default_factory=set)
    loads: set[str] = field(default_factory=set)

    def __post_init__(self):
        super().__init__()

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and "href" in values:
            self.links.add(values["href"])
        if tag in LOADING and LOADING[tag] in values:
            self.links.add(values[LOADING[tag]])
            if tag != "link" or LOADED_LINKS & set(values.get("rel", "").split()):
                self.loads.add(values[LOADING[tag]])


def broken_links(site: Path) -> list[str]:
    """A sentence for every link to a file or an anchor that is not in the site."""
    pages = {path.resolve(): _read(path) for path in sorted(site.rglob("*.html"))}
    sentences = []
    for path, page in pages.items():
        for link in sorted(page.links):
            if not link.startswith(NOT_FILES) and not _leads(path, link, pages):
                sentences.append(f"{path.relative_to(site.resolve())}: {link} leads nowhere.")
    return sentences


def outside_loads(site: Path) -> list[str]:
    """A sentence for every file that a page or a style sheet would load from the network."""
    sentences = []
    for path in sorted(site.rglob("*.html")):
        for load in sorted(_read(path).loads):
            if OUTSIDE.match(load):
                sentences.append(f"{path.relative_to(site)} loads {load}.")
    for path in sorted(site.rglob("*.css")):
        for load in re.findall(r"url\(\s*['\"]?((?:https?:)?//[^'\")]+)", path.read_text("utf-8")):
            sentences.append(f"{path.relative_to(site)} loads {load}.")
    return sentences


def leaked_solutions(site: Path, cells: Iterable[str]) -> list[str]:
    """A sentence for every file of the site in which the solution of an exercise can be read.

    Parameters
    ----------
    site : Path
    cells : iterable of str
        The exercise cells of the sources, with their solution regions.
    """
    regions = {_squeezed(part) for cell in cells for part in re.findall(REGION, cell)}
    regions = {region for region in regions if len(region) >= SHORTEST_SOLUTION}
    sentences = []
    for path in sorted(site.rglob("*")):
        if path.suffix in READABLE:
            text = _squeezed(_words(path))
            sentences += [
                f"{path.relative_to(site)} shows a solution: {region[:60]}"
                for region in sorted(regions)
                if region in text
            ]
    return sentences


def _words(path: Path) -> str:
    """What a reader sees of a file."""
    if path.suffix == ".ipynb":
        return "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    text = path.read_text(encoding="utf-8")
    return html.unescape(re.sub(r"<[^>]*>", "", text)) if path.suffix == ".html" else text


def _squeezed(text: str) -> str:
    """A text without any white space, as line breaks and markup may change that."""
    return re.sub(r"\s+", "", text)


def _read(path: Path) -> _Found:
    reader = _Found()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def _leads(page: Path, link: str, pages: dict[Path, _Found]) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / unquote(name.split("?")[0])).resolve() if name else page
    if target.is_dir():
        target = target / "index.html"
    if not target.is_file():
        return False
    return not anchor or target not in pages or unquote(anchor) in pages[target].anchors
