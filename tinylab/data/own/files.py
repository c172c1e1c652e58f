"""Which files a folder of one's own holds: label, group and split of each.

    folder/label/any_name.wav                 splits are made here
    folder/train/label/any_name.wav ...       or by whoever made the folder

Files of one group (one speaker, one scene, one session) stay in one split. The group is what stands
before `_nohash_`, or before the first `_` or `-` of the name if that makes at least three groups;
otherwise each file is a group of its own.
"""

import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SPLITS = ("train", "validation", "test")
SOUNDS = (".wav", ".flac", ".ogg", ".mp3", ".opus", ".aiff", ".aif")
PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
_TURNS = ("test", "validation", "train", "train", "train")
_FEWEST_GROUPS = 3


@dataclass(frozen=True)
class Listing:
    """Files of a folder.

    Parameters
    ----------
    names : tuple of str
        The labels, in alphabetical order.
    files : tuple of Path
    labels, groups : ndarray of int64, shape (n,)
        Index into `names`, and the number of the group.
    group_names, splits : ndarray of str, shape (n,)
    """

    names: tuple[str, ...]
    files: tuple[Path, ...]
    labels: np.ndarray
    groups: np.ndarray
    group_names: np.ndarray
    splits: np.ndarray

    @property
    def is_grouped(self) -> bool:
        """Whether some files belong together."""
        return len(set(self.group_names.tolist())) < len(self.files)

    def only(self, names: Sequence[str] | None) -> "Listing":
        """The files of some labels, in the order given; all of them if None."""
        if names is None:
            return self
        absent = [name for name in names if name not in self.names]
        if absent:
            raise ValueError(
                f"there is no folder {', '.join(map(repr, absent))}; there are: "
                f"{', '.join(self.names)}"
            )
        kept = [i for i, label in enumerate(self.labels) if self.names[label] in names]
        labels = [list(names).index(self.names[self.labels[i]]) for i in kept]
        return Listing(
            tuple(names),
            tuple(self.files[i] for i in kept),
            np.array(labels, np.int64),
            self.groups[kept],
            self.group_names[kept],
            self.splits[kept],
        )

    def of(self, split: str) -> np.ndarray:
        """Indices of the files of a split.

        Raises
        ------
        ValueError
            The split is unknown, or lacks a label.
        """
        if split not in SPLITS:
            raise ValueError(f"no split is called {split!r}; choose one of {', '.join(SPLITS)}")
        chosen = np.flatnonzero(self.splits == split)
        missing = [n for i, n in enumerate(self.names) if i not in self.labels[chosen]]
        if missing:
            raise ValueError(
                f"no file of {', '.join(map(repr, missing))} falls to the {split} split: add files "
                "of other speakers, scenes or days, or sort the files into folders "
                f"{', '.join(SPLITS)} yourself"
            )
        return chosen


def draw(
    chosen: np.ndarray, labels: np.ndarray, most: int | None, rng: np.random.Generator
) -> np.ndarray:
    """Indices of `chosen` in random order, at most so many of each label."""
    if most is not None:
        parts = [chosen[labels[chosen] == label] for label in np.unique(labels[chosen])]
        chosen = np.concatenate([rng.permutation(part)[:most] for part in parts])
    return rng.permutation(chosen)


def kind_of(folder: str | Path) -> str:
    """ "sounds" or "pictures": what the files of a folder are.

    Raises
    ------
    FileNotFoundError
        There is no such folder, or it holds neither.
    ValueError
        It holds both.
    """
    suffixes = {path.suffix.lower() for path in _walk(Path(folder))}
    kinds = [
        kind
        for kind, known in (("sounds", SOUNDS), ("pictures", PICTURES))
        if suffixes.intersection(known)
    ]
    if len(kinds) > 1:
        raise ValueError(f"{folder} holds sounds and pictures; pass a folder with one kind")
    if not kinds:
        raise FileNotFoundError(
            f"{folder} holds no sounds ({', '.join(SOUNDS)}) and no pictures "
            f"({', '.join(PICTURES)}): put them into a folder for each label"
        )
    return kinds[0]


def list_files(folder: str | Path, suffixes: tuple[str, ...]) -> Listing:
    """The files of a folder with one of these suffixes.

    Raises
    ------
    FileNotFoundError
        There are none.
    ValueError
        There are fewer than two labels, or too few groups for three splits.
    """
    root = Path(folder)
    paths = [path for path in _walk(root) if path.suffix.lower() in suffixes]
    if not paths:
        raise FileNotFoundError(
            f"{root} holds no files of the kinds {', '.join(suffixes)}: put them into a folder for "
            "each label"
        )
    inside = [path.relative_to(root).parts for path in paths]
    given = all(len(parts) > 2 and parts[0] in SPLITS for parts in inside)
    labelled = [parts[1] if given else parts[0] for parts in inside if len(parts) > 1]
    if len(labelled) < len(paths):
        raise ValueError(f"{root} holds files without a label: put them into folders, one a label")
    names = tuple(sorted(set(labelled)))
    if len(names) < 2:
        raise ValueError(
            f"{root} must hold a folder for each of at least two labels; it has: "
            f"{', '.join(names) or 'none'}"
        )
    labels = np.array([names.index(name) for name in labelled], np.int64)
    group_names = _groups([path.stem for path in paths])
    splits = [parts[0] for parts in inside] if given else _splits(names, labels, group_names)
    _, groups = np.unique(group_names, return_inverse=True)
    return Listing(
        names, tuple(paths), labels, groups.astype(np.int64), group_names, np.array(splits)
    )


def _walk(root: Path) -> list[Path]:
    if not root.is_dir():
        raise FileNotFoundError(f"there is no folder {root}")
    return sorted(
        path
        for path in root.rglob("*")
        if path.is_file() and not any(part[:1] in "._" for part in path.relative_to(root).parts)
    )


def _groups(stems: list[str]) -> np.ndarray:
    """The group of each file, by its name."""
    spoken = [stem.split("_nohash_")[0] for stem in stems]
    if spoken != stems:
        return np.array(spoken)
    heads = [stem.replace("-", "_").split("_")[0] for stem in stems]
    heads_name_groups = _FEWEST_GROUPS <= len(set(heads)) < len(stems)
    return np.array(heads if heads_name_groups else [f"{n} {stem}" for n, stem in enumerate(stems)])


def _splits(names: tuple[str, ...], labels: np.ndarray, groups: np.ndarray) -> list[str]:
    """Of each label's groups one fifth to test and one to validation, in the order of a checksum of
    their names, so that the order does not depend on the computer."""
    by_label: dict[int, list[str]] = defaultdict(list)
    for group in dict.fromkeys(groups.tolist()):
        by_label[int(labels[groups == group].min())].append(group)
    split_of = {}
    for label, members in by_label.items():
        if len(members) < _FEWEST_GROUPS:
            raise ValueError(
                f"{names[label]!r} has {len(members)} recordings that do not belong together; at "
                f"least {_FEWEST_GROUPS} are needed for the splits {', '.join(SPLITS)}"
            )
        members.sort(key=lambda group: (zlib.crc32(group.encode()), group))
        for turn, group in enumerate(members):
            split_of[group] = _TURNS[turn % len(_TURNS)]
    return [split_of[group] for group in groups.tolist()]
