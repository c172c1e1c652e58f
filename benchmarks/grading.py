"""What grading costs, beside nbgrader and otter-grader: run by hand, prints tables.

    python benchmarks/grading.py --count 200 --nbgrader VENV/bin/nbgrader --otter VENV/bin/otter

Targets: at most 3 s of CPU before the first submission, 0.9 s each, two cores busy to 0.9, memory
that does not grow with the class, and a record book of 10,000 rows checked in less than 5 s. The
peers need an environment of their own each; without one they are left out.

The submissions answer `00_start_here`. nbgrader runs the same notebook, every cell of it, as it
does with any hand-in; otter the answers alone. Both run asserts of the same inputs as the check
cells in the student's own kernel, without a sandbox; they protect from less.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tinylab.course.notebooks.build import find_sources
from tinylab.grading.records.entries import HandInRecord
from tinylab.grading.records.record_book import Key, RecordBook, entries, verify

NAME = "00_start_here"
GROUP_V1 = Path("/sys/fs/cgroup/cpuacct/tinylab-benchmark")
GROUP_V2 = Path("/sys/fs/cgroup/tinylab-benchmark")
ASSERTS = {
    "weight_bytes": "assert weight_bytes(3, 4) == 2\nassert weight_bytes(22603, 4) == 11302",
    "convolution_macs": "assert convolution_macs(25, 5, 1, 1, 64, 64) == 512000",
    "inference_energy_uJ": "assert inference_energy_uJ(40.0, 2.0) == 80.0",
    "battery_days": "assert abs(battery_days(225.0, 3.0, 1.0) - 28.125) < 1e-9",
}


def measured(command: list, cwd: Path) -> tuple[float, float]:
    """(wall, CPU) seconds of a command and all its descendants."""
    before, started = cpu_seconds(), time.perf_counter()
    call(command, cwd)
    return time.perf_counter() - started, cpu_seconds() - before


def cpu_seconds() -> float:
    """CPU seconds of what this benchmark has started, this process itself left out.

    A sandboxed kernel is the child of an init of its own, whose time is not added to ours when it
    is killed; a control group (version 1 or 2) counts it all the same.
    """
    if GROUP_V1.is_dir():
        return int((GROUP_V1 / "cpuacct.usage").read_text()) / 1e9
    if GROUP_V2.is_dir():
        return int((GROUP_V2 / "cpu.stat").read_text().split()[1]) / 1e6
    raise RuntimeError("no control group: run as root, or make one and own it")


def make_group() -> None:
    """Make the control group that counts, where the kernel has one."""
    for group in (GROUP_V1, GROUP_V2):
        if (group.parent / "cgroup.procs").is_file():
            group.mkdir(exist_ok=True)
            return


def enter_group() -> None:
    """Put the process that is about to become the command into the group."""
    group = GROUP_V1 if GROUP_V1.is_dir() else GROUP_V2
    (group / "cgroup.procs").write_text("0")


def call(command: list, cwd: Path) -> None:
    """Run a command, its own environment's programs first; a RuntimeError where it fails."""
    words = [str(word) for word in command]
    path = os.pathsep.join([str(Path(words[0]).parent), os.environ["PATH"]])
    done = subprocess.run(
        words,
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path},
        preexec_fn=enter_group,
    )
    if done.returncode:
        raise RuntimeError(f"{words[0]}: {(done.stdout + done.stderr)[-2000:]}")


def slope(run, few: int, many: int) -> tuple[float, float, float, float]:
    """CPU seconds a submission and before the first, wall and CPU seconds of the larger class."""
    _, base = run(few)
    wall, cpu = run(many)
    each = (cpu - base) / (many - few)
    return each, base - few * each, wall, cpu


def ours(folder: Path, jobs: int):
    """A function that grades a class of `count` with this project."""
    (source,) = find_sources([NAME])

    def run(count: int) -> tuple[float, float]:
        root = folder / f"ours-{count}-{jobs}"
        for n in range(count):
            student = root / "in" / f"student{n:04d}"
            student.mkdir(parents=True)
            notebook = source.solution()
            # No two files are equal: every pair of such would be a row of the similarity report.
            notebook.cells.append(new_markdown_cell(f"Handed in by student {n}"))
            (student / "work.ipynb").write_text(nbformat.writes(notebook))
        words = ["grade", root / "in", "--out", root / "out", "--key", folder / "key"]
        code = (
            "import resource, sys\nfrom tinylab.cli import main\ntry: main(sys.argv[1:])\nfinally: "
            f"open({str(root / 'rss')!r}, 'w').write("
            "str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"
        )
        figures = measured([sys.executable, "-c", code, *words, "--jobs", jobs], folder)
        return figures

    return run


def rss_mb(folder: Path, count: int, jobs: int) -> float:
    """Memory of the grader's main process at its most, in megabytes."""
    return int((folder / f"ours-{count}-{jobs}" / "rss").read_text()) / 1000


def answered() -> list[tuple[str, str]]:
    """(exercise, right answer) of the notebook."""
    (source,) = find_sources([NAME])
    cells = source.solution().cells
    return [(c.metadata["exercise"], c.source) for c in cells if "exercise" in c.metadata]


def whole_notebook() -> list:
    """Every cell of the notebook, answered rightly."""
    (source,) = find_sources([NAME])
    return source.solution().cells


def own_kernel(folder: Path) -> dict:
    """A kernel of this environment for a peer's, which has no tinylab; found by JUPYTER_PATH."""
    spec = folder / "jupyter" / "kernels" / "tinylab-benchmark" / "kernel.json"
    spec.parent.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    names = {"display_name": "tinylab", "language": "python"}
    spec.write_text(json.dumps({"argv": words, **names}))
    os.environ["JUPYTER_PATH"] = str(folder / "jupyter")
    return {"name": "tinylab-benchmark", **names}


