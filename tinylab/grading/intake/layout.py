"""Whose every path of a class's download is: by its platform's structure, else by its folders.

In: the paths below a folder or in a zip file. Out: an owner for each path, or a sentence on why it
has none. What lies inside a student's own folder or zip file is never asked: she could write there
what she likes.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from tinylab.grading.intake.platforms import PLATFORMS, Owner, owner_by_name

__all__ = ["Layout", "layout_of", "seems_a_class", "without_lone_notebooks"]

Path = tuple[str, ...]
IGNORED = {"desktop.ini", "thumbs.db", "sha256sums", "submission_metadata.yml"}
TEACHERS = (".csv", ".toml", ".xlsx", ".xls", ".ods", ".json", ".yml", ".yaml", ".ini", ".log")
COPY = re.compile(r"([-_ ]*(copy|kopie|copie)?[-_ ]*(\(\d+\)|\d{0,2}))$", re.I)
COPY_OF = re.compile(r"^((copy of|kopie von|copie de|copia di|copia de|kopie van)[-_ ]+)+", re.I)


@dataclass(frozen=True)
class Layout:
    """Owners and refusals of a download's paths.

    Attributes
    ----------
    platform : str
        Whose structure it is.
    depth : int
        How many folders lie above the students.
    owners : dict of path to Owner
        Of every path that belongs to somebody.
    refused : dict of path to str
        Why each of the others belongs to nobody.
    """

    platform: str
    depth: int
    owners: dict[Path, Owner]
    refused: dict[Path, str]


def layout_of(
    paths: Sequence[Path], above: str, notebooks: Collection[str], known: Collection[str] = ()
) -> Layout:
    """Give every path its owner.

    Parameters
    ----------
    paths : sequence of tuple of str
        Ways from the class's folder to each file; a folder without any file ends in "".
    above : str
        The name of the class's folder or zip file.
    notebooks : collection of str
        Names of the course's notebooks, with their folders: "01_keyword_spotting/2_compress".
    known : collection of str
        Names of folders that are known to be students.
    """
    paths = [path for path in paths if path[-1].casefold() not in IGNORED]
    for depth, prefix in _levels(paths, above):
        names = sorted({path[depth] for path in paths if len(path) > depth})
        for platform in PLATFORMS:
            owners = platform.owners(names, prefix)
            if owners and 2 * len(owners) >= len(names):
                handed_in = [path for path in paths if path[depth] not in platform.adds]
                return _by_platform(platform.title, depth, owners, handed_in)
    return _by_folders(paths, _words(notebooks), set(known))


def without_lone_notebooks(layout: Layout, notebooks: Collection[str]) -> Layout:
    """The layout in which a file among students that is called as a notebook is nobody's."""
    words = _words(notebooks)
    lone = [
        path
        for path in layout.owners
        if layout.platform == "folders" and len(path) == 1 and _stem(path[0]) in words
    ]
    reason = "it has a notebook's name, and no folder around it names a student."
    return replace(
        layout,
        owners={path: owner for path, owner in layout.owners.items() if path not in lone},
        refused={**layout.refused, **dict.fromkeys(lone, reason)},
    )


def seems_a_class(names: Collection[str]) -> bool:
    """True for the top names in a zip file that a platform packed for two students or more."""
    names = sorted(names)
    for platform in PLATFORMS:
        owners = platform.owners(names, "")
        if len({owner.student for owner in owners.values()}) > 1 and 2 * len(owners) >= len(names):
            return True
    return False


def _levels(paths: Sequence[Path], above: str):
    """(depth, name above it) of the levels at which students may begin: below lone folders."""
    depth, name = 0, above
    while True:
        yield depth, name
        tops = {path[depth] for path in paths if len(path) > depth + 1}
        if len(tops) != 1 or any(len(path) <= depth + 1 for path in paths) or depth == 3:
            return
        (name,) = tops
        depth += 1


def _by_platform(title: str, depth: int, owners: dict[str, Owner], paths) -> Layout:
    refused = {
        path: f"its name is none that {title} writes, as the names beside it are."
        for path in paths
        if path[depth] not in owners
    }
    return Layout(
        platform=title,
        depth=depth,
        owners={path: owners[path[depth]] for path in paths if path[depth] in owners},
        refused=refused,
    )


def _by_folders(paths: Sequence[Path], words: frozenset[str], known: set[str]) -> Layout:
    """A student is the first folder that is no notebook's name, else what a file is called."""
    owners, refused = {}, {}
    for path in paths:
        rest = path
        while len(rest) > 1 and rest[0].casefold() in words:
            rest = rest[1:]
        if len(rest) == 1 and len(path) > 1 and _stem(rest[0]) in words:
            refused[path] = "no folder above it names a student."
        elif len(rest) == 1 and rest[0].lower().endswith(TEACHERS):
            refused[path] = "it is no notebook, and no folder names a student."
        elif rest[0]:
            owners[path] = owner_by_name(rest[0])
    for student in {owner.student for owner in owners.values()}:
        own = [path for path, owner in owners.items() if owner.student == student]
        inner = _folders_of_students(own, words)
        if inner and student not in known:
            sentence = (
                f"{own[0][0]} holds folders that look like {len(inner)} students "
                f"({', '.join(sorted(inner)[:3])}): grade that folder by itself, or give a roster."
            )
            for path in own:
                refused[path] = sentence
                del owners[path]
    return Layout("folders", 0, owners, refused)


def _folders_of_students(own: Sequence[Path], words: frozenset[str]) -> set[str]:
    """Folders inside a student's that hold one notebook each over again, as students' do."""
    start = next((i for i, name in enumerate(own[0]) if name.casefold() not in words), 0) + 1
    inner = [
        (path[start], _stem(path[-1]))
        for path in own
        if len(path) > start + 1 and path[-1].lower().endswith((".ipynb", ".zip"))
    ]
    folders = {folder for folder, _ in inner if folder.casefold() not in words}
    if len(folders) < 2:
        return set()
    stems = Counter(stem for folder, stem in set(inner) if folder in folders)
    of_course = all(stem in words and count == 1 for stem, count in stems.items())
    return set() if of_course else folders


def _words(notebooks: Collection[str]) -> frozenset[str]:
    """The words that notebooks' paths are made of: names of folders that are no student's."""
    return frozenset(word.casefold() for name in notebooks for word in (name, *name.split("/")))


def _stem(name: str) -> str:
    """A file's name without suffixes and without what copying adds to it."""
    bare = COPY_OF.sub("", re.sub(r"(\.(ipynb|zip))+$", "", name, flags=re.I))
    return (COPY.sub("", bare) or bare).casefold()
