"""The parts of a device's budget in an explorer: a control that leaves some out, and their bars."""

from collections.abc import Mapping

from tinylab.cost.device.settings import PARTS
from tinylab.explore.widget import theme
from tinylab.explore.widget.controls import Dropdown

__all__ = ["LEFT_OUT", "add_part_bars", "leave_out_control", "part_bars", "without"]

NOTHING, ALL_BUT_NETWORK = "nothing", "all but the network"
LEFT_OUT = (NOTHING, *(name for name in PARTS if name != "network"), ALL_BUT_NETWORK)
"""What can be left out of a budget."""


def leave_out_control() -> Dropdown:
    """A menu of the parts that are not counted."""
    labels = [PARTS.get(name, name) for name in LEFT_OUT]
    return Dropdown("leave_out", "Not counted", LEFT_OUT, NOTHING, labels)


def without(leave_out: str) -> frozenset[str]:
    """The parts that a choice of the menu leaves out."""
    if leave_out == ALL_BUT_NETWORK:
        return frozenset(PARTS) - {"network"}
    return frozenset() if leave_out == NOTHING else frozenset({leave_out})


def add_part_bars(figure, *, horizontal: bool = True, **axes) -> None:
    """One stacked bar trace for each part, empty."""
    orientation = "h" if horizontal else "v"
    for index, name in enumerate(PARTS.values()):
        style = theme.bar(index)
        if index >= len(theme.COLOURS):  # else the last part would look like the first
            style["marker"]["color"] = theme.QUIET
        figure.add_bar(orientation=orientation, name=name, **axes, **style)


def part_bars(energies: Mapping[str, object], left_out: frozenset[str]) -> list:
    """What each of those traces shows, in the order of `PARTS`: 0 for a part left out."""
    return [0.0 if name in left_out else energies[name] for name in PARTS]
