"""Run time and peak memory of every solution notebook, as the table in README.md.

    python -m benchmarks.notebook_budgets           # prints the table
    python -m benchmarks.notebook_budgets --write   # and puts it into README.md, and the budgets
                                                    # into tests/notebooks/budgets.json

Each notebook runs alone in a kernel and an empty work folder of its own, in the quick profile.
Memory is the largest sum of resident memory over the kernel and the processes it started. The tests
fail where a notebook exceeds its budget by half; that is a multiple of a fixed piece of work, timed
in the same run.
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

from tests.notebooks.budgets import Cost, Meter, write_budgets
from tinylab.course.notebooks.build import BuildError, find_sources, run
from tinylab.files import replacing
from tinylab.paths import PROJECT

LIMIT_S, LIMIT_BYTES = 60, 1.5e9
BEGIN, END = "<!-- notebook budgets -->", "<!-- end of notebook budgets -->"


@dataclass(frozen=True)
class Measured:
    """What one notebook took."""

    name: str
    seconds: float
    cost: Cost

    @property
    def kept(self) -> bool:
        return self.seconds <= LIMIT_S and self.cost.peak_bytes <= LIMIT_BYTES


def measure(source) -> Measured:
    """Run one solution notebook and watch it."""
    notebook = source.solution()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        with Meter() as meter:
            start = time.perf_counter()
            run(notebook, source.name, Path(work), TINYLAB_STILLS="0")
            seconds = time.perf_counter() - start
    return Measured(source.name, seconds, meter.cost)


def table(measured: list[Measured]) -> str:
    """What was measured in Markdown, with the machine it was measured on."""
    lines = ["| notebook | run time | peak memory |", "|---|---|---|"]
    lines += [
        f"| `{one.name}` | {one.seconds:.0f} s | {one.cost.peak_bytes / 1e9:.2f} GB |"
        for one in measured
    ]
    machine = f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    lines += ["", f"Measured by `benchmarks/notebook_budgets.py` ({machine}, no GPU)."]
    return "\n".join(lines)


def write(text: str, path: Path) -> None:
    """Put the table between the markers of a file."""
    old = path.read_text(encoding="utf-8")
    if BEGIN not in old or END not in old:
        sys.exit(f"{path.name} needs the lines {BEGIN} and {END} around the table")
    block = f"{BEGIN}\n{text}\n{END}"
    new = re.sub(f"{BEGIN}.*?{END}", lambda _: block, old, flags=re.S)
    with replacing(path) as temporary:
        temporary.write_text(new, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write table and budgets")
    parser.add_argument("names", nargs="*", help="only notebooks whose path contains one of these")
    options = parser.parse_args()
    try:
        measured = [measure(source) for source in find_sources(options.names)]
    except BuildError as error:
        sys.exit(str(error))
    print(table(measured))
    if options.write:
        write_budgets({one.name: one.cost for one in measured})
        if not options.names:
            write(table(measured), PROJECT / "README.md")
    over = [one.name for one in measured if not one.kept]
    if over:
        sys.exit(f"over {LIMIT_S} s or {LIMIT_BYTES / 1e9} GB: {', '.join(over)}")


if __name__ == "__main__":
    main()
