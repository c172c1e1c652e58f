"""The settings of an explorer that are saved: all of them, or fewer by a rule.

The settings are the product of what each control offers. Where they are too many, numbers get fewer
stops, evenly spread, then menus fewer options, then the last numbers two stops; what was shown
first always stays.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tinylab.explore.widget.controls import Control, Dropdown, Slider, Steps, Toggle

__all__ = ["Offered", "offered", "settings"]

# Below these a number no longer shows a course, and a menu no longer a choice.
GOOD_STOPS, GOOD_OPTIONS = 5, 3
FEWER_STOPS, FEWEST = 3, 2


@dataclass(frozen=True)
class Offered:
    """A control and the values of it that are saved.

    Attributes
    ----------
    control : Control
    values : tuple
        In the control's own order.
    of : int
        How many values the control itself has.
    """

    control: Control
    values: tuple[Any, ...]
    of: int

    def spec(self) -> dict:
        """What the browser needs to draw this control with these values only."""
        spec = self.control.spec()
        if len(self.values) == self.of:
            return spec
        if isinstance(self.control, Dropdown):
            labels = dict(zip(self.control.options, self.control.labels, strict=True))
            return {
                **spec,
                "options": list(self.values),
                "labels": [labels[v] for v in self.values],
            }
        return {**spec, "kind": "steps", "options": list(self.values)}


def offered(
    controls: Sequence[Control], shown: Sequence[Mapping[str, Any]], most_states: int
) -> list[Offered]:
    """What is saved of each control, as much as `most_states` settings allow.

    Parameters
    ----------
    controls : sequence of Control
    shown : sequence of mappings
        Settings, by name, whose values must be among those saved.
    most_states : int

    Raises
    ------
    ValueError
        When even two values of each control are too many settings.
    """
    values = {control.name: _all_values(control, shown) for control in controls}
    for limits in _limits(controls, values):
        kept = [_offered(control, limits, values, shown) for control in controls]
        if math.prod(len(each.values) for each in kept) <= most_states:
            return kept
    raise ValueError(
        f"{len(controls)} controls give more than {most_states:,} settings even at "
        f"{FEWEST} values each; leave some out"
    )


def settings(kept: Sequence[Offered]) -> Iterator[dict[str, Any]]:
    """Every setting, by name; the last control changes fastest."""
    names = [each.control.name for each in kept]
    sizes = [len(each.values) for each in kept]
    for number in range(math.prod(sizes)):
        chosen = []
        for each, size in zip(reversed(kept), reversed(sizes), strict=True):
            number, position = divmod(number, size)
            chosen.append(each.values[position])
        yield dict(zip(names, reversed(chosen), strict=True))


def _all_values(control: Control, shown: Sequence[Mapping[str, Any]]) -> list:
    """Every value that a reader can choose, and those that were shown."""
    if isinstance(control, Toggle):
        return [False, True]
    if isinstance(control, (Dropdown, Steps)):
        return list(control.options)
    count = math.floor((control.high - control.low) / control.step + 1e-9) + 1
    steps = {
        control.accept(min(control.high, control.low + i * control.step)) for i in range(count)
    }
    return sorted(steps | {setting[control.name] for setting in shown})


def _offered(control: Control, limits: dict, values: dict, shown: Sequence[Mapping]) -> Offered:
    every = values[control.name]
    kept = {setting[control.name] for setting in shown}
    return Offered(control, _spread(every, limits[control.name], kept), len(every))


def _limits(controls: Sequence[Control], values: dict[str, list]) -> Iterator[dict[str, int]]:
    """How many values each control may have, by name, from all to the fewest."""
    numbers = [each.name for each in controls if isinstance(each, (Slider, Steps))]
    menus = [each.name for each in controls if each.name not in numbers]
    limits = {name: len(all_values) for name, all_values in values.items()}
    yield limits
    for names, fewest in (
        (numbers, GOOD_STOPS),
        (menus, GOOD_OPTIONS),
        (numbers, FEWER_STOPS),
    ):
        longest = max((limits[name] for name in names), default=0)
        for limit in range(longest - 1, fewest - 1, -1):
            limits |= {name: min(limits[name], limit) for name in names}
            yield limits
    for name in (*reversed(menus), *reversed(numbers)):  # what matters most comes first
        limits |= {name: min(limits[name], FEWEST)}
        yield limits


def _spread(values: list, limit: int, kept: set) -> tuple:
    """At most `limit` of the values, the ends among them where there is room beside `kept`."""
    if len(values) <= limit:
        return tuple(values)
    chosen = {round(i * (len(values) - 1) / (limit - 1)) for i in range(limit)}
    fixed = {values.index(value) for value in kept}
    for position in sorted(fixed - chosen):
        # The nearest stop that is no end gives way; of two, an end.
        free = chosen - fixed
        inner = free - {0, len(values) - 1}
        chosen.discard(min(inner or free, key=lambda other: (abs(other - position), other)))
        chosen.add(position)
    return tuple(values[i] for i in sorted(chosen))
