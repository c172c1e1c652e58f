"""Several levers at once: the network, the clock and how the device rests, for one battery.

In: the table of a space, a board, and what the device does around its network. Out: how many days a
battery lasts with no lever pulled, with each alone, and with all of them, never below a floor of
accuracy. Every combination is worked out: there are a few ten thousand, in one call of the cost
model each way of resting.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from tinylab import cost
from tinylab.search.results import SearchResults
from tinylab.search.space import Architecture, as_rows, costs_of

__all__ = ["LEVERS", "Lever", "choose_levers", "days_of_all"]

LEVERS = ("none", "network", "clock", "rest", "all")
CLOCK_SHARES = tuple(np.round(np.linspace(0.1, 1.0, 19), 2).tolist())
RESTS = ("idle", "sleep")


@dataclass(frozen=True)
class Lever:
    """The best that some levers reach.

    Parameters
    ----------
    name : str
        One of `LEVERS`: what may change; the rest stays as in "none".
    architecture : Architecture
    accuracy : float
        0 to 1, as a slice of the super-network.
    clock_MHz : float
    rest : str
    days : float
        Of the battery, the whole device counted; nan where nothing fits into the period.
    """

    name: str
    architecture: Architecture
    accuracy: float
    clock_MHz: float
    rest: str
    days: float


def days_of_all(
    results: SearchResults, board: str, device: cost.Device, source: str = "cr2032"
) -> tuple[np.ndarray, np.ndarray]:
    """Days of a battery for every network, way of resting and clock.

    Parameters
    ----------
    results : SearchResults
    board : str
    device : Device
        Its `rest` is one of the levers and is not used.
    source : str
        Of the battery.

    Returns
    -------
    days : ndarray of float64, shape (networks, 2, clocks)
        Resting idle, then asleep; nan where it is not known or does not fit into the period.
    clock_MHz : ndarray of float64, shape (clocks,)
    """
    amounts = costs_of(as_rows(results.space.architectures)).amounts
    swept = [
        cost.sweep(
            amounts,
            [board],
            CLOCK_SHARES,
            device=dataclasses.replace(device, rest=rest),
            source=source,
        )
        for rest in RESTS
    ]
    days = np.stack([one.battery_days[:, 0, :] for one in swept], axis=1)
    return days, swept[0].clock_MHz[0]


def choose_levers(
    results: SearchResults, days: np.ndarray, clock_MHz: np.ndarray, floor: float
) -> tuple[Lever, ...]:
    """The best choice for each of `LEVERS`.

    Parameters
    ----------
    results : SearchResults
    days, clock_MHz
        From `days_of_all`.
    floor : float
        The least accuracy, 0 to 1.

    Raises
    ------
    ValueError
        If the start itself, the most accurate network, lies below the floor.
    """
    accuracy = np.array(results.accuracy)
    start = int(accuracy.argmax())
    if accuracy[start] < floor:
        raise ValueError(f"the most accurate network has {accuracy[start]:.1%}: lower the floor")
    networks = accuracy >= floor
    alone = np.arange(len(accuracy)) == start
    fastest = np.arange(len(clock_MHz)) == len(clock_MHz) - 1
    idle, any_rest, any_clock = np.array([True, False]), np.array([True, True]), fastest | True
    free = {
        "none": (alone, idle, fastest),
        "network": (networks, idle, fastest),
        "clock": (alone, idle, any_clock),
        "rest": (alone, any_rest, fastest),
        "all": (networks, any_rest, any_clock),
    }
    return tuple(_best(name, results, days, clock_MHz, free[name]) for name in LEVERS)


def _best(name, results: SearchResults, days, clock_MHz, free) -> Lever:
    """The longest life among what is free to be chosen."""
    allowed = free[0][:, None, None] & free[1][None, :, None] & free[2][None, None, :]
    values = np.where(allowed & np.isfinite(days), days, -np.inf)
    network, rest, clock = np.unravel_index(int(values.argmax()), values.shape)
    longest = values[network, rest, clock]
    return Lever(
        name,
        results.space.architectures[network],
        float(results.accuracy[network]),
        float(clock_MHz[clock]),
        RESTS[rest],
        float(longest) if np.isfinite(longest) else float("nan"),
    )
