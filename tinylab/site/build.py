"""The site, from the sources of the notebooks to a folder of pages that opens from a disk."""

import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tinylab import paths
from tinylab.course.notebooks.build import BuildError, find_sources
from tinylab.course.notebooks.source import SourceNotebook
from tinylab.site import sphinx_build
from tinylab.site.api import api_pages
from tinylab.site.check import broken_links, leaked_solutions, outside_loads
from tinylab.site.contents import front_matter, index_page, part_pages
from tinylab.site.guides import Guide, find_guides, for_site
from tinylab.site.pages import Page, notebook_page, saved_script
from tinylab.site.runs import RUNS, executed_solution, stored_solution
from tinylab.site.scripts import static_files
from tinylab.site.slides import slides_html

__all__ = ["Site", "SiteSettings", "build_site"]

MARK = ".tinylab-site"


@dataclass(frozen=True)
class SiteSettings:
    """What goes into a site.

    Attributes
    ----------
    names : sequence of str
        Notebooks, as in `tinylab build`; empty for all.
    with_solutions : bool
        Show solutions, and the guides for teachers.
    pictures : bool
        Run nothing: take notebooks/solutions, whose explorers are pictures.
    api : bool
        Add the pages of the library, for which all of it is imported.
    notebooks : Path
        The folder with `source` and `solutions`.
    runs : Path
        Where the runs of notebooks are kept.
    """

    names: tuple[str, ...] = ()
    with_solutions: bool = False
    pictures: bool = False
    api: bool = True
    notebooks: Path = field(default=paths.PROJECT / "notebooks")
    runs: Path = RUNS


@dataclass(frozen=True)
class Site:
    """What a site came to.

    Attributes
    ----------
    folder : Path
    pages, explorers, bytes : int
    left_out : tuple of str
        The guides for teachers, where solutions are left out.
    """

    folder: Path
    pages: int
    explorers: int
    bytes: int
    left_out: tuple[str, ...]


def build_site(
    out: Path, settings: SiteSettings = SiteSettings(), say: Callable[[str], None] = print
) -> Site:
    """Write the site into a folder, whole or not at all.

    Parameters
    ----------
    out : Path
        A folder that does not exist yet, is empty, or holds a site.
    settings : SiteSettings
    say : callable
        Is given a sentence for everything that takes long.

    Raises
    ------
    FileExistsError
        Where there is something else in `out`.
    BuildError
        When a notebook fails, Sphinx warns, a link leads nowhere or a page would load something
        from the network; the sentences say which.
    """
    out = Path(out)
    _require_free(out)
    sources = find_sources(settings.names, settings.notebooks)
    if not sources:
        raise FileNotFoundError("there are no source notebooks here; build from your own copy")
    executed = {source.name: _executed(source, settings, say) for source in sources}
    guides = find_guides(paths.PROJECT)
    left_out = [] if settings.with_solutions else [each for each in guides if each.for_teachers]
    guides = [each for each in guides if each not in left_out]
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".writing-") as folder:
        inside, html = Path(folder) / "source", Path(folder) / "html"
        pages = {
            source.name: notebook_page(
                source,
                executed[source.name],
                with_solutions=settings.with_solutions,
                pages=executed.keys(),
            )
            for source in sources
        }
        _write_sources(inside, pages, guides, settings)
        say("writing the pages")
        warnings = sphinx_build.build_html(inside, html)
        _write_extras(html, sources, pages, executed)
        leaked = [] if settings.with_solutions else leaked_solutions(html, _exercises(settings))
        _refuse([*warnings, *broken_links(html), *outside_loads(html), *leaked])
        (html / MARK).write_text("Written by tinylab site; it may be written anew.\n")
        _replace(out, html)
    return _measured(out, pages.values(), left_out)


def _require_free(out: Path) -> None:
    if out.exists() and not (out / MARK).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise FileExistsError(f"{out} is there already and is no site; name a new folder")


def _executed(source: SourceNotebook, settings: SiteSettings, say) -> NotebookNode:
    if settings.pictures:
        return stored_solution(source, settings.notebooks)
    return executed_solution(source, settings.runs, say)


def _exercises(settings: SiteSettings) -> list[str]:
    """The exercise cells of all classes, whichever are in this site."""
    sources = find_sources(folder=settings.notebooks)
    return [cell for source in sources for cell in source.exercise_cells().values()]


def _write_sources(
    folder: Path, pages: dict[str, Page], guides: list[Guide], settings: SiteSettings
) -> None:
    """Everything that Sphinx reads."""
    for name, text in static_files().items():
        _write(folder / "_static" / name, text)
    for name, page in pages.items():
        front_matter(page.notebook, name, alive=bool(page.saved))
        _write(folder / "notebooks" / f"{name}.ipynb", nbformat.writes(page.notebook))
        for key, saved in page.saved.items():
            _write(folder / "_static" / "saved" / f"{key}.js", saved_script(key, saved))
    api = api_pages(paths.PROJECT / "tinylab") if settings.api else {}
    for name, text in api.items():
        _write(folder / f"{name}.rst", text)
    for guide in guides:
        _write_guide(folder, guide.text, guide.page, guide, guides)
    readme = next(guide for guide in guides if guide.path.name == "README.md")
    _write_guide(folder, index_page(readme.text), "index", readme, guides)
    for name, text in part_pages(list(pages), [guide.page for guide in guides], list(api)).items():
        _write(folder / f"{name}.md", text)


def _write_guide(folder: Path, text: str, page: str, guide: Guide, guides: list[Guide]) -> None:
    text, copied = for_site(text, page, guide.path, guides, paths.PROJECT)
    _write(folder / f"{page}.md", text)
    for name in copied:
        target = folder / "files" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(paths.PROJECT / name, target)


def _write_extras(
    html: Path,
    sources: Iterable[SourceNotebook],
    pages: dict[str, Page],
    executed: dict[str, NotebookNode],
) -> None:
    """What Sphinx does not make: slides, and the notebooks that students open."""
    for source in sources:
        slides = slides_html(pages[source.name].notebook, executed[source.name])
        _write(html / "slides" / f"{source.name}.html", slides)
        student = nbformat.writes(source.student()) + "\n"
        _write(html / "downloads" / f"{source.name}.ipynb", student)


def _refuse(sentences: list[str]) -> None:
    if sentences:
        raise BuildError("the site was not written:\n" + "\n".join(sentences))


def _replace(out: Path, html: Path) -> None:
    if out.exists():
        shutil.rmtree(out)
    html.rename(out)


def _measured(out: Path, pages: Iterable[Page], left_out: list[Guide]) -> Site:
    files = [path for path in out.rglob("*") if path.is_file()]
    saved = [each for page in pages for each in page.saved.values()]
    return Site(
        folder=out,
        pages=sum(path.suffix == ".html" for path in files),
        explorers=sum(each["kind"] == "explorer" for each in saved),
        bytes=sum(path.stat().st_size for path in files),
        left_out=tuple(str(guide.path) for guide in left_out),
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
