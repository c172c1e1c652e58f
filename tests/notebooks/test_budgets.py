"""Budgets: every notebook has one, and what exceeds it by half is noticed."""

import subprocess
import sys
import time

import psutil
import pytest

from benchmarks import notebook_budgets as budgets
from benchmarks.notebook_budgets import Measured
from tests.notebooks.budgets import Cost, Meter, read_budgets
from tinylab.course.notebooks.build import source_names
from tinylab.paths import PROJECT

BUSY = "import time; sum(n * n % 7 for n in range({})); time.sleep(0.3)"


def test_every_notebook_has_a_budget():
    assert set(read_budgets()) == set(source_names())


@pytest.mark.parametrize(
    ("cost", "kept"),
    [(Cost(15.0, 10**9), True), (Cost(15.1, 10**9), False), (Cost(1.0, 16 * 10**8), False)],
)
def test_more_than_half_above_is_too_much(cost, kept):
    assert cost.within(Cost(10.0, 10**9)) == kept


def readme(path, machine=None):
    """A table as `--write` makes it."""
    rows = [Measured(name, 10.0, Cost(1.0, 10**9)).row for name in ("a/1", "a/2", "gone")]
    text = budgets.table(rows)
    text = text.replace(budgets._machine(), machine or budgets._machine())
    path.write_text(f"before\n{budgets.BEGIN}\n{text}\n{budgets.END}\nafter\n")
    return path


def test_rows_of_some_notebooks_are_written_and_the_others_stay(tmp_path):
    path, names = readme(tmp_path / "README.md"), ["a/1", "a/2", "b/new"]
    measured = [
        Measured("b/new", 7.0, Cost(1.0, 2 * 10**9)),
        Measured("a/2", 21.4, Cost(1.0, 5 * 10**8), busy=True),
    ]
    budgets.write(measured, path, names)
    assert path.read_text().splitlines() == [
        "before",
        budgets.BEGIN,
        "| notebook | run time | peak memory |",
        "|---|---|---|",
        "| `a/1` | 10 s | 1.00 GB |",
        "| `a/2` | 21 s * | 0.50 GB |",
        "| `b/new` | 7 s | 2.00 GB |",
        "",
        f"Measured by `benchmarks/notebook_budgets.py` ({budgets._machine()}).",
        "\\* while other programs were busy on this computer.",
        budgets.END,
        "after",
    ]
    once = path.read_text()
    budgets.write(measured, path, names)
    assert path.read_text() == once


def test_rows_of_two_computers_do_not_stand_in_one_table(tmp_path):
    path = readme(tmp_path / "README.md", machine="Plan 9, 64 cores")
    one, two = (Measured(name, 7.0, Cost(1.0, 10**9)) for name in ("a/1", "a/2"))
    with pytest.raises(SystemExit, match="measure all notebooks"):
        budgets.write([one], path, ["a/1", "a/2"])
    budgets.write([one, two], path, ["a/1", "a/2"])
    assert "Plan 9" not in path.read_text()


def test_the_table_in_readme_is_one_that_can_be_written(tmp_path):
    path = tmp_path / "README.md"
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    old = text[text.index(budgets.BEGIN) : text.index(budgets.END)]
    assert [name for name in source_names() if f"| `{name}` |" not in old] == []
    measured = [Measured(name, 1.0, Cost(1.0, 10**9)) for name in source_names()]
    budgets.write(measured, path, source_names())
    assert path.read_text(encoding="utf-8").count("| 1 s | 1.00 GB |") == len(source_names())


def test_a_meter_counts_the_work_of_children():
    costs = []
    for rounds in (1_500_000, 6_000_000):
        with Meter(every_s=0.02) as meter:
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
        with Meter(every_s=0.02) as meter:
            subprocess.run([sys.executable, "-c", "import time; time.sleep(0.3)"], check=True)
        server.communicate(b"\n")
    assert 1_000_000 < meter.cost.peak_bytes < 100_000_000
