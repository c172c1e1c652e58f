"""Three ideas of what a slow clock saves, held to the published averages at a slow clock.

In: the published pairs. Out: for each board and idea the average power it expects at the slow
clock, and how far that is off. The fast clock sets the scale, so only the slow one is a test.
"""

from dataclasses import dataclass

from tinylab.cost.power.clocked import assumed_static_share
from tinylab.cost.power.dvfs import dvfs_boards, dvfs_point
from tinylab.cost.power.published_averages import always_on, slow_clocks

__all__ = ["IDEAS", "SlowClockCheck", "check_slow_clocks"]

IDEAS = ("clock alone", "clock and voltage", "part of it static")


@dataclass(frozen=True)
class SlowClockCheck:
    """One idea on one board; NaN is never shown: ideas that cannot be asked are absent.

    Parameters
    ----------
    board, idea : str
    clock_MHz, published_mW, modelled_mW : float
        Averages of the listening board at its slow clock.
    """

    board: str
    idea: str
    clock_MHz: float
    published_mW: float
    modelled_mW: float

    @property
    def error(self) -> float:
        """modelled / published - 1."""
        return self.modelled_mW / self.published_mW - 1


def check_slow_clocks() -> tuple[SlowClockCheck, ...]:
    """Every idea on every board that was published at two clocks.

    The static part is the mean of the *other* boards' (leave one out), because two points always
    lie on a line. Voltages are known for some boards only.
    """
    checks = []
    for row in always_on():
        pair = slow_clocks().get(row.board)
        if pair is None or row.clock_MHz != pair.slow_MHz:
            continue
        for idea in IDEAS:
            active = _active_mW(idea, pair)
            if active is not None:
                average = (row.duty + (1 - row.duty) * pair.idle_share) * active
                checks.append(
                    SlowClockCheck(row.board, idea, row.clock_MHz, row.average_power_mW, average)
                )
    return tuple(checks)


def _active_mW(idea: str, pair) -> float | None:
    if idea == "clock and voltage":
        if pair.board not in dvfs_boards():
            return None
        return dvfs_point(pair.board, pair.slow_MHz, static_share=0.0).active_mW
    share = 0.0 if idea == "clock alone" else assumed_static_share(without=pair.board)
    return pair.fast_mW * (share + (1 - share) * pair.slow_MHz / pair.fast_MHz)