def with_nbgrader(program: Path, folder: Path):
    """A function that grades a class of `count` with nbgrader."""

    def mark(cell, grade_id, **more):
        kept = {"schema_version": 3, "grade_id": grade_id, "locked": False, "task": False}
        cell.metadata["nbgrader"] = {**kept, "grade": False, "solution": False, **more}
        return cell

    def run(count: int) -> tuple[float, float]:
        root = folder / f"nbgrader-{count}"
        cells = []
        for cell in whole_notebook():
            name = cell.metadata.get("exercise") or cell.id.removeprefix("check-")
            if "exercise" in cell.metadata:
                cell = mark(new_code_cell(cell.source), f"a-{name}", solution=True)
            elif name in ASSERTS:
                points = {"grade": True, "points": 2, "locked": True}
                cell = mark(new_code_cell(ASSERTS[name]), f"t-{name}", **points)
            cells.append(cell)
        notebook = new_notebook(cells=cells, metadata={"kernelspec": own_kernel(folder)})
        (root / "source" / "a").mkdir(parents=True)
        nbformat.write(notebook, root / "source" / "a" / "work.ipynb")
        (root / "nbgrader_config.py").write_text(
            "c = get_config()\nc.CourseDirectory.course_id='x'\n"
        )
        call([program, "generate_assignment", "a"], root)
        released = nbformat.read(root / "release" / "a" / "work.ipynb", as_version=4)
        for cell, own in zip(released.cells, notebook.cells):
            cell.source = own.source
        for n in range(count):
            student = root / "submitted" / f"student{n:04d}" / "a"
            student.mkdir(parents=True)
            nbformat.write(released, student / "work.ipynb")
        return measured([program, "autograde", "a"], root)

    return run


def with_otter(program: Path, folder: Path):
    """A function that grades a class of `count` with otter-grader, one run a submission."""

    def run(count: int) -> tuple[float, float]:
        root = folder / f"otter-{count}"
        (root / "tests").mkdir(parents=True)
        for name, _ in answered():
            lines = ASSERTS[name].splitlines()
            cases = [{"code": f">>> {line}\n", "hidden": False, "locked": False} for line in lines]
            suite = {"cases": cases, "scored": True, "setup": "", "teardown": "", "type": "doctest"}
            test = {"name": name, "points": 2, "suites": [suite]}
            (root / "tests" / f"{name}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n")
        cells = [new_code_cell("import numpy as np"), *(new_code_cell(c) for _, c in answered())]
        nbformat.write(
            new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), root / "work.ipynb"
        )
        words = ["generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"]
        call([program, *words], root)
        walls, cpus = zip(
            *(
                measured([program, "run", "-a", "autograder.zip", "-o", root, "work.ipynb"], root)
                for _ in range(count)
            )
        )
        return sum(walls), sum(cpus)

    return run


KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def book_seconds(folder: Path, template: HandInRecord, rows: int = 10_000) -> tuple[float, int]:
    """Seconds to check a book of that many records like `template`, and its bytes."""
    key = Key(b"a key of the benchmark, long enough")
    real, os.fsync = os.fsync, lambda handle: None  # writing is not what is measured
    try:
        with RecordBook(folder / "book", key) as book:
            for n in range(rows):
                book.append(dataclasses.replace(template, student=f"student{n:05d}"))
    finally:
        os.fsync = real
    started = time.perf_counter()
    verified = verify(folder / "book", key)
    seconds = time.perf_counter() - started
    if verified.rows != rows or verified.problems:
        raise RuntimeError(f"the book does not verify: {verified.problems}")
    return seconds, (folder / "book" / "records.jsonl").stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--peers", type=int, default=12, help="submissions given to the peers")
    parser.add_argument("--nbgrader", type=Path)
    parser.add_argument("--otter", type=Path)
    options = parser.parse_args()
    make_group()
    folder = Path(tempfile.mkdtemp(prefix="grading-benchmark-"))
    try:
        few = max(4, options.count // 10)
        each, start, wall, cpu = slope(ours(folder, options.jobs), few, options.count)
        print(
            f"load of the machine when it began: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores"
        )
        print("| what | CPU s a submission | CPU s before the first | sandbox |\n|---|---|---|---|")
        print(f"| tinylab grade, {options.count} submissions | {each:.2f} | {start:.2f} | yes |")
        for program, make, name in (
            (options.nbgrader, with_nbgrader, "nbgrader autograde"),
            (options.otter, with_otter, "otter run"),
        ):
            if program:
                run = make(program.absolute(), folder)
                peer, begun, _, _ = slope(run, 1, options.peers)
                print(f"| {name}, {options.peers} submissions | {peer:.2f} | {begun:.2f} | no |")
        cores = os.cpu_count() or 1
        busy = cpu / wall / cores
        print(f"\n{options.count} submissions with {options.jobs} jobs: {wall:.1f} s,", end=" ")
        print(f"{options.count / wall * 60:.0f} a minute, {busy:.2f} of {cores} cores busy")
        small, large = (rss_mb(folder, n, options.jobs) for n in (few, options.count))
        print(f"memory of the grader: {small:.1f} MB for {few}, {large:.1f} MB for {options.count}")
        graded = entries(folder / f"ours-{options.count}-{options.jobs}" / "out")
        template = next(one for one in graded if isinstance(one, HandInRecord))
        seconds, size = book_seconds(folder, template)
        print(f"a record book of 10,000 rows, {size / 1e6:.1f} MB: checked in {seconds:.2f} s")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # where it could not be made, or something still runs
            (GROUP_V1 if GROUP_V1.is_dir() else GROUP_V2).rmdir()


if __name__ == "__main__":
    main()
