"""Probes: the judges of an exercise, in the grader's process, against a stand-in for the answer.

In: an exercise and a kernel that holds a student's function. Out: a verdict for each point. Every
call sends fresh copies of inputs drawn from a seed the student cannot know, and only data comes
back; what is expected is worked out here and never enters the kernel.
"""

import hashlib
import hmac
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.course.answers.exercise import Exercise, Mistake, Point
from tinylab.grading.rules.result import PointResult
from tinylab.grading.sandbox.kernel import SandboxedKernel
from tinylab.grading.sandbox.outcomes import KernelLost

__all__ = ["StandIn", "Verdict", "judge", "seed_of", "shuffled"]

FULL = ("MemoryError", "[Errno 24]", "[Errno 28]", "[Errno 11]", "can't start new thread")


def seed_of(key: bytes | None, code: str, exercise_id: str) -> int:
    """The seed of an exercise's inputs, the same whenever this code is graded for this student.

    `code` is the answer and all it may use, without comments and layout: saving a notebook again
    draws no other inputs. Without a key the seed is 0: the inputs of the check cell, which a
    student may know.
    """
    if key is None:
        return 0
    message = f"{hashlib.sha256(code.encode('utf-8', 'replace')).hexdigest()}\n{exercise_id}"
    return int.from_bytes(hmac.new(key, message.encode(), hashlib.sha256).digest()[:16], "big")


def shuffled(points: Sequence[Point], seed: int) -> list[Point]:
    """The points in an order that the seed chooses."""
    order = np.random.default_rng([1, seed]).permutation(len(points))
    return [points[i] for i in order]


@dataclass(frozen=True)
class Verdict:
    """A point's result, and whether it was lost to an answer that is missing or a stub."""

    point: PointResult
    missing: bool = False
    unanswered: bool = False
    full: bool = False


class StandIn:
    """A student's function as a judge sees it: called here, run in the sandbox.

    Parameters
    ----------
    kernel : SandboxedKernel
        Where the function is.
    function : str
        Its name.
    forbidden : sequence of str
        Dotted names it may not call.
    """

    def __init__(self, kernel: SandboxedKernel, function: str, forbidden: Sequence[str] = ()):
        self._kernel, self._function, self._forbidden = kernel, function, forbidden
        self.missing = self.full = False

    def __call__(self, *args, **kwargs):
        kernel = self._kernel
        kernel.allow(kernel.limits.probe_s)
        got = kernel.call(self._function, args, kwargs, self._forbidden)
        if got.outcome == "missing":
            self.missing = True
            raise Mistake(f"the cell does not define a function {self._function}.")
        if got.outcome == "unfit":
            raise Mistake(got.text)
        if got.outcome == "raised":
            if got.name == "NotImplementedError":
                raise NotImplementedError
            self.full |= any(mark in f"{got.name} {got.text}" for mark in FULL)
            raise Mistake(f"your function raised {got.name}: {got.text}")
        if got.value is None:
            raise Mistake("your function returned None: is a return missing?")
        return got.value


def judge(exercise: Exercise, point: Point, stand_in: StandIn, seed: int) -> Verdict:
    """The verdict on one point.

    Raises
    ------
    KernelLost
        If the kernel died, or ran out of time or into a limit.
    """
    rng = np.random.default_rng([zlib.crc32(f"{exercise.id}: {point.name}".encode()), seed])
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            point.judge(stand_in, rng)
    except KernelLost:
        raise
    except NotImplementedError:
        return _lost(point, "not answered yet.", unanswered=True)
    except Mistake as mistake:
        return _lost(point, str(mistake), missing=stand_in.missing, full=stand_in.full)
    except Exception as error:  # the judge stumbled over what the answer returned
        return _lost(
            point,
            f"the result could not be read ({type(error).__name__}); "
            "compare what you return with the docstring.",
        )
    return Verdict(PointResult(point.name, True))


def _lost(point: Point, message: str, **how: bool) -> Verdict:
    """A point that was not earned; the message without what a kernel may have put into it."""
    shown = "".join(c if c.isprintable() else " " for c in message)
    return Verdict(PointResult(point.name, False, shown[:600]), **how)
