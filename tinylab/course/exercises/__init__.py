'''The exercises of every notebook: what each asks, and how its points are judged.

A guide for authors
-------------------
An exercise is a function the learner writes. It lives in two places.

**1. The source notebook**, ``notebooks/source/01_keyword_spotting/2_compress.py``. The first code
cell holds imports and nothing else. An exercise is three cells, each a mark of its own::

    # %% exercise="seconds_of"
    def seconds_of(samples, rate_Hz):
        """How long a recording is.

        samples : int, its number of samples; rate_Hz : float > 0
        Returns seconds, a float. Example: seconds_of(8000, 16000.0) is 0.5.
        """
        # solution
        return samples / rate_Hz
        # end solution

    # %% [markdown]
    # <details><summary>Hint</summary>
    #
    # The rate counts samples for each second.
    #
    # </details>

    # %%
    # NBVAL_CHECK_OUTPUT
    check("seconds_of", seconds_of)

- The exercise cell holds function definitions only, each with a docstring that gives shapes, units
  and an example. It uses builtins and names of the imports cell, nothing else, so that it can be
  run alone. Lines outside the region stay in the student's notebook; the region becomes
  ``raise NotImplementedError("affine_quantize")``.
- Everything after the check cell uses the library's own version, never the learner's function:
  *Run All* must reach the end with every exercise unanswered.
- Calculations with a number for an answer are functions too: ``def battery_days(capacity_mAh,
...)``.

**2. This package**, a module or two a notebook (``keyword_spotting/compress.py``), each with a
tuple
``EXERCISES``. A point's judge takes the answer and a random generator, calls the answer with plain
data (numbers, strings, numpy arrays; lists, tuples and dicts of them), gets plain data back, and
raises `Mistake` with one sentence that names the likely mistake, unless it is right. No callables,
models or other objects cross, in either direction: the same judge runs outside the learner's kernel
when a teacher grades, against a stand-in for the function. Rules:

- Call the answer first; work out what is expected after it returned, with a formula of your own.
  Never import the library's version of the function to judge by.
- Draw inputs from ``rng`` (a teacher's seed differs from the check cell's); add edge cases (empty,
  one element, zeros, extremes) and properties (a round trip, an order, a sum), so that answers made
  to fit the example fail.
- `expect_close(got, right, otherwise=..., likely={sentence: wrong value})` names a mistake by the
  value it gives. Avoid inputs for which a reasonable answer may differ (rounding of exact halves).
- Judges are quick (all points of an exercise in well under a second) and import neither Keras nor
  TensorFlow, nor anything slow. They call the answer a hundred times at most: when a teacher
  grades, each call is a message to another process and takes some milliseconds.
- Exceptions and None returned by the answer need no care: they become sentences by themselves.
- Where a function of the library would be the answer, ``Exercise(..., forbidden=("dotted.name",))``
  names it, in the module that defines it and in those that offer it again; the docstring in the
  notebook says so ("Write it yourself: quantize.sqnr_dB may not be called."), the grader enforces
  it.

``tests/course/wrong_answers/keyword_spotting/compress.py`` holds three or more wrong answers to
every exercise, marked ``@wrong_answer("affine_quantize", says="a fragment of the message")``: the
mistakes learners really make. A test proves that each loses points and that the message names it.

`tinylab build NAME` writes the notebooks; `pytest tests/course` judges solutions and wrong answers.
'''

import difflib
import importlib
import pkgutil
from functools import cache
from types import ModuleType

from tinylab.course.exercises.exercise import Exercise

__all__ = ["all_exercises", "find"]


def find(exercise_id: str) -> Exercise:
    """The exercise of that id; a ValueError with the nearest ids if there is none."""
    exercises = all_exercises()
    if exercise_id in exercises:
        return exercises[exercise_id]
    near = difflib.get_close_matches(str(exercise_id), exercises, n=3) or sorted(exercises)
    raise ValueError(f"there is no exercise {exercise_id!r}; there are: {', '.join(near)}")


@cache
def all_exercises() -> dict[str, Exercise]:
    """Every exercise by id; a ValueError if two modules use one id."""
    exercises: dict[str, Exercise] = {}
    for module in _modules():
        for exercise in module.EXERCISES:
            if exercise.id in exercises:
                raise ValueError(f"exercise {exercise.id!r} is defined twice: {module.__name__}")
            exercises[exercise.id] = exercise
    return exercises


def _modules() -> list[ModuleType]:
    """The modules that hold exercises, in the order of their names."""
    names = [info.name for info in pkgutil.walk_packages(__path__, f"{__name__}.")]
    modules = [importlib.import_module(name) for name in sorted(names)]
    return [module for module in modules if hasattr(module, "EXERCISES")]
