"""The boards an explorer can offer for a model, and the control that chooses one."""

from tinylab.cost import Workload, active_power_mW, boards, latency, rest_power_mW
from tinylab.cost.catalogue.own_boards import own_catalogue
from tinylab.explore.widget.controls import Dropdown

__all__ = ["board_control", "usable_boards"]


def usable_boards(model: Workload, *, rest: str | None = None) -> dict[str, str]:
    """Names, by id, of the boards with a known latency and power for a model.

    Parameters
    ----------
    model : Workload
    rest : "sleep", "idle" or None
        Which power between inferences must be known too.
    """
    names = {}
    for key, board in boards().items():
        try:
            latency(model, board)
            active_power_mW(board, board.clock_max.value)
            if rest is not None:
                rest_power_mW(board, rest, board.clock_max.value)
        except ValueError:
            continue  # nothing published: the catalogue says so, and nothing is guessed here
        names[key] = board.name
    return names


def board_control(
    names: dict[str, str], *, name: str = "board", label: str = "Board", start: str | None = None
) -> Dropdown:
    """Dropdown over boards; `start` is chosen at first if it is among them.

    With `start`, the label names boards of your own that the list lacks: their latency, power or
    idle power is not known.
    """
    first = start if start in names else next(iter(names))
    missing = ", ".join(own for own in own_catalogue().boards if own not in names)
    if missing and start is not None:
        label = f"{label} (too little is known of {missing})"
    return Dropdown(name, label, tuple(names), first, tuple(names.values()))
