"""The source notebooks, each read once for all tests: reading all takes seconds."""

import functools

from tinylab.course.notebooks.build import find_sources, source_names
from tinylab.course.notebooks.source import SourceError, SourceNotebook

__all__ = ["source_of", "source_of_exercises"]


@functools.cache
def source_of(name: str) -> SourceNotebook:
    """The source notebook of that name; nobody may change it."""
    (source,) = find_sources([name])
    return source


@functools.cache
def source_of_exercises() -> dict[str, SourceNotebook]:
    """The source notebook of every exercise, without the notebooks that break a rule."""
    found = {}
    for name in source_names():
        try:
            source = source_of(name)
        except SourceError:  # tests/course tells about it
            continue
        found |= dict.fromkeys(source.answers, source)
    return found
