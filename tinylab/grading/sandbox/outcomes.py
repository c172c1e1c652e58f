"""What running a cell or calling a function in a sandbox came to, as plain data."""

from dataclasses import dataclass

__all__ = ["OUTCOMES", "CallOutcome", "CellOutcome", "KernelLost"]

OUTCOMES = ("returned", "raised", "unfit", "missing")


class KernelLost(Exception):
    """The kernel can no longer be used; `reason` is "timeout", "crashed", "limit" or "starved"."""

    def __init__(self, reason: str, detail: str):
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True)
class CellOutcome:
    """What running a cell came to: the exception it raised, if any, and what it printed."""

    error: str | None
    text: str
    output: str
    failed_command: bool


@dataclass(frozen=True)
class CallOutcome:
    """What a call came to.

    Attributes
    ----------
    outcome : str
        "returned", "raised", "unfit" (the result is no plain data) or "missing" (no function).
    value : plain data
        What it returned.
    name, text : str
        The exception, or why the result is unfit.
    """

    outcome: str
    value: object = None
    name: str = ""
    text: str = ""
