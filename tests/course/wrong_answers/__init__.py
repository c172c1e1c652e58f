"""Wrong answers to the exercises: the mistakes learners really make, a module a notebook.

In: functions marked with `wrong_answer`. Out: all of them, by the exercise that they fail.
"""

import importlib
import pkgutil
from collections.abc import Callable

__all__ = ["wrong_answer", "wrong_answers"]


def wrong_answer(exercise_id: str, says: str) -> Callable[[Callable], Callable]:
    """Mark a function as a wrong answer to an exercise, whose check must say `says` somewhere."""

    def mark(function: Callable) -> Callable:
        function.wrong_answer_to = exercise_id
        function.says = says
        return function

    return mark


def wrong_answers() -> dict[str, list[Callable]]:
    """The marked wrong answers by the id of the exercise they fail."""
    marked: dict[str, list[Callable]] = {}
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if hasattr(value, "wrong_answer_to"):
                marked.setdefault(value.wrong_answer_to, []).append(value)
    return marked
