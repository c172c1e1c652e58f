"""Examples come in: built-in and public data sets and your own folders as arrays with labels."""

from collections.abc import Sequence
from pathlib import Path

from tinylab.data.own.chosen import (
    APPLICATIONS,
    PUBLIC,
    aside,
    built_in,
    choose,
    file_name,
    own_set,
)

__all__ = ["aside", "built_in", "file_name", "folder", "own_set", "use"]


def folder(path: str | Path, split: str, **options):
    """Examples from a folder of your own, `path/LABEL/FILE`, in the form of the built-in ones.

    Sounds may have any rate and length: clips are the loudest second of each, at 16 kHz. Pictures
    may have any size: the middle square, scaled to 96 pixels. Files whose names begin alike
    (`anna_1.wav`, `anna_2.wav`) come from one speaker, scene or day, and stay in one split; so do
    `path/train/LABEL/FILE` and the like. Without such folders a fifth of the groups is for testing
    and a fifth for validation.

    Parameters
    ----------
    path : path
        With a folder for each of at least two labels. A folder `normal` and folders of faults are
        sounds of a machine.
    split : str
        "train", "validation" or "test".
    **options
        As for `speech.load` (`words`, `per_class`, `seed`), `people.load` (`limit`, `seed`,
        `camera`) or `machines.load` (`machine`, `limit`, `seed`).

    Returns
    -------
    SpeechClips, Pictures or MachineRecordings
        Their `names` say what the labels stand for.

    Raises
    ------
    FileNotFoundError
        There is no such folder, or no file in it.
    ValueError
        A file cannot be read, or the folder has too little for the split.
    """
    from tinylab.data.own import files, machine_sounds

    if files.kind_of(path) == "pictures":
        from tinylab.data import people

        return people.load(split, source=path, **options)
    if machine_sounds.is_own(path):
        from tinylab.data import machines

        return machines.load(split, source=path, **options)
    from tinylab.data import speech

    return speech.load(split, source=path, **options)


def use(
    application: str, folder: str | Path | None = None, *, labels: Sequence[str] | None = None
) -> None:
    """Choose the examples of an application for this kernel, and say what was chosen.

    Parameters
    ----------
    application : str
        "keyword_spotting", "visual_wake_words" or "anomaly_detection".
    folder : str or Path, optional
        A folder of your own, see `tinylab.data.folder`; or a public set that was fetched, by name
        or folder. None: the built-in set.
    labels : sequence of str, optional
        Only these folders of it.

    Raises
    ------
    ValueError
        There is no such application, or the folder has too little for it.
    FileNotFoundError
        There is no such folder, or nothing in it.
    """
    if application not in APPLICATIONS:
        raise ValueError(f"application must be one of {', '.join(APPLICATIONS)}: {application!r}")
    public = folder is not None and str(folder) == PUBLIC[application]
    if folder is not None and not public and not Path(folder).is_dir():
        raise FileNotFoundError(f"there is no folder {folder}: pass one that holds your own set")
    has_own_labels = folder is not None and not public and _has_own_labels(application, folder)
    if folder is not None and not public:
        folder = Path(folder).resolve()  # the notebook may change its folder
    choose(application, folder, labels, has_own_labels)


def _has_own_labels(application: str, folder: str | Path) -> bool:
    """Whether the labels are its folders' names: not of the public set's form."""
    from tinylab.data.own import machine_sounds
    from tinylab.data.published import dcase, speech_commands, visual_wake_words

    if application == "keyword_spotting":
        return not speech_commands.is_copy(folder)
    if application == "visual_wake_words":
        return visual_wake_words.is_own(folder)
    if machine_sounds.is_own(folder):
        return True
    try:
        dcase.folder(folder)
    except FileNotFoundError as error:
        raise ValueError(
            f"{folder} needs a folder {machine_sounds.NORMAL!r} with the sound of healthy machines"
            " and one for each fault"
        ) from error
    return False
