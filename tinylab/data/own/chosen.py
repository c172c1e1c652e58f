"""Whose data a notebook works on: the built-in set of an application, or a folder of one's own.

`tinylab.data.use` chooses once for this kernel; `load` of speech, people and machines reads what
was chosen, and models and ledger rows of a set of one's own are kept under a name of its own.
Nothing is left out or replaced without a sentence.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

APPLICATIONS = ("keyword_spotting", "visual_wake_words", "anomaly_detection")
PUBLIC = {
    "keyword_spotting": "speech-commands",
    "visual_wake_words": "visual-wake-words",
    "anomaly_detection": "toycar",
}
NORMAL = "normal"  # the label of a healthy machine
_BINARY = 2

_chosen: dict[str, "OwnSet"] = {}
_said: set[str] = set()


@dataclass(frozen=True)
class OwnSet:
    """A set of one's own, chosen for an application.

    Parameters
    ----------
    application : str
    source : str or Path
        As `load` takes it.
    names : tuple of str, optional
        Its labels; None for a public set, which has the labels of the built-in one.
    """

    application: str
    source: str | Path
    names: tuple[str, ...] | None

    @property
    def title(self) -> str:
        """The name of the folder."""
        return Path(self.source).name

    @property
    def key(self) -> str:
        """The name under which its models and its ledger are kept, an identifier."""
        plain = re.sub(r"\W+", "_", self.title.lower(), flags=re.ASCII).strip("_")
        return f"{self.application}_{plain or 'own'}"


def choose(
    application: str,
    folder: str | Path | None,
    labels: Sequence[str] | None,
    has_own_labels: bool,
) -> None:
    """Remember what `tinylab.data.use` is told, and say what it is."""
    if folder is None:
        _chosen.pop(application, None)
        sentences = [f"{application}: the built-in set."]
    else:
        _chosen[application], sentences = _look(application, folder, labels, has_own_labels)
    _said.clear()
    print("\n".join(sentences))


def own_set(application: str) -> OwnSet | None:
    """The set that `use` has chosen; None for the built-in one."""
    return _chosen.get(application)


def file_name(application: str, name: str) -> str:
    """A name for a file in the work folder that no two sets share."""
    own = own_set(application)
    return f"{own.key}_{name}" if own else name


def aside(application: str, why: str) -> None:
    """Say, once, what cannot be served by a set of one's own; nothing with the built-in set."""
    if own_set(application):
        say(f"Your own set is left aside here: {why}.")


@contextmanager
def built_in(application: str, why: str) -> Iterator[None]:
    """Inside the block the built-in set and its models are used; says so if another was chosen."""
    aside(application, why)
    kept = _chosen.pop(application, None)
    try:
        yield
    finally:
        if kept is not None:
            _chosen[application] = kept


def say(sentence: str) -> None:
    """Print a sentence, the first time."""
    if sentence not in _said:
        _said.add(sentence)
        print(sentence)


def say_if_fewer(own: OwnSet, split: str, asked: int | None, there: dict[str, int]) -> None:
    """Say that labels have fewer examples than were asked for."""
    few = {name: count for name, count in there.items() if asked is not None and count < asked}
    if few:
        counted = ", ".join(f"{count} of {name}" for name, count in few.items())
        say(
            f"{own.title}, {split}: asked for {asked} of each label, there are {counted}; "
            "all of these are used."
        )


def _look(
    application: str, source: str | Path, labels: Sequence[str] | None, has_own_labels: bool
) -> tuple[OwnSet, list[str]]:
    """The set, and what there is to say of it."""
    from tinylab.data.own import files

    if not has_own_labels:
        if labels is not None:
            raise ValueError(f"{source} is a public set: its labels cannot be chosen")
        own = OwnSet(application, source, None)
        return own, [f"{application}: the public set in {source}.", _kept(own)]
    suffixes = files.PICTURES if application == "visual_wake_words" else files.SOUNDS
    listed = files.list_files(source, suffixes).only(labels)
    own = OwnSet(application, source, listed.names)
    sentences = [f"{application}: your own set {own.title} with {', '.join(own.names)}:"]
    sentences[0] += " " + ", ".join(_counts(application, listed)) + "."
    if not listed.is_grouped:
        sentences.append(
            "No names of speakers, scenes or days were found (NAME_1, NAME_2), so it was split file"
            " by file: test and training may share them, and the figures flatter."
        )
    if application == "visual_wake_words" and len(own.names) != _BINARY:
        raise ValueError(
            f"these classes tell two labels apart, and {source} has {len(own.names)}: choose two, "
            f"labels={list(own.names[:_BINARY])}"
        )
    if application == "anomaly_detection" and NORMAL not in own.names:
        raise ValueError(f"these classes learn from healthy machines: keep the label {NORMAL!r}")
    if application == "keyword_spotting" and not {"silence", "unknown"} & set(own.names):
        sentences.append(
            "It has no folder silence and none unknown: every sound is answered with one of your"
            " words, and a detector fires for anything."
        )
    return own, [*sentences, _kept(own)]


def _kept(own: OwnSet) -> str:
    return f"Models and ledger are kept as {own.key}."


def _counts(application: str, listed) -> list[str]:
    """ "90 to train on", "30 to validate", "30 to test"; what is too few is refused."""
    normal_alone = "train" if application == "anomaly_detection" else None
    counts = []
    for split, what in (("train", "train on"), ("validation", "validate"), ("test", "test")):
        files = (listed.splits == split).nonzero()[0] if split == normal_alone else listed.of(split)
        counts.append(f"{len(files)} files to {what}")
    return counts
