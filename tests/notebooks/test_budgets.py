"""Budgets: every notebook has one, and what exceeds it by half is noticed."""

import subprocess
import sys

import pytest

from tests.notebooks.budgets import Cost, Meter, read_budgets
from tinylab.course.notebooks.build import source_names

BUSY = "import time; sum(n * n % 7 for n in range({})); time.sleep(1.5)"


def test_every_notebook_has_a_budget():
    assert set(read_budgets()) == set(source_names())


@pytest.mark.parametrize(
    ("cost", "kept"),
    [(Cost(15.0, 10**9), True), (Cost(15.1, 10**9), False), (Cost(1.0, 16 * 10**8), False)],
)
def test_more_than_half_above_is_too_much(cost, kept):
    assert cost.within(Cost(10.0, 10**9)) == kept


def test_a_meter_counts_the_work_of_children():
    costs = []
    for rounds in (3_000_000, 12_000_000):
        with Meter() as meter:
            subprocess.run([sys.executable, "-c", BUSY.format(rounds)], check=True)
        costs.append(meter.cost)
    assert costs[1].work > 2 * costs[0].work > 0
    assert costs[0].peak_bytes > 1_000_000
