"""Wrong answers to the exercises: the mistakes learners really make, a module a notebook.

In: functions marked with `wrong_answer`. Out: all of them, by the exercise that they fail.
"""

import importlib
import pkgutil
from collections.abc import Callable

__all__ = ["wrong_answer", "wrong_answers", "wrong_choices"]


def wrong_answer(exercise_id: str, says: str) -> Callable[[Callable], Callable]:
    """Mark a function as a wrong answer to an exercise, whose check must say `says` somewhere."""

    def mark(function: Callable) -> Callable:
        function.wrong_answer_to = exercise_id
        function.says = says
        return function

    return mark


def wrong_choices(exercise_id: str, says: dict[str, str]) -> tuple[Callable, ...]:
    """Wrong answers to concept questions: by the letters that are given, what the check says."""

    def choosing(letters: str) -> Callable:
        def answer():
            return letters

        answer.__name__ = f"chooses_{letters}"
        return wrong_answer(exercise_id, says[letters])(answer)

    return tuple(map(choosing, says))


def wrong_answers() -> dict[str, list[Callable]]:
    """The marked wrong answers by the id of the exercise they fail."""
    marked: dict[str, list[Callable]] = {}
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            for answer in value if isinstance(value, tuple) else (value,):
                if hasattr(answer, "wrong_answer_to"):
                    marked.setdefault(answer.wrong_answer_to, []).append(answer)
    return marked
