"""Budgets: every notebook has one, and what exceeds it by half is noticed."""

import subprocess
import sys
import time

import psutil
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


def test_a_child_that_was_there_before_is_not_counted():
    """As a server that other tests of the same process have started."""
    large = "x = bytearray(200_000_000); input()"
    with subprocess.Popen([sys.executable, "-c", large], stdin=subprocess.PIPE) as server:
        while psutil.Process(server.pid).memory_info().rss < 200_000_000:
            time.sleep(0.05)
        with Meter() as meter:
            subprocess.run([sys.executable, "-c", "import time; time.sleep(1.5)"], check=True)
        server.communicate(b"\n")
    assert 1_000_000 < meter.cost.peak_bytes < 100_000_000
