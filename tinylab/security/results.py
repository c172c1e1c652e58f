"""What the studies of security give: counts of fooled answers, as plain data for explorers."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tinylab.cache import read_results
from tinylab.models.checkpoints import REFERENCE
from tinylab.scoring.intervals import Interval, t_interval

__all__ = [
    "AttackRow",
    "DefenceRow",
    "MembershipRow",
    "ProtectionRow",
    "SecurityResults",
    "TheftRow",
    "bundled_results",
    "intervals_by",
    "over_seeds",
]

FILE = "keyword_spotting_security.json"


@dataclass(frozen=True)
class AttackRow:
    """One attack on one model.

    Attributes
    ----------
    model : str
        Whose answers are judged.
    made_on : str
        The model whose gradient was used; the same one for a white-box attack.
    attack : str
        "none" (clean examples, all of them count as attackable), "random", "fgsm" or "pgd".
    lsb : float
        Largest change of a feature, in steps of the int8 input.
    int8 : bool
        Whether the model's int8 program was judged, given the rounded features.
    seed : int
        Of the compression, and of the attack's start.
    fooled, attackable : int
        Wrong answers, of examples that were answered correctly before.
    """

    model: str
    made_on: str
    attack: str
    lsb: float
    int8: bool
    seed: int
    fooled: int
    attackable: int

    @property
    def share(self) -> float:
        """Fooled share of the attackable examples, 0 to 1."""
        return self.fooled / self.attackable


@dataclass(frozen=True)
class DefenceRow:
    """A model after adversarial fine-tuning.

    Attributes
    ----------
    trained_lsb : float
        Strength of the attacks it was trained on; 0 for the control.
    attacked_lsb : float
        Strength of the attack it is judged under; 0 for clean examples.
    int8 : bool
    seed : int
    right, examples : int
    """

    trained_lsb: float
    attacked_lsb: float
    int8: bool
    seed: int
    right: int
    examples: int

    @property
    def accuracy(self) -> float:
        """Share of right answers, 0 to 1."""
        return self.right / self.examples


@dataclass(frozen=True)
class ProtectionRow:
    """Accuracy with flipped bits, behind a protection.

    Attributes
    ----------
    protection : str
    flips : int
        Bits that changed in the stored weights and check bits.
    chosen : bool
        Whether an attacker chose them, or chance.
    seed : int
    accuracy : float
        0 to 1.
    """

    protection: str
    flips: int
    chosen: bool
    seed: int
    accuracy: float


@dataclass(frozen=True)
class TheftRow:
    """A copy trained on a victim's answers.

    Attributes
    ----------
    queries : int
    answers : str
        "scores" or "labels": what the victim gave away.
    seed : int
    agreement, accuracy : float
        Share of test clips on which copy and victim agree, and on which the copy is right.
    transferred : float
        Share of attacks made on the copy that fool the victim.
    by_noise : float
        Share of the same clips on which noise of the same size fools it.
    """

    queries: int
    answers: str
    seed: int
    agreement: float
    accuracy: float
    transferred: float
    by_noise: float


@dataclass(frozen=True)
class MembershipRow:
    """How well a model's confidence tells its training examples from others.

    Attributes
    ----------
    model : str
    seed : int
    auc : float
        0.5 is chance.
    member_accuracy, other_accuracy : float
    """

    model: str
    seed: int
    auc: float
    member_accuracy: float
    other_accuracy: float


@dataclass(frozen=True)
class SecurityResults:
    """Everything that was measured of one keyword model.

    Attributes
    ----------
    model : str
        Fingerprint of its weights.
    clips : int
        Test clips behind the attacks and the defences.
    attacks, defences, protections, thefts, members : tuples of rows
    """

    model: str
    clips: int
    attacks: tuple[AttackRow, ...] = ()
    defences: tuple[DefenceRow, ...] = ()
    protections: tuple[ProtectionRow, ...] = ()
    thefts: tuple[TheftRow, ...] = ()
    members: tuple[MembershipRow, ...] = ()

    def attack(self, **where) -> tuple[AttackRow, ...]:
        """The rows of attacks with these fields, such as `model="dense", lsb=1.0`."""
        return _matching(self.attacks, where)

    def defence(self, **where) -> tuple[DefenceRow, ...]:
        """The rows of adversarial fine-tuning with these fields."""
        return _matching(self.defences, where)

    def protection(self, **where) -> tuple[ProtectionRow, ...]:
        """The rows of protections with these fields."""
        return _matching(self.protections, where)

    def theft(self, **where) -> tuple[TheftRow, ...]:
        """The rows of stolen copies with these fields."""
        return _matching(self.thefts, where)

    def member(self, **where) -> tuple[MembershipRow, ...]:
        """The rows of membership inference with these fields."""
        return _matching(self.members, where)


def _matching(rows: Iterable, where: dict) -> tuple:
    matching = tuple(r for r in rows if all(getattr(r, key) == want for key, want in where.items()))
    if not matching:
        raise ValueError(f"nothing was measured with {where}")
    return matching


def over_seeds(rows: Iterable, value: str) -> Interval:
    """Mean of a field over the rows' seeds, with Student's interval; the seed is what repeats."""
    return t_interval([getattr(row, value) for row in rows])


def intervals_by(rows: Iterable, fields: tuple[str, ...], value: str) -> dict[tuple, Interval]:
    """The same for every combination of some fields that occurs, in the order of the rows."""
    groups: dict[tuple, list] = {}
    for row in rows:
        groups.setdefault(tuple(getattr(row, name) for name in fields), []).append(row)
    return {key: over_seeds(group, value) for key, group in groups.items()}


@cache
def bundled_results() -> SecurityResults:
    """What was measured of the bundled keyword model (`tinylab train security`)."""
    return read_file(REFERENCE / FILE)


def read_file(path: Path) -> SecurityResults:
    """Read what the recipe wrote; a ValueError if the file holds something else."""
    return read_results(json.loads(path.read_text(encoding="utf-8")), SecurityResults)
