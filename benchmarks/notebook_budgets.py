"""Run time and peak memory of every solution notebook, as the table in README.md.

    python benchmarks/notebook_budgets.py           # prints the table
    python benchmarks/notebook_budgets.py --write   # and puts it into README.md

Each notebook runs alone in a kernel and an empty work folder of its own, in the quick profile.
Memory is the largest sum of resident memory over the kernel and the processes it started.
"""

import argparse
import os
import platform
import re
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tinylab.course.notebooks.build import BuildError, find_sources, run
from tinylab.files import replacing
from tinylab.paths import PROJECT

LIMIT_S, LIMIT_BYTES = 60, 1.5e9
BEGIN, END = "<!-- notebook budgets -->", "<!-- end of notebook budgets -->"


@dataclass(frozen=True)
class Budget:
    """What one notebook took."""

    name: str
    seconds: float
    peak_bytes: int

    @property
    def kept(self) -> bool:
        return self.seconds <= LIMIT_S and self.peak_bytes <= LIMIT_BYTES


class PeakMemory(threading.Thread):
    """Watches the children of this process ten times a second."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak_bytes = 0
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.1):
            self.peak_bytes = max(self.peak_bytes, _children_bytes())

    def __enter__(self) -> "PeakMemory":
        self.start()
        return self

    def __exit__(self, *error) -> None:
        self._over.set()
        self.join()


def _children_bytes() -> int:
    total = 0
    for child in psutil.Process().children(recursive=True):
        try:
            total += child.memory_info().rss
        except psutil.Error:  # it ended between the listing and the look
            continue
    return total


def measure(source) -> Budget:
    """Run one solution notebook and watch it."""
    notebook = source.solution()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work, PeakMemory() as memory:
        start = time.perf_counter()
        run(notebook, source.name, Path(work), TINYLAB_STILLS="0")
        return Budget(source.name, time.perf_counter() - start, memory.peak_bytes)


def table(budgets: list[Budget]) -> str:
    """The budgets in Markdown, with the machine they were measured on."""
    lines = ["| notebook | run time | peak memory |", "|---|---|---|"]
    lines += [f"| `{b.name}` | {b.seconds:.0f} s | {b.peak_bytes / 1e9:.2f} GB |" for b in budgets]
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
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    parser.add_argument("names", nargs="*", help="only notebooks whose path contains one of these")
    options = parser.parse_args()
    try:
        budgets = [measure(source) for source in find_sources(options.names)]
    except BuildError as error:
        sys.exit(str(error))
    print(table(budgets))
    if options.write:
        write(table(budgets), PROJECT / "README.md")
    over = [budget.name for budget in budgets if not budget.kept]
    if over:
        sys.exit(f"over {LIMIT_S} s or {LIMIT_BYTES / 1e9} GB: {', '.join(over)}")


if __name__ == "__main__":
    main()
