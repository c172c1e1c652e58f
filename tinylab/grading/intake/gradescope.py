"""Names and times that Gradescope writes beside the folders of an export.

In: `submission_metadata.yml`, which has an entry for each folder `submission_N`, with keys as Ruby
writes them (`:submitters:` a list of `:name:`, `:sid:`, `:email:`; `:created_at:`). Out: owners.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

import yaml

from tinylab.grading.intake.platforms import Owner

__all__ = ["METADATA", "named_owners"]

METADATA = "submission_metadata.yml"


def named_owners(text: bytes, owners: dict[tuple, Owner]) -> dict[tuple, Owner]:
    """The owners with the names, numbers and times of the metadata, where it has any.

    A folder that the metadata do not name keeps the name it has. No student has two folders: two
    of one name and number are two students, and their folders' names tell them apart.
    """
    try:
        plain = yaml.safe_load(text.decode("utf-8", "replace"))
    except yaml.YAMLError:
        return owners
    entries = plain if isinstance(plain, dict) else {}
    named = {path: _named(owner, entries.get(owner.name)) for path, owner in owners.items()}
    folders = defaultdict(set)
    for path, owner in named.items():
        folders[owner.student].add(owners[path].name)
    return {
        path: replace(owner, number=owners[path].name) if len(folders[owner.student]) > 1 else owner
        for path, owner in named.items()
    }


def _named(owner: Owner, entry) -> Owner:
    """One owner as the metadata name her; several submitters are one group."""
    entry = entry if isinstance(entry, dict) else {}
    submitters = [
        submitter for submitter in entry.get(":submitters") or () if isinstance(submitter, dict)
    ]
    names = [str(submitter.get(":name") or "").strip() for submitter in submitters]
    if not submitters or not all(names):
        return owner
    first = submitters[0] if len(submitters) == 1 else {}
    created = entry.get(":created_at")
    return Owner(
        name=" and ".join(names),
        number=str(first.get(":sid") or ""),
        login=str(first.get(":email") or ""),
        received=created if isinstance(created, datetime) else None,
    )
