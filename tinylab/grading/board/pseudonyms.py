"""Names under which students stand on the board: the same for a key, and telling nothing.

In: the teacher's key, and students. Out: a pseudonym each, no two alike.
"""

from collections.abc import Iterable

from tinylab.grading.records.record_book import Key

__all__ = ["pseudonyms"]

COLOURS = (
    "amber azure black bronze brown copper coral crimson golden green grey indigo ivory jade "
    "olive orange pearl purple ruby scarlet silver teal violet white"
).split()
BIRDS = (
    "avocet bittern bunting crane curlew dipper dunlin eider falcon finch gannet grebe heron kite "
    "lapwing linnet merlin osprey plover robin siskin swift tern wren"
).split()


def pseudonyms(students: Iterable[str], key: Key) -> dict[str, str]:
    """A pseudonym by student, "silver heron"; where two would be equal, the later has a number."""
    names: dict[str, str] = {}
    for student in sorted(set(students)):
        drawn = key.derive("pseudonym", student)
        name = f"{COLOURS[drawn[0] % len(COLOURS)]} {BIRDS[drawn[1] % len(BIRDS)]}"
        same = sum(given.partition(" no. ")[0] == name for given in names.values())
        names[student] = f"{name} no. {same + 1}" if same else name
    return names
