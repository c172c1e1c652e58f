"""The rules of the challenge: gates before points, and halving is worth the same anywhere."""

import pytest

from tinylab.course.challenge.score import BUDGET, GATES, score_of

GOOD = {"atrial": 0.8, "ventricular": 0.95}


def test_parts_by_hand():
    parts = score_of(0.85, GOOD, 16_000, 500, 20.0)
    assert (parts.energy, parts.arena, parts.flash) == pytest.approx((-4.0, 2.0, -2.0))
    assert parts.total == pytest.approx(85 - 4)
    assert str(parts) == (
        "score 81.0 (85.0 for macro F1, -4.0 for energy, +2.0 for the arena, -2.0 for flash)"
    )


def test_halving_the_energy_is_worth_four_points_wherever_it_starts():
    for energy in (25.0, 3.0):
        before, after = (score_of(0.8, GOOD, 9_000, 900, e).total for e in (energy, energy / 2))
        assert after - before == pytest.approx(4)


@pytest.mark.parametrize("name", GATES)
def test_a_missed_gate_is_no_score_however_small_the_program(name):
    parts = score_of(0.99, GOOD | {name: GATES[name] - 0.01}, 100, 10, 0.1)
    assert parts.total is None and name in parts.broken[0]
    assert str(parts).startswith("no score: ")


def test_every_limit_of_the_budget_binds():
    at_the_limit = (BUDGET.flash_bytes, BUDGET.arena_bytes, BUDGET.energy_uJ)
    assert score_of(0.8, GOOD, *at_the_limit).broken == ()
    for number in range(3):
        spent = [limit + (k == number) for k, limit in enumerate(at_the_limit)]
        assert len(score_of(0.8, GOOD, *spent).broken) == 1
