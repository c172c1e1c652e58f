"""The project's Markdown files as pages: their links lead to other pages, or to copied files.

In: README.md, CONTRIBUTING.md, CHANGELOG.md, docs/*.md and the guides beside the code. Out: the
same texts, for the folder that Sphinx reads.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

__all__ = ["Guide", "find_guides", "for_site"]

ROOT_FILES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "datasets/README.md")
# A guide with this line is for teachers: it is left out where solutions are.
TEACHERS_ONLY = "<!-- for teachers -->"
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
LARGEST_COPY_BYTES = 1_000_000
NEVER_COPIED = ("notebooks/source", "notebooks/solutions", "tests")


@dataclass(frozen=True)
class Guide:
    """A Markdown file of the project: its path and its text."""

    path: PurePosixPath
    text: str

    @property
    def page(self) -> str:
        """The name of its page, without a suffix."""
        return f"guides/{self.path.with_suffix('').as_posix()}"

    @property
    def for_teachers(self) -> bool:
        """Whether it says things that students should find out."""
        return TEACHERS_ONLY in self.text


def find_guides(project: Path) -> list[Guide]:
    """Every guide of a project: those at its root, all of docs/, and those beside the code."""
    paths = [project / name for name in ROOT_FILES if (project / name).is_file()]
    paths += sorted((project / "docs").rglob("*.md"))
    paths += sorted((project / "tinylab").rglob("*.md"))
    return [
        Guide(PurePosixPath(path.relative_to(project).as_posix()), path.read_text("utf-8"))
        for path in paths
    ]


def for_site(
    text: str, page: str, path: PurePosixPath, guides: Iterable[Guide], project: Path
) -> tuple[str, list[str]]:
    """A guide's text with links that hold in the site, and the files to copy beside it.

    Parameters
    ----------
    text : str
        All of a guide, or a part.
    page : str
        The name of the page where it will stand, such as "guides/README".
    path : PurePosixPath
        Of the guide in the project.
    guides : iterable of Guide
        All that are in the site.
    project : Path

    Returns
    -------
    text : str
        A link to a guide leads to its page, one to a picture or a small file to a copy; of a link
        to anything else in the project its words are left.
    copied : list of str
        Paths below the project, which go to ``files/`` in the site's folder.
    """
    pages = {each.path: each.page for each in guides}
    up = "../" * page.count("/")
    copied: list[str] = []

    def replace(link: re.Match) -> str:
        mark, words, target = link.groups()
        if target.startswith("#") and page != pages[path]:  # a part, without the heading
            target = f"{path.name}{target}"
        if target.startswith(("#", "http:", "https:", "mailto:")):
            return link[0]
        name, _, anchor = target.partition("#")
        linked = PurePosixPath(os.path.normpath(path.parent / name))
        if linked in pages:
            return f"[{words}]({up}{pages[linked]}.md{'#' if anchor else ''}{anchor})"
        if not _can_be_copied(project / linked, linked):
            return words
        copied.append(linked.as_posix())
        return f"{mark}[{words}]({up}files/{linked})"

    return LINK.sub(replace, text), copied


def _can_be_copied(file: Path, path: PurePosixPath) -> bool:
    kept_back = any(PurePosixPath(folder) in path.parents for folder in NEVER_COPIED)
    kept_back |= path.suffix == ".md"  # a guide that is not in the site
    return file.is_file() and file.stat().st_size <= LARGEST_COPY_BYTES and not kept_back
