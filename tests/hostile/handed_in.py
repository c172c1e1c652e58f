"""Cases that are files: what a student hands in, and helpers that damage a right notebook."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.hostile_case import Hostile

EXERCISES = ("weight_bytes", "convolution_macs", "inference_energy_uJ", "battery_days")
MAXIMA = {
    "weight_bytes": 3,
    "convolution_macs": 2,
    "inference_energy_uJ": 2,
    "battery_days": 2,
    "questions_start": 3,
}


@dataclass(frozen=True)
class HandedIn(Hostile):
    """A student's folder, and what must become of it.

    Attributes
    ----------
    write : callable (folder, notebook) -> None
        Writes the files, given a notebook with every answer right.
    status : str
        Of the last handin.
    lost : tuple of str
        Exercises that must earn nothing; the others must earn all. Ignored where nothing is graded.
    without : tuple of str
        Flags the last hand-in must not have.
    at_once : bool
        Whether refusing it may take no more than a notebook that is run.
    """

    write: Callable[[Path, dict], None]
    status: str = "graded"
    lost: tuple = ()
    without: tuple = ("needs_review",)
    at_once: bool = False


def edited(change: Callable[[dict], dict | None]) -> Callable[[Path, dict], None]:
    """A folder with one notebook, changed."""

    def write(folder: Path, notebook: dict) -> None:
        notebook = copy.deepcopy(notebook)
        save(folder / "work.ipynb", change(notebook) or notebook)

    return write


def raw(make: Callable[[bytes], bytes]) -> Callable[[Path, dict], None]:
    """A folder with one file, made of the bytes of a right notebook."""
    return lambda folder, notebook: (
        (folder / "work.ipynb").write_bytes(make(dumped(notebook))) and None
    )


def save(path: Path, notebook) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(dumped(notebook))


def dumped(notebook) -> bytes:
    return json.dumps(notebook).encode()


def answer(notebook: dict, exercise: str) -> dict:
    """The answer cell of an exercise."""
    return next(c for c in notebook["cells"] if c["metadata"].get("exercise") == exercise)


def check(notebook: dict, exercise: str) -> dict:
    """The check cell of an exercise."""
    return next(c for c in notebook["cells"] if f'check("{exercise}"' in c["source"])


def own(source: str, **more) -> dict:
    """A code cell of the student's own."""
    plain = {"cell_type": "code", "id": "own-cell", "metadata": {}, "source": source}
    return {**plain, "outputs": [], "execution_count": None, **more}


def place(notebook: dict, cell: dict) -> int:
    """Where a cell stands."""
    return next(i for i, one in enumerate(notebook["cells"]) if one is cell)


WRONG = "def weight_bytes(parameters, bits):\n    return -0.5"
STUB = (
    "def weight_bytes(parameters, bits):\n"
    '    """Bytes of flash for a model\'s weights."""\n'
    '    raise NotImplementedError("weight_bytes")'
)
