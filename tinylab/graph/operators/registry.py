"""Collects the records of all operators."""

import importlib
import pkgutil
from functools import cache
from pathlib import Path
from types import MappingProxyType

from tinylab.graph.operators.record import Operator

_FOLDER = Path(__file__).resolve().parent


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
    return _records().get(kind)


def operator_kinds() -> tuple[str, ...]:
    """All kinds that have a record, by name."""
    return tuple(sorted(_records()))
