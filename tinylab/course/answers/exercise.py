"""What an exercise is: an id, a title and points, each a function that judges an answer.

In: nothing but plain data. Out: `Exercise`, `Point`, `Mistake`, which the in-notebook check, the
verifier test and (outside the learner's kernel) a grader all read.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["Exercise", "Mistake", "Point"]


class Mistake(Exception):
    """What is wrong with an answer, as one sentence that names the likely mistake."""


@dataclass(frozen=True)
class Point:
    """One point of an exercise.

    Attributes
    ----------
    name : str
        What the point rewards, in a few words: "rounds to the nearest step".
    judge : callable (answer, rng) -> None
        Calls `answer` with plain data (numbers, strings, numpy arrays, and tuples, lists or dicts
        of them), gets plain data back, and raises `Mistake` unless it is right. Random inputs
        come from `rng` alone.
    """

    name: str
    judge: Callable[[Callable, np.random.Generator], None]


@dataclass(frozen=True)
class Exercise:
    """A function for the learner to write, and the points it can earn.

    Attributes
    ----------
    id, title : str
        A Python identifier, and a few words for people.
    points : tuple of Point
        What it can earn.
    forbidden : tuple of str
        Dotted names the answer may not call, because they would be the answer:
        "tinylab.compress.quantization.quantize.quantize". The exercise's text says so, the grader
        enforces it.
    """

    id: str
    title: str
    points: tuple[Point, ...]
    forbidden: tuple[str, ...] = ()

    def __post_init__(self):
        if not self.id.isidentifier():
            raise ValueError(f"exercise id {self.id!r} must be a Python identifier")
        names = [point.name for point in self.points]
        if not names or len(set(names)) != len(names):
            raise ValueError(f"exercise {self.id} needs one or more points with names of their own")
        if not all("." in name for name in self.forbidden):
            raise ValueError(f"exercise {self.id}: forbidden names are dotted: package.function")
