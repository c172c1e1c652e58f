"""The check cell: tries a learner's function and prints how many points it earns.

In: an exercise id and the learner's function. Out: one stable line, and for every point that was
lost a sentence that names the likely mistake. The answer only ever sees copies, and what it
prints or raises is caught, so a check never stops *Run All*.
"""

import contextlib
import copy
import io
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinylab.course.answers.exercise import Exercise, Mistake, Point
from tinylab.course.answers.plain_data import LIMIT_BYTES, NotPlain, decode, encode
from tinylab.course.history import executed_cells, is_superseded

__all__ = ["Score", "check", "score"]

STALE = (
    "  But this is an older function: the cell was run again since, and did not define it. Mistyped"
    " name, or an error in the cell? What counts is the text in the cell."
)


@dataclass(frozen=True)
class Score:
    """What an answer earned: points, the most there were, and a sentence for every point lost."""

    exercise_id: str
    points: int
    maximum: int
    answered: bool
    mistakes: tuple[str, ...]

    def __str__(self) -> str:
        if not self.answered:
            return f"{self.exercise_id}: not answered (0 of {self.maximum} points)"
        line = f"{self.exercise_id}: {self.points} of {self.maximum} points"
        return "\n".join([line, *(f"  - {mistake}" for mistake in self.mistakes)])


def check(exercise_id: str, answer: Callable) -> None:
    """Print what `answer`, the learner's function for an exercise, earns.

    Parameters
    ----------
    exercise_id : str
        The id of the exercise, e.g. ``"affine_quantize"``.
    answer : callable
        The function itself, not the result of calling it.
    """
    from tinylab.course.exercises import find

    print(score(find(exercise_id), answer))
    if is_superseded(answer, executed_cells()):
        print(STALE)


def score(exercise: Exercise, answer: Callable, seed: int = 0) -> Score:
    """Judge an answer point by point, without printing.

    Parameters
    ----------
    exercise : Exercise
        What was asked.
    answer : callable
        The learner's function, or a stand-in that calls it elsewhere: points exchange only plain
        data with it.
    seed : int
        Chooses the random inputs; the check cell uses 0.
    """
    verdicts = [_verdict(exercise, point, answer, seed) for point in exercise.points]
    answered = any(verdict is not NotImplemented for verdict in verdicts)
    mistakes = tuple(
        f"{point.name}: {verdict if isinstance(verdict, str) else 'not answered yet.'}"
        for point, verdict in zip(exercise.points, verdicts)
        if verdict is not None
    )
    return Score(
        exercise_id=exercise.id,
        points=len(verdicts) - len(mistakes),
        maximum=len(verdicts),
        answered=answered,
        mistakes=mistakes if answered else (),
    )


def _verdict(exercise: Exercise, point: Point, answer: Callable, seed: int):
    """None for a point that was earned, else the sentence, or NotImplemented for a stub."""
    key = zlib.crc32(f"{exercise.id}: {point.name}".encode())
    try:
        point.judge(_Answer(answer), np.random.default_rng([key, seed]))
    except Mistake as mistake:
        return str(mistake)
    except NotImplementedError:
        return NotImplemented
    except Exception as error:  # the judge stumbled over what the answer returned
        return (
            f"the result could not be read ({type(error).__name__}: {error}); "
            "compare what you return with the docstring."
        )
    return None


class _Answer:
    """The learner's function as a point sees it: quiet, on copies, errors turned to sentences."""

    def __init__(self, function: Callable):
        self._function = function

    def __call__(self, *args, **kwargs):
        if not callable(self._function):
            raise Mistake("pass the function itself to check(), without calling it.")
        called_with = _call_text(args, kwargs)
        args, kwargs = copy.deepcopy((args, kwargs))
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")
                result = self._function(*args, **kwargs)
        except NotImplementedError:
            raise
        except (Exception, SystemExit) as error:
            raise Mistake(
                f"your function raised {type(error).__name__}: {error} (called with {called_with})."
            ) from error
        if result is None:
            raise Mistake(
                f"your function returned None (called with {called_with}): is a return missing?"
            )
        return _as_graded(result)


def _as_graded(result):
    """The result as grading sees it: plain data that could go to another process."""
    try:
        return decode(encode(result, LIMIT_BYTES), LIMIT_BYTES)
    except NotPlain as error:
        raise Mistake(str(error)) from error


def _call_text(args: tuple, kwargs: dict) -> str:
    """The arguments of a call in a few words."""
    words = [_short(value) for value in args]
    words += [f"{name}={_short(value)}" for name, value in kwargs.items()]
    return ", ".join(words) or "no arguments"


def _short(value) -> str:
    """One argument in a few words: arrays by shape and type, the rest by its text, cut at 60."""
    if isinstance(value, np.ndarray) and value.size > 6:
        return f"{value.dtype} array of shape {value.shape}"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
