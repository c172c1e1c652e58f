"""Small inputs for the explorers of security."""

import itertools
from functools import cache

from tinylab.security.protection import PROTECTIONS
from tinylab.security.results import AttackRow, ProtectionRow, SecurityResults, TheftRow

NAMES = ("dense", "tuned", "pruned 50 %")


def _fooled(judged: int, made_on: int, lsb: float, int8: bool, seed: int) -> int:
    """More with strength, less from another model, a little by the form and the seed."""
    return min(40, round(30 * lsb) + (6 if judged == made_on else judged) + int8 + seed)


@cache
def security_results() -> SecurityResults:
    """Imagined attacks on three models, faults behind every protection, and stolen copies."""
    forms = tuple(itertools.product((False, True), (0, 1, 2)))
    attacks = [
        AttackRow(NAMES[j], NAMES[m], "pgd", lsb, int8, seed, _fooled(j, m, lsb, int8, seed), 40)
        for j, m, lsb in itertools.product(range(3), range(3), (0.5, 1.0))
        for int8, seed in forms
    ]
    attacks += [
        AttackRow(name, name, "none", 0.0, int8, seed, index + seed + int8, 40)
        for index, name in enumerate(NAMES)
        for int8, seed in forms
    ]
    faults = [
        ProtectionRow(name, flips, chosen, seed, _left(name, level, chosen, seed))
        for name in PROTECTIONS
        for chosen, counts in ((False, (16, 64, 256)), (True, (1, 2, 4)))
        for level, flips in enumerate(counts)
        for seed in range(3)
    ]
    thefts = [
        TheftRow(queries, answers, seed, *_copy(queries, answers, seed))
        for queries in (60, 240, 1000)
        for answers in ("scores", "labels")
        for seed in range(3)
    ]
    return SecurityResults(
        "0" * 20,
        40,
        attacks=tuple(attacks),
        protections=tuple(faults),
        thefts=tuple(thefts),
    )


def _left(name: str, level: int, chosen: bool, seed: int) -> float:
    kept = 0.04 * PROTECTIONS[name].check_bits
    return min(0.95, 0.9 - (0.25 + 0.05 * chosen) * level + kept * level + 0.01 * seed)


def _copy(queries: int, answers: str, seed: int) -> tuple[float, float, float, float]:
    share = queries**0.25 / 8 + 0.02 * (answers == "scores") + 0.005 * seed
    return share, share - 0.03, share / 2, 0.1 + 0.01 * seed


@cache
def overheads() -> dict[str, float]:
    return {name: one.overhead for name, one in PROTECTIONS.items()}
