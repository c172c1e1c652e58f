"""The exercises of every notebook: what each asks, and how its points are judged.

An exercise is three cells of a source notebook, a module here with a tuple `EXERCISES`, and wrong
answers in tests/course/wrong_answers. CONTRIBUTING.md says how to write one.
"""

import difflib
import importlib
import pkgutil
from functools import cache
from types import ModuleType

from tinylab.course.answers.exercise import Exercise

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
