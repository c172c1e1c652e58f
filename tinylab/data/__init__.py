"""Examples come in: built-in and public data sets and your own folders as arrays with labels."""

from pathlib import Path

__all__ = ["folder"]


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
