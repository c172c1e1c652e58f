"""Studies of attacks and protections: models and examples in, rows of results out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from tinylab.deploy.litert import LiteRTModel
from tinylab.security.bit_flips import BITS, Flip, WeightTable
from tinylab.security.chosen_flips import ChosenFlips, choose_flips
from tinylab.security.inputs import count_fooled, fgsm, loss_gradient, pgd, random_signs
from tinylab.security.protection import PROTECTIONS, Protection, faulty_weights, range_limits
from tinylab.security.results import AttackRow, ProtectionRow
from tinylab.signal.device_input import INPUT_SCALE, as_the_device_sees_it

__all__ = [
    "LSB",
    "Target",
    "answered_rightly",
    "judge_inputs",
    "measure_attacks",
    "measure_chosen_faults",
    "measure_random_faults",
    "measure_transfer",
]

LSB = (0.25, 0.5, 1.0, 2.0)
"""Strengths in steps of the int8 input; from four on, chance alone fools half."""
ALL_BITS = tuple(range(BITS))


@dataclass(frozen=True)
class Target:
    """A model under attack.

    Attributes
    ----------
    name : str
    model : keras.Model
        Float; its gradient is what an attacker follows.
    program : LiteRTModel
        Its int8 program.
    """

    name: str
    model: keras.Model
    program: LiteRTModel

    def answers(self, x: np.ndarray, int8: bool) -> np.ndarray:
        """Classes of features x (n, ...); int8 are rounded to the device's grid first."""
        if int8:
            return self.program.predict(as_the_device_sees_it(x)).argmax(axis=1)
        return self.model.predict(x, verbose=0, batch_size=250).argmax(axis=1)


