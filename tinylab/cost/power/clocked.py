"""Power against the clock: P = a + b f.

Part of what a board draws does not slow down with the clock: leakage, oscillators, the regulator's
own consumption, everything else on the board. That part, `a`, is what makes hurrying pay.
"""

from dataclasses import dataclass

import numpy as np

from tinylab.cost.catalogue.boards import Board, board, boards
from tinylab.cost.catalogue.checks import fraction, positive
from tinylab.cost.power.published_averages import idle_share, slow_clocks

__all__ = ["PowerCurve", "active_power_mW", "assumed_static_share", "power_curve", "rest_power_mW"]


@dataclass(frozen=True)
class PowerCurve:
    """Power of a board while it computes, against the clock.

    Parameters
    ----------
    board : str
    clocks_MHz, powers_mW : tuple of float
        What is known, by rising clock; the curve is straight between them.
    static_mW : float
        The power that it runs towards as the clock falls below the lowest of them, never below 0.
    kind : str
        "published" where two clocks of this variant are; "modelled" where the static part is
        assumed or given.
    source : str
        Of the powers.
    basis : str
        What the static part rests on, in a sentence.
    """

    board: str
    clocks_MHz: tuple[float, ...]
    powers_mW: tuple[float, ...]
    static_mW: float
    kind: str
    source: str
    basis: str

    @property
    def static_share(self) -> float:
        """The static part as a share of the power at the highest known clock."""
        return self.static_mW / self.powers_mW[-1]

    def power_mW(self, clock_MHz):
        """At one clock or an array of them; above the highest known one, the last slope goes on."""
        clocks, powers = (0.0, *self.clocks_MHz), (self.static_mW, *self.powers_mW)
        slope = (powers[-1] - powers[-2]) / (clocks[-1] - clocks[-2])
        beyond = np.maximum(np.asarray(clock_MHz) - clocks[-1], 0.0)
        return np.interp(clock_MHz, clocks, powers) + slope * beyond

    def extrapolates(self, clock_MHz: float) -> bool:
        """Whether a clock lies outside of what is known."""
        return not self.clocks_MHz[0] <= clock_MHz <= self.clocks_MHz[-1]


def power_curve(on: str | Board, *, static_share: float | None = None) -> PowerCurve:
    """Power of a board against its clock.

    Parameters
    ----------
    on : str or Board
    static_share : float, optional
        Share of the power at the highest clock that no slower clock saves, from 0 up to 1. By
        default that of the board's published pair of clocks; for a board without a pair the mean of
        those that have one.

    Raises
    ------
    ValueError
        The board's power is not published; the message lists the boards whose power is.
    """
    target = board(on)
    if not target.operating_points:
        known = ", ".join(name for name, entry in boards().items() if entry.operating_points)
        raise ValueError(
            f"no power of {target.id} is published, so it has no energy; pass power_mW, or take one"
            f" of {known}"
        )
    points = target.operating_points
    top, source = points[-1], points[-1].active_power.source
    if static_share is not None:
        static = fraction("static_share", static_share, zero=True) * top.active_power.value
        return _curve(target, (top,), static, "modelled", source, "the static part was given")
    pair = slow_clocks().get(target.id)
    if pair is not None and pair.fast_mW == top.active_power.value:
        return PowerCurve(
            board=target.id,
            clocks_MHz=(pair.slow_MHz, pair.fast_MHz),
            powers_mW=(pair.slow_mW, pair.fast_mW),
            static_mW=max(pair.static_mW, 0.0),
            kind="published",
            source=source,
            basis=f"its published averages at {pair.slow_MHz:g} and {pair.fast_MHz:g} MHz",
        )
    if len(points) > 1:
        (low, high) = points[:2]
        slope = (high.active_power.value - low.active_power.value) / (
            high.clock_MHz - low.clock_MHz
        )
        static = max(low.active_power.value - slope * low.clock_MHz, 0.0)
        basis = f"its published powers at {low.clock_MHz:g} and {high.clock_MHz:g} MHz"
        return _curve(target, points, static, "published", source, basis)
    share = assumed_static_share()
    names = ", ".join(slow_clocks())
    basis = f"one clock is published; {share:.0%} static is assumed, the mean of {names}"
    return _curve(target, points, share * top.active_power.value, "modelled", source, basis)


def _curve(target: Board, points, static: float, kind: str, source: str, basis: str) -> PowerCurve:
    return PowerCurve(
        board=target.id,
        clocks_MHz=tuple(point.clock_MHz for point in points),
        powers_mW=tuple(point.active_power.value for point in points),
        static_mW=float(static),
        kind=kind,
        source=source,
        basis=basis,
    )


def assumed_static_share(*, without: str = "") -> float:
    """The mean static share over the boards that were published at two clocks, or all but one."""
    pairs = [pair for pair in slow_clocks().values() if pair.board != without]
    shares = [max(pair.static_mW, 0.0) / pair.fast_mW for pair in pairs]
    return float(np.mean(shares))


def active_power_mW(on: str | Board, clock_MHz, *, static_share: float | None = None):
    """Power while a model runs, at one clock or an array of them; see `power_curve`.

    Raises
    ------
    ValueError
        As `power_curve`; a clock that is not positive, or that the board does not run at.
    """
    target = board(on)
    curve = power_curve(target, static_share=static_share)
    positive("clock_MHz", clock_MHz, "MHz")
    if np.max(clock_MHz) > target.clock_max.value * (1 + 1e-9):
        target.clock(float(np.max(clock_MHz)))
    return curve.power_mW(clock_MHz)


def rest_power_mW(on: str | Board, rest: str, clock_MHz, *, static_share: float | None = None):
    """Power between inferences, asleep or idle, at one clock or an array of them.

    Idle power at the highest clock is given by the board's entry, or follows from its published
    always-on average. At slower clocks it is taken to be the same share of the active power
    (`modelled`).
    """
    target = board(on)
    positive("clock_MHz", clock_MHz, "MHz")
    if rest == "sleep":
        if target.sleep is None:
            known = [entry.id for entry in boards().values() if entry.sleep]
            raise ValueError(_missing(target, "sleep", known))
        return target.sleep.power_mW + 0.0 * np.asarray(clock_MHz)
    if rest != "idle":
        raise ValueError(f"rest must be 'sleep' or 'idle', not {rest!r}")
    share = board_idle_share(target)
    return share * active_power_mW(target, clock_MHz, static_share=static_share)


def board_idle_share(on: str | Board) -> float:
    """Idle power as a share of active power.

    Raises
    ------
    ValueError
        Neither is published for this board; the message lists those for which it is.
    """
    target = board(on)
    if target.idle_power is not None and target.operating_points:
        return target.idle_power.value / target.operating_points[-1].active_power.value
    share = idle_share(target.id)
    if share is None:
        known = [b.id for b in boards().values() if b.idle_power or idle_share(b.id) is not None]
        raise ValueError(_missing(target, "idle", known))
    return share


def _missing(target: Board, what: str, known: list[str]) -> str:
    names = ", ".join(known)
    return (
        f"no {what} power of {target.id} is published: give your own in boards.toml, or take one of"
        f" {names}"
    )
