"""Run time and peak memory of every solution notebook, as the table in README.md.

    python -m benchmarks.notebook_budgets                  # prints the table
    python -m benchmarks.notebook_budgets --write          # and puts it into README.md, and budgets
                                                           # into tests/notebooks/budgets.json
    python -m benchmarks.notebook_budgets --write 1_train  # rows and budgets of these names only

Each notebook runs alone in a kernel and an empty work folder of its own, in the quick profile.
Memory is the largest sum of resident memory over the kernel and the processes it started. A star
says that other programs took more than a fifth of the processors meanwhile. The tests fail where a
notebook exceeds its budget by half; that is a multiple of a fixed piece of work, timed in the same
run.
"""

import argparse
import os
import platform
import re
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.notebooks.budgets import Cost, Meter, children_cpu_s, write_budgets
from tinylab.course.notebooks.build import BuildError, find_sources, run, source_names
from tinylab.files import replacing
from tinylab.paths import PROJECT

LIMIT_S, LIMIT_BYTES = 60, 1.5e9
# What pytest and nbval, in which the tests run a notebook, take beside it: 47 to 70 units, 0.10 GB.
NBVAL = Cost(70.0, 120_000_000)
BUSY = 0.2  # of all processors, by programs that are not the notebook's
BEGIN, END = "<!-- notebook budgets -->", "<!-- end of notebook budgets -->"


@dataclass(frozen=True)
class Measured:
    """What one notebook took."""

    name: str
    seconds: float
    cost: Cost
    busy: bool = False

    @property
    def row(self) -> str:
        """Its line of the table."""
        star = " *" if self.busy else ""
        gigabytes = self.cost.peak_bytes / 1e9
        return f"| `{self.name}` | {self.seconds:.0f} s{star} | {gigabytes:.2f} GB |"

    @property
    def kept(self) -> bool:
        return self.seconds <= LIMIT_S and self.cost.peak_bytes <= LIMIT_BYTES


def measure(source) -> Measured:
    """Run one solution notebook and watch it."""
    notebook = source.solution()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        with Meter() as meter:
            start, before, own = time.perf_counter(), _busy_s(), _own_s()
            run(notebook, source.name, Path(work), TINYLAB_STILLS="0")
            seconds = time.perf_counter() - start
            others_s = (_busy_s() - before) - (_own_s() - own)
    busy = others_s > BUSY * seconds * psutil.cpu_count()
    return Measured(source.name, seconds, meter.cost, busy)


def _busy_s() -> float:
    """Seconds that all processors of this computer have worked, for whomever."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - getattr(times, "iowait", 0) - getattr(times, "guest", 0)


def _own_s() -> float:
    """Processor seconds of this program and of what it has started and waited for."""
    return children_cpu_s() + time.process_time()


def table(rows: list[str]) -> str:
    """The rows in Markdown, with the machine they were measured on."""
    note = f"Measured by `benchmarks/notebook_budgets.py` ({_machine()})."
    if any("*" in row for row in rows):
        note += "\n\\* while other programs were busy on this computer."
    return "\n".join(["| notebook | run time | peak memory |", "|---|---|---|", *rows, "", note])


def _machine() -> str:
    system, python = platform.system(), platform.python_version()
    return f"{system}, {os.cpu_count()} cores, Python {python}, no GPU"


def write(measured: list[Measured], path: Path, names: list[str]) -> None:
    """Put rows into the table between the markers of a file; those of other notebooks stay.

    Parameters
    ----------
    measured : list of Measured
    path : Path
    names : list of str
        All notebooks there are, in the order of the table.
    """
    text = path.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        sys.exit(f"{path.name} needs the lines {BEGIN} and {END} around the table")
    old = text[text.index(BEGIN) : text.index(END)]
    rows = dict(re.findall(r"^(?=.*`(.+?)` \|)(\|.+\|)$", old, flags=re.M))
    rows |= {one.name: one.row for one in measured}
    others = set(rows) & set(names) - {one.name for one in measured}
    if others and _machine() not in old:
        sys.exit(f"{path.name} has rows of another computer than this one: measure all notebooks")
    block = table([rows[name] for name in names if name in rows])
    with replacing(path) as temporary:
        whole = text.replace(old, f"{BEGIN}\n{block}\n")
        temporary.write_text(whole, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write table and budgets")
    parser.add_argument("names", nargs="*", help="only notebooks whose path contains one of these")
    options = parser.parse_args()
    try:
        measured = [measure(source) for source in find_sources(options.names)]
    except BuildError as error:
        sys.exit(str(error))
    print(table([one.row for one in measured]))
    if options.write:
        write_budgets({one.name: one.cost + NBVAL for one in measured})
        write(measured, PROJECT / "README.md", source_names())
    over = [one.name for one in measured if not one.kept]
    if over:
        sys.exit(f"over {LIMIT_S} s or {LIMIT_BYTES / 1e9} GB: {', '.join(over)}")


if __name__ == "__main__":
    main()
