"""The controls an explorer may have, as plain data: label, permitted values and first value."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

# A number box that shows 0.9400000000000001 teaches nothing.
DIGITS = 12


@dataclass(frozen=True)
class Slider:
    """A number from `low` to `high` in steps: a slider with a number box beside it.

    The value is an int when low, high, step and value all are, else a float.
    """

    name: str
    label: str
    low: float
    high: float
    step: float
    value: float
    unit: str = ""

    def __post_init__(self):
        if not self.low < self.high or self.step <= 0:
            raise ValueError(f"slider {self.name!r} needs low < high and step > 0")
        self.accept(self.value)

    def accept(self, value: Any) -> float:
        """Return `value` as this control holds it; ValueError when it is not a number in range."""
        number = _number(self, value)
        if not self.low <= number <= self.high:
            raise ValueError(
                f"{self.name} must be between {self.low:g} and {self.high:g}{_unit(self)}, "
                f"got {number:g}"
            )
        whole = all(isinstance(bound, int) for bound in (self.low, self.high, self.step))
        return round(number) if whole else float(f"{number:.{DIGITS}g}")

    def spec(self) -> dict:
        """What the browser needs to draw this control."""
        return _spec(self, "slider", low=self.low, high=self.high, step=self.step)


@dataclass(frozen=True)
class Steps:
    """One of the listed numbers, in order: a slider that stops only at measured values."""

    name: str
    label: str
    options: Sequence[float]
    value: float
    unit: str = ""

    def __post_init__(self):
        numbers = [_plain(number) for number in self.options]
        if len(numbers) < 2 or numbers != sorted(set(numbers)):
            raise ValueError(
                f"steps {self.name!r} needs two or more different numbers in rising order"
            )
        object.__setattr__(self, "options", tuple(numbers))
        object.__setattr__(self, "value", self.accept(self.value))

    def accept(self, value: Any) -> float:
        """Return the option equal to `value`; ValueError lists the options."""
        number = _number(self, value)
        for option in self.options:
            if option == number:
                return option
        listed = ", ".join(f"{option:g}" for option in self.options)
        raise ValueError(f"{self.name} must be one of {listed}{_unit(self)}, got {number:g}")

    def spec(self) -> dict:
        """What the browser needs to draw this control."""
        return _spec(self, "steps", options=list(self.options))


@dataclass(frozen=True)
class Dropdown:
    """One of a few named choices; `labels`, in the same order, are what the reader sees."""

    name: str
    label: str
    options: Sequence[str]
    value: str
    labels: Sequence[str] | None = None

    def __post_init__(self):
        object.__setattr__(self, "options", tuple(self.options))
        object.__setattr__(self, "labels", tuple(self.labels or self.options))
        if len(self.labels) != len(self.options):
            raise ValueError(f"dropdown {self.name!r} needs one label for each option")
        self.accept(self.value)

    def accept(self, value: Any) -> str:
        """Return `value` if it is an option; ValueError lists the options."""
        if value not in self.options:
            raise ValueError(f"{self.name} must be one of {', '.join(self.options)}; got {value!r}")
        return value

    def spec(self) -> dict:
        """What the browser needs to draw this control."""
        return _spec(self, "dropdown", options=list(self.options), labels=list(self.labels))


@dataclass(frozen=True)
class Toggle:
    """On or off."""

    name: str
    label: str
    value: bool = False

    def accept(self, value: Any) -> bool:
        """Return `value` if it is True or False."""
        if not isinstance(value, bool):
            raise ValueError(f"{self.name} must be True or False, got {value!r}")
        return value

    def spec(self) -> dict:
        """What the browser needs to draw this control."""
        return _spec(self, "toggle")


Control = Slider | Steps | Dropdown | Toggle


def describe(control: Control, value: Any) -> str:
    """The setting in words, such as "Clock 64 MHz"."""
    if isinstance(control, Toggle):
        return f"{control.label}: {'on' if value else 'off'}"
    if isinstance(control, Dropdown):
        return f"{control.label}: {control.labels[control.options.index(value)]}"
    return f"{control.label}: {value:g}{_unit(control)}"


def _spec(control: Control, kind: str, **more) -> dict:
    common = {"kind": kind, "name": control.name, "label": control.label}
    return {**common, "value": control.value, "unit": getattr(control, "unit", ""), **more}


def _number(control: Slider | Steps, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ValueError(f"{control.name} must be a number, got {value!r}")
    return _plain(value)


def _plain(number: Real) -> float:
    """A Python int or float: numpy scalars do not travel to the browser."""
    return (
        int(number)
        if float(number).is_integer() and not isinstance(number, float)
        else float(number)
    )


def _unit(control: Slider | Steps) -> str:
    return f" {control.unit}" if control.unit else ""