def answered_rightly(target: Target, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which examples the float model and its int8 program both answer correctly, bool (n,)."""
    return (target.answers(x, False) == y) & (target.answers(x, True) == y)


def judge_inputs(
    target: Target, attacked: np.ndarray, y: np.ndarray, right: np.ndarray, **fields
) -> tuple[AttackRow, ...]:
    """Two rows: the float model's answers to attacked features, and its int8 program's.

    Parameters
    ----------
    target : Target
    attacked : float array (n, ...)
    y : int array (n,)
    right : bool array (n,)
        Of `answered_rightly`: only these can be fooled.
    fields
        `made_on`, `attack`, `lsb` and `seed` of the rows.
    """
    rows = []
    for int8 in (False, True):
        count = count_fooled(np.where(right, y, -1), target.answers(attacked, int8), y)
        rows.append(
            AttackRow(
                model=target.name,
                int8=int8,
                fooled=count.fooled,
                attackable=count.attackable,
                **fields,
            )
        )
    return tuple(rows)


def measure_attacks(
    target: Target,
    x: np.ndarray,
    y: np.ndarray,
    *,
    lsb: Sequence[float] = LSB,
    seed: int = 0,
) -> tuple[AttackRow, ...]:
    """Random signs, FGSM and PGD on a model by its own gradient, on its float and int8 form.

    Parameters
    ----------
    target : Target
    x : float32 array (n, frames, coefficients, 1)
        On the device's grid.
    y : int array (n,)
    lsb : sequence of float
    seed : int
    """
    gradient, rows = loss_gradient(target.model), []
    right = answered_rightly(target, x, y)
    for strength in lsb:
        epsilon = strength * INPUT_SCALE
        made = {
            "random": random_signs(x, epsilon, seed=seed),
            "fgsm": fgsm(gradient, x, y, epsilon),
            "pgd": pgd(gradient, x, y, epsilon, seed=seed),
        }
        for attack, attacked in made.items():
            fields = {"made_on": target.name, "attack": attack, "lsb": strength, "seed": seed}
            rows += judge_inputs(target, attacked, y, right, **fields)
    return tuple(rows)


def measure_transfer(
    targets: Mapping[str, Target],
    x: np.ndarray,
    y: np.ndarray,
    *,
    lsb: Sequence[float] = LSB,
    seed: int = 0,
) -> tuple[AttackRow, ...]:
    """PGD made on every model, and given to every model.

    Only clips count that all models answer correctly, each in both forms: so all have the same
    accuracy without an attack, and are judged on the same clips.

    Parameters
    ----------
    targets : mapping of str to Target
    x, y, lsb, seed
        As in `measure_attacks`.

    Raises
    ------
    ValueError
        No clip is answered correctly by all.
    """
    rows = []
    right = np.all([answered_rightly(target, x, y) for target in targets.values()], axis=0)
    for source in targets.values():
        gradient = loss_gradient(source.model)
        for strength in lsb:
            attacked = pgd(gradient, x, y, strength * INPUT_SCALE, seed=seed)
            for target in targets.values():
                fields = {"made_on": source.name, "attack": "pgd", "lsb": strength, "seed": seed}
                rows += judge_inputs(target, attacked, y, right, **fields)
    return tuple(rows)


def measure_random_faults(
    table: WeightTable,
    accuracy: Callable[[bytes], float],
    *,
    flips: Sequence[int],
    seeds: Sequence[int],
    protections: Sequence[str] = tuple(PROTECTIONS),
) -> tuple[ProtectionRow, ...]:
    """Accuracy after bits changed by chance, behind each protection.

    Parameters
    ----------
    table : WeightTable
    accuracy : callable
        A program in, its accuracy out.
    flips : sequence of int
        Bits among those of the weights. Check bits flip at the same rate, so that a protection with
        more bits gets more flips.
    seeds : sequence of int
    protections : sequence of str
    """
    limits, rows = range_limits(table), []
    for name in protections:
        protection = PROTECTIONS[name]
        places = len(table) * (BITS + protection.check_bits)
        for count in flips:
            for seed in seeds:
                hit = round(count * (1 + protection.overhead))
                drawn = np.random.default_rng([seed, count]).choice(places, hit, replace=False)
                left = faulty_weights(protection, table.values, drawn, limits)
                right = accuracy(table.program(left))
                rows.append(ProtectionRow(name, count, False, seed, right))
    return tuple(rows)


def measure_chosen_faults(
    table: WeightTable,
    x: np.ndarray,
    y: np.ndarray,
    accuracy: Callable[[bytes], float],
    *,
    budgets: Sequence[int],
    seed: int,
    protections: Sequence[str] = tuple(PROTECTIONS),
) -> tuple[ProtectionRow, ...]:
    """Accuracy after flips by an attacker who knows the protection, and takes the better way.

    The attacker either changes only bits that the protection does not cover, or, for two flips a
    bit, changes a covered bit together with what would give it away.

    Parameters
    ----------
    table : WeightTable
    x : float array (n, ...), y : int array (n,)
        What the attacker has to work with.
    accuracy : callable
    budgets : sequence of int
        Flips of stored bits, in rising order.
    seed : int
        For the rows.
    protections : sequence of str
    """
    searched: dict[tuple[int, ...], ChosenFlips] = {}

    def search(bits: tuple[int, ...]) -> ChosenFlips:
        if bits not in searched:
            chosen = choose_flips(table, x, y, accuracy, count=budgets[-1], bits=bits)
            searched[bits] = chosen
        return searched[bits]

    limits, clean, rows = range_limits(table), accuracy(table.content), []
    for name in protections:
        protection = PROTECTIONS[name]
        ways = [(search(ALL_BITS), 2 if protection.covered else 1)]
        free = tuple(bit for bit in ALL_BITS if bit not in protection.covered)
        if protection.covered and free:
            ways.append((search(free), 1))
        for budget in budgets:
            left = [clean]
            for chosen, price in ways:
                places = _with_accomplices(
                    protection, chosen.flips[: budget // price], table, price
                )
                values = faulty_weights(protection, table.values, places, limits)
                left.append(accuracy(table.program(values)))
            rows.append(ProtectionRow(name, budget, True, seed, min(left)))
    return tuple(rows)


def _with_accomplices(
    protection: Protection, flips: Sequence[Flip], table: WeightTable, price: int
) -> list[int]:
    """Positions of the flips and, for two a bit, of the check bit that would give each away."""
    places = [BITS * flip.weight + flip.bit for flip in flips]
    if price == 2:
        first = BITS * len(table)
        for flip in flips:
            if flip.bit in protection.covered:
                places.append(
                    first + protection.check_bits * flip.weight + _check_bit(protection, flip)
                )
    odd, counts = np.unique(places, return_counts=True)  # a bit that flips twice is back
    return odd[counts % 2 == 1].tolist()


def _check_bit(protection: Protection, flip: Flip) -> int:
    """Which check bit of its weight guards a bit."""
    return 2 if protection.check_bits == 4 and flip.bit == 6 else 0
