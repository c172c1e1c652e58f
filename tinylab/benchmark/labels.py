"""The layout of MLPerf Tiny's runner: `y_labels.csv` beside the `.bin` files that it names.

A line is `file,classes,class`, for anomaly detection also the bytes of a window and the bytes from
one window to the next; there is no header. Only what the file names counts: the runner's folders
hold more `.bin` files than labels.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinylab.benchmark.rules import Task
from tinylab.files import replacing

__all__ = ["DataFolder", "LabelledFile", "open_folder", "read_labels", "write_folder"]

LABELS_FILE = "y_labels.csv"
OTHER_LABELS_FILE = "y_labels_alt.csv"  # the shorter list for machine sound, allowed since v1.2
AD_WINDOW = (2560, 512)  # bytes: five frames of 128 float32, and one frame on


@dataclass(frozen=True)
class LabelledFile:
    """One line of `y_labels.csv`."""

    name: str
    classes: int
    label: int


@dataclass(frozen=True)
class DataFolder:
    """A data set that was looked through.

    Attributes
    ----------
    path : Path
    labels_file : str
        Which of the lists was read: `y_labels.csv`, else `y_labels_alt.csv`.
    files : tuple of LabelledFile
    unlabelled : int
        `.bin` files beside them that no line names; they do not count.
    """

    path: Path
    labels_file: str
    files: tuple[LabelledFile, ...]
    unlabelled: int

    @property
    def labels(self) -> np.ndarray:
        """int64 array (files,)."""
        return np.array([one.label for one in self.files], np.int64)


def open_folder(path: str | Path, task: Task) -> DataFolder:
    """Read the labels of a data set, and check that every file named is there.

    Parameters
    ----------
    path : path
        The benchmark's own folder, or the runner's folder of all data sets.
    task : Task

    Raises
    ------
    FileNotFoundError
        There is no `y_labels.csv`, or files that it names are missing.
    ValueError
        A line that cannot be read; see `read_labels`.
    """
    folder = Path(path)
    if _labels_of(folder) is None and (folder / task.folder).is_dir():
        folder = folder / task.folder
    labels = _labels_of(folder)
    if labels is None:
        raise FileNotFoundError(
            f"{folder} holds no {LABELS_FILE}: pass the folder {task.folder} of the benchmark's"
            " runner, or the one that it lies in"
        )
    files = read_labels(labels, task)
    missing = [one.name for one in files if not (folder / one.name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"{len(missing)} of {len(files)} files that {labels.name} names are not in {folder},"
            f" {missing[0]} among them: copy them there, or take their lines out"
        )
    named = {one.name for one in files}
    unlabelled = sum(one.name not in named for one in folder.glob("*.bin"))
    return DataFolder(folder, labels.name, files, unlabelled)


def _labels_of(folder: Path) -> Path | None:
    """The list of labels in a folder, None if there is none."""
    lists = (folder / name for name in (LABELS_FILE, OTHER_LABELS_FILE))
    return next((one for one in lists if one.is_file()), None)


def read_labels(path: str | Path, task: Task) -> tuple[LabelledFile, ...]:
    """The lines of a `y_labels.csv`.

    Raises
    ------
    ValueError
        An empty file, a line with another number of fields, a class out of range, a file named
        twice or outside the folder, or windows of another size than the benchmark's.
    """
    with Path(path).open(newline="", encoding="utf-8-sig") as stream:
        rows = [(number, row) for number, row in enumerate(csv.reader(stream), 1) if row]
    if not rows:
        raise ValueError(f"{path} is empty: a line is file,classes,class")
    files = tuple(_line(f"line {number} of {path}", row, task) for number, row in rows)
    names = [one.name for one in files]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{path} names {twice} twice: it would count twice")
    return files


def _line(where: str, row: Sequence[str], task: Task) -> LabelledFile:
    fields = 5 if task.id == "ad" else 3
    if len(row) != fields:
        raise ValueError(f"{where} has {len(row)} fields, not the {fields} of {task.title}")
    name, *numbers = (field.strip() for field in row)
    try:
        classes, label, *window = map(int, numbers)
    except ValueError:
        raise ValueError(f"{where} holds {', '.join(numbers)}, which are no numbers") from None
    if not 0 <= label < classes:
        raise ValueError(f"{where} says class {label} of {classes}: classes count from 0")
    if Path(name).name != name:
        raise ValueError(f"{where} names {name!r}, which is not a file of this folder")
    if window and tuple(window) != AD_WINDOW:
        raise ValueError(f"{where} asks for windows {window}, not {list(AD_WINDOW)} bytes")
    return LabelledFile(name, classes, label)


def write_folder(
    path: str | Path, task: Task, examples: Sequence[np.ndarray], labels: Sequence[int]
) -> DataFolder:
    """Write examples in the runner's layout.

    Parameters
    ----------
    path : path
        A folder, made if it is not there; one that holds labels already is refused.
    task : Task
    examples : sequence of array, each of `task.file_shape` and `task.file_dtype`
    labels : sequence of int

    Raises
    ------
    FileExistsError
        The folder holds a data set.
    ValueError
        As many labels as examples are needed, and the benchmark's shape and dtype.
    """
    folder, dtype = Path(path), np.dtype(task.file_dtype)
    if (folder / LABELS_FILE).exists():
        raise FileExistsError(f"{folder} holds a data set already: pass another folder")
    arrays = [np.asarray(one) for one in examples]
    if len(arrays) != len(labels) or not arrays:
        raise ValueError(f"pass a label for each example, not {len(labels)} for {len(arrays)}")
    wrong = [one for one in arrays if one.shape != task.file_shape or one.dtype != dtype]
    if wrong:
        raise ValueError(
            f"an example of {task.id} is {dtype} of shape {task.file_shape},"
            f" not {wrong[0].dtype} of shape {wrong[0].shape}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    classes = 2 if task.id == "ad" else max(task.outputs)
    tail = ",".join(map(str, ("", *AD_WINDOW))) if task.id == "ad" else ""
    lines = []
    for number, (example, label) in enumerate(zip(arrays, labels, strict=True)):
        name = f"tst_{number:06d}_{int(label)}.bin"
        (folder / name).write_bytes(np.ascontiguousarray(example).tobytes())
        lines.append(f"{name},{classes},{int(label)}{tail}\n")
    with replacing(folder / LABELS_FILE) as temporary:
        temporary.write_text("".join(lines), encoding="utf-8")
    return open_folder(folder, task)
