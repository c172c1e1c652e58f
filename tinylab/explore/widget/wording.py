"""Numbers as an explorer's sentence shows them."""

from math import floor, isfinite, log10

__all__ = ["amount", "count", "others_in_it"]


def amount(value: float, digits: int = 3) -> str:
    """A number with a few significant digits and no exponent.

    Examples
    --------
    >>> amount(2006.3), amount(0.03561), amount(12.0)
    ('2,010', '0.0356', '12')
    """
    if not isfinite(value) or value == 0:
        return f"{value:g}"
    places = digits - 1 - floor(log10(abs(value)))
    text = f"{round(value, places):,.{max(0, places)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def count(number: int, singular: str, plural: str = "") -> str:
    """A number of things, such as "1 example" or "1,200 examples".

    Examples
    --------
    >>> count(1, "example"), count(1200, "example"), count(2, "loss", "losses")
    ('1 example', '1,200 examples', '2 losses')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def others_in_it(number: int) -> str:
    """How many others lie in the interval of the one that is named.

    Examples
    --------
    >>> others_in_it(0), others_in_it(1), others_in_it(12)
    ('no other lies in it', '1 other lies in it, too', '12 others lie in it, too')
    """
    if number == 0:
        return "no other lies in it"
    return f"{count(number, 'other lies', 'others lie')} in it, too"
