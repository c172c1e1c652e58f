"""Collects the records of all operators."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import MappingProxyType

from tinylab.graph.operators.record import Operator

_FOLDER = Path(__file__).resolve().parent
_trial: dict[str, Operator | None] = {}
"""What holds for a while in place of the package's records; None hides a kind."""


@cache
def _records() -> MappingProxyType:
    """By kind; every module below this folder that defines `OPERATOR` or `OPERATORS` counts."""
    by_kind: dict[str, Operator] = {}
    for module in pkgutil.walk_packages([str(_FOLDER)], "tinylab.graph.operators."):
        content = importlib.import_module(module.name)
        records = getattr(content, "OPERATORS", ())
        single = getattr(content, "OPERATOR", None)
        for record in (*records, *((single,) if single else ())):
            if record.kind in by_kind:
                raise RuntimeError(f"operator {record.kind!r} has two records")
            by_kind[record.kind] = record
    return MappingProxyType(by_kind)


def find_operator(kind: str) -> Operator | None:
    """The record of a kind of operator, None if it is not known."""
    return _trial[kind] if kind in _trial else _records().get(kind)


def operator_kinds() -> tuple[str, ...]:
    """All kinds that have a record, by name."""
    return tuple(sorted(kind for kind in {*_records(), *_trial} if find_operator(kind)))


@contextmanager
def trial_operators(*operators: Operator, without: Iterable[str] = ()) -> Iterator[None]:
    """Let records of one's own hold inside a `with` block: reader, passes, plan and C use them.

    Parameters
    ----------
    *operators : Operator
        Records of kinds that the package does not know, or that replace the package's own.
    without : iterable of str
        Kinds that are unknown inside the block.

    Raises
    ------
    TypeError
        If one of `operators` is no record.
    ValueError
        If a kind of `without` is not known, or a kind is given twice.

    Examples
    --------
    >>> with trial_operators(without=["tanh"]):
    ...     find_operator("tanh") is None
    True
    """
    for operator in operators:
        if not isinstance(operator, Operator):
            raise TypeError(f"pass records, as Operator(kind=...), not {operator!r}")
    hidden = (without,) if isinstance(without, str) else tuple(without)
    kinds = [operator.kind for operator in operators]
    twice = sorted({kind for kind in kinds if (*kinds, *hidden).count(kind) > 1})
    if twice:
        raise ValueError(f"operator {twice[0]!r} is given twice: one record a kind")
    for kind in hidden:
        if find_operator(kind) is None:
            raise ValueError(f"operator {kind!r} is not known anyway; leave it out of `without`")
    before = dict(_trial)
    _trial.update({operator.kind: operator for operator in operators} | dict.fromkeys(hidden))
    try:
        yield
    finally:
        _trial.clear()
        _trial.update(before)
