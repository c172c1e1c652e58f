"""Settings that mean nothing are refused in one sentence, before anything is drawn or trained.

Only numpy and the standard library: devices import this module too.
"""

import math
from numbers import Integral, Real

__all__ = ["require_number", "require_whole"]


def require_number(name: str, value, low: float, high: float = math.inf, *, ends: str = "") -> None:
    """A finite number between two limits.

    Parameters
    ----------
    name : str
        Of the setting, for the sentence.
    value : object
    low, high : float
    ends : str
        Which limits are allowed themselves: "", "low", "high" or "low high".

    Raises
    ------
    ValueError
        It is none: NaN, infinity, True and text among others.
    """
    real = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    inside = real and (
        low < value < high or ("low" in ends and value == low) or ("high" in ends and value == high)
    )
    if not inside:
        start = f"{low:g} or more" if "low" in ends else f"above {low:g}"
        end = f", {'at most' if 'high' in ends else 'below'} {high:g}" if high < math.inf else ""
        raise ValueError(f"{name} must be a finite number {start}{end}, not {value!r}")


def require_whole(name: str, value, least: int) -> None:
    """A whole number of at least `least`.

    Raises
    ------
    ValueError
        It is none: 1.5 and True among others.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} must be a whole number of {least} or more, not {value!r}")
