"""The rules of the heartbeat challenge: what must be kept, and what a program is worth.

In: figures of a program. Out: a score with its parts. Gates come first, so that nobody wins with
fewer alarms; logarithms follow, so that halving the energy is worth as much for a small program as
for a large one.
"""

from dataclasses import dataclass
from math import log2

__all__ = ["BOARD", "BUDGET", "GATES", "PRICES", "Budget", "ScoreParts", "score_of"]

BOARD = "nucleo_l4r5zi"


@dataclass(frozen=True)
class Budget:
    """The most a program may take: bytes of its file and of its arena, energy of a beat."""

    flash_bytes: int
    arena_bytes: int
    energy_uJ: float


BUDGET = Budget(flash_bytes=16_000, arena_bytes=2_048, energy_uJ=25.0)
GATES = {"atrial": 0.60, "ventricular": 0.90}
"""The least recall, 0 to 1, on hidden patients."""


@dataclass(frozen=True)
class Price:
    """Points that doubling costs, and the amount that costs nothing."""

    points: float
    free: float


PRICES = {
    "energy_uJ": Price(4.0, 10.0),
    "arena_bytes": Price(2.0, 1_000.0),
    "flash_bytes": Price(2.0, 8_000.0),
}


@dataclass(frozen=True)
class ScoreParts:
    """A score and what it is made of, in points.

    `total` is None while a gate or the budget is broken; `broken` says which, a sentence each.
    """

    macro_f1: float
    energy: float
    arena: float
    flash: float
    total: float | None
    broken: tuple[str, ...]

    def __str__(self) -> str:
        parts = (
            f"{self.macro_f1:.1f} for macro F1, {self.energy:+.1f} for energy,"
            f" {self.arena:+.1f} for the arena, {self.flash:+.1f} for flash"
        )
        if self.total is None:
            return "no score: " + "; ".join(self.broken) + f" ({parts})"
        return f"score {self.total:.1f} ({parts})"


def score_of(
    macro_f1: float,
    recall: dict[str, float],
    flash_bytes: int,
    arena_bytes: int,
    energy_uJ: float,
) -> ScoreParts:
    """What a program is worth.

    Parameters
    ----------
    macro_f1 : float
        On hidden patients, 0 to 1.
    recall : dict of str to float
        Of each class in `GATES`.
    flash_bytes, arena_bytes : int
    energy_uJ : float
        Of one beat on `BOARD`.
    """
    spent = {"flash_bytes": flash_bytes, "arena_bytes": arena_bytes, "energy_uJ": energy_uJ}
    points = {name: -PRICES[name].points * log2(spent[name] / PRICES[name].free) for name in spent}
    broken = tuple(_broken(recall, spent))
    parts = (100 * macro_f1, points["energy_uJ"], points["arena_bytes"], points["flash_bytes"])
    return ScoreParts(*parts, None if broken else sum(parts), broken)


def _broken(recall: dict[str, float], spent: dict[str, float]):
    limits = {
        "flash_bytes": (BUDGET.flash_bytes, "bytes of flash"),
        "arena_bytes": (BUDGET.arena_bytes, "bytes of arena"),
        "energy_uJ": (BUDGET.energy_uJ, "uJ a beat"),
    }
    for name, (limit, unit) in limits.items():
        if spent[name] > limit:
            yield f"{spent[name]:,.5g} {unit} are more than {limit:,g}"
    for name, least in GATES.items():
        if recall[name] < least:
            yield f"recall of {name} beats is {recall[name]:.1%}, at least {least:.0%} is asked"
