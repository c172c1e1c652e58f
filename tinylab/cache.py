"""Measurements that take seconds, kept in the learner's work folder and found by their inputs."""

import dataclasses
import hashlib
import json
import warnings
from collections.abc import Callable, Iterable
from typing import TypeVar

import cattrs
import numpy as np

from tinylab import paths
from tinylab.files import replacing

__all__ = ["fingerprint", "read_results", "remembered"]

Result = TypeVar("Result")

_CONVERTER = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)


def _as_it_is(value: object, kind: type) -> object:
    """Numbers and strings are never turned into one another; a whole number is a float, too."""
    if type(value) is kind or (kind is float and type(value) is int):
        return kind(value)
    raise TypeError(f"{value!r} is not of type {kind.__name__}")


for _kind in (bool, int, float, str):
    _CONVERTER.register_structure_hook(_kind, _as_it_is)


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


def read_results(stored: object, kind: type[Result]) -> Result:
    """Rebuild a dataclass of results from what `dataclasses.asdict` and JSON made of it.

    Parameters
    ----------
    stored : dict
        Plain data, as `json.loads` gives it.
    kind : type
        A dataclass of numbers, strings, tuples and further dataclasses.

    Raises
    ------
    ValueError
        The data do not fit: a field is missing, unknown or of another type.
    """
    try:
        return _CONVERTER.structure(stored, kind)
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        cattrs.ForbiddenExtraKeysError,
    ) as error:
        raise ValueError(f"these are no {kind.__name__}: {error}") from error


def remembered(name: str, measure: Callable[[], Result], kind: type[Result]) -> Result:
    """Return the measurement kept under `name`, or measure it now and keep it.

    Parameters
    ----------
    name : str
        What it is, and the `fingerprint` of its inputs; a file name.
    measure : callable
        Makes the result: a dataclass of plain numbers, strings and tuples.
    kind : type
        The dataclass that `measure` returns. Where the file does not hold one, it is damaged or of
        an older form, and `measure` is called. Where it cannot be written, a warning says so.
    """
    path = paths.work_dir() / "sweeps" / f"{name}.json"
    try:
        return read_results(json.loads(path.read_text(encoding="utf-8")), kind)
    except (OSError, ValueError):
        result = measure()
    try:
        with replacing(path) as temporary:
            temporary.write_text(json.dumps(dataclasses.asdict(result)), encoding="utf-8")
    except OSError as error:
        warnings.warn(f"the result is not kept, and measured anew next time: {error}", stacklevel=2)
    return result
