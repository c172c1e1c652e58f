"""Why an answer that runs in the student's notebook does not run in grading, in words she can use.

In: what a cell or a call raised. Out: the same sentence with its cause: a module that is missing
here, a newer Python, a variable of another cell, a helper cell that failed.
"""

import re
import sys
from collections.abc import Mapping, Sequence

from tinylab.grading.one.names import bound_names
from tinylab.grading.rules.result import Assignment, ParsedHandIn
from tinylab.grading.sandbox.outcomes import CellOutcome

__all__ = ["Reasons"]

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
NAME = re.compile(r"NameError: name '(\w+)' is not defined")
MODULE = re.compile(r"(?:ModuleNotFoundError|ImportError)[^:]*: (No module named '[\w.]+')")


class Reasons:
    """What can be known about the causes of failures in one hand-in.

    Parameters
    ----------
    assignment : Assignment
    helpers : sequence of str
        The student's own cells that were run, by number.
    handin : ParsedHandIn
        Her notebook, and the version of Python that it says it ran on.
    """

    def __init__(self, assignment: Assignment, helpers: Sequence[str], handin: ParsedHandIn):
        self._helpers = helpers
        own = [c["source"] for c in handin.notebook["cells"] if c["cell_type"] == "code"]
        self._of_handin, python = bound_names(own), handin.python
        cells = assignment.notebook["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        self._of_notebook = bound_names(sources)
        self._newer = _number(python) > _number(HERE)
        self._python = python

    def explain(self, message: str, failed: Mapping[int, CellOutcome]) -> str:
        """The message with its cause, where one is known."""
        name = NAME.search(message)
        if name:
            return f"{message}{self._about_name(name[1], failed)}"
        if MODULE.search(message):
            return f"{message}; the module is not installed where your answers are graded."
        if "SyntaxError" in message:
            theirs = f", your notebook ran on {self._python}" if self._python else ""
            return f"{message}; your answers are graded with Python {HERE}{theirs}."
        return message

    def to_look(
        self, cell: CellOutcome | None, messages: Sequence[str], failed: Mapping[int, CellOutcome]
    ) -> str | None:
        """Why a person should look at a question that lost points, or None."""
        texts = [*messages, f"{cell.error}: {cell.text}" if cell and cell.error else ""]
        if self._newer and any("SyntaxError" in text for text in texts):
            return f"it may need Python {self._python}; this is {HERE}."
        missing = next((m for text in texts if (m := MODULE.search(text))), None)
        if missing:
            return f"it needs a module that is not installed here: {missing[1]}."
        for text in texts:
            name = NAME.search(text)
            cause = self._about_name(name[1], failed) if name else ""
            if cause:
                return f"{name[0]}{cause}"
        return None

    def _about_name(self, name: str, failed: Mapping[int, CellOutcome]) -> str:
        """Where a name that is not there would have come from; empty where nobody knows."""
        for number, outcome in failed.items():
            if number < len(self._helpers) and name in bound_names([self._helpers[number]]):
                why = f"{outcome.error}: {outcome.text}"
                own = NAME.search(why)
                more = self._about_name(own[1], {}) if own and own[1] != name else ""
                return f"; the cell of yours that defines it raised {why}{more}"
        if name in self._of_notebook:
            return (
                f"; {name} is a variable of another cell of the notebook, which grading does not "
                "run: pass it as an argument, or make it in the answer."
            )
        if name in self._of_handin:
            return (
                f"; a cell of yours makes {name}, but not where it was run for this answer: make "
                "it in the answer."
            )
        return ""


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2]) or (0,)
