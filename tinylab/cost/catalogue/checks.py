"""Numbers that callers pass in: refused in one sentence where they mean nothing.

Every public function of the cost model sends its numbers through here, so that a negative period or
a clock that is not a number becomes an error that names the argument, never an energy.
"""

import math
from numbers import Integral, Real

import numpy as np

__all__ = ["at_least", "fraction", "one_of", "positive", "whole", "within"]


def positive(name: str, value, unit: str = ""):
    """A finite number above 0, or an array of them; returned as it came."""
    return _require(name, value, f"a finite number above 0{_of(unit)}", lambda x: x > 0)


def at_least(name: str, value, least: float = 0.0, unit: str = ""):
    """A finite number of at least `least`, or an array of them; returned as it came."""
    wanted = f"a finite number of {least:g}{_of(unit)} or more"
    return _require(name, value, wanted, lambda x: x >= least)


def within(name: str, value, low: float, high: float, unit: str = ""):
    """A number from `low` to `high`, both allowed, or an array of them; returned as it came."""
    wanted = f"a number from {low:g} to {high:g}{_of(unit)}"
    return _require(name, value, wanted, lambda x: (x >= low) & (x <= high))


def fraction(name: str, value, *, zero: bool = False):
    """A share of at most 1, above 0 or (with `zero`) from 0 on, or an array of them."""
    wanted = f"a share {'from 0' if zero else 'above 0 and at most'} {'to ' if zero else ''}1"
    return _require(name, value, wanted, lambda x: ((x >= 0) if zero else (x > 0)) & (x <= 1))


def whole(name: str, value, least: int = 0) -> int:
    """A whole number of at least `least`.

    Raises
    ------
    ValueError
        For anything else, 1.5 and True among it.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} must be a whole number of {least} or more, not {value!r}")
    return int(value)


def one_of(name: str, value, known) -> None:
    """One of the known values.

    Raises
    ------
    ValueError
        For another; the message lists the known ones.
    """
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, not {value!r}")


def _require(name: str, value, wanted: str, holds):
    if not _is_numeric(value):
        raise ValueError(f"{name} must be {wanted}, not {value!r}")
    if isinstance(value, Real):  # most are: an array of one would take ten times as long
        if not (math.isfinite(value) and holds(value)):
            raise ValueError(f"{name} must be {wanted}, not {float(value):g}")
        return value
    array = np.asarray(value, dtype=float)
    if not np.all(np.isfinite(array) & holds(array)):
        bad = array[~(np.isfinite(array) & holds(array))].flat[0] if array.ndim else array
        raise ValueError(f"{name} must be {wanted}, not {float(bad):g}")
    return value


def _is_numeric(value) -> bool:
    if isinstance(value, (bool, np.bool_, str, bytes, complex)) or value is None:
        return False
    if isinstance(value, Real):
        return True
    try:
        return np.asarray(value).dtype.kind in "iuf"
    except ValueError:
        return False


def _of(unit: str) -> str:
    return f" {unit}" if unit else ""
