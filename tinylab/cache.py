"""Measurements that take seconds, kept in the learner's work folder and found by their inputs."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np

from tinylab import paths
from tinylab.files import replacing

__all__ = ["fingerprint", "remembered"]

Result = TypeVar("Result")


def fingerprint(arrays: Iterable[np.ndarray], options: object) -> str:
    """Name of a set of inputs: 20 hexadecimal digits of the SHA-256 of arrays and options.

    Parameters
    ----------
    arrays : iterable of arrays
        Weights and examples; shape, dtype and content count.
    options : anything whose `repr` is the same whenever the options are
        Numbers, strings, tuples and dicts of them; the model's architecture as JSON.
    """
    digest = hashlib.sha256(repr(options).encode())
    for array in arrays:
        array = np.ascontiguousarray(array)
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()[:20]


def remembered(
    name: str, measure: Callable[[], Result], restore: Callable[[dict], Result]
) -> Result:
    """Return the measurement kept under `name`, or measure it now and keep it.

    Parameters
    ----------
    name : str
        What it is, and the `fingerprint` of its inputs; a file name.
    measure : callable
        Makes the result: a dataclass of plain numbers, strings and tuples.
    restore : callable
        Makes the result from the dict that `dataclasses.asdict` gave, as JSON keeps it. Where it
        fails, the file is damaged or of an older form, and `measure` is called.
    """
    path = paths.work_dir() / "sweeps" / f"{name}.json"
    try:
        return restore(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        result = measure()
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(dataclasses.asdict(result)), encoding="utf-8")
    return result
