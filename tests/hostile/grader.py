"""The real command on a class of our making, in a course, a home and a temporary folder of its own.

A `Grader` runs it; a `Run` is what came of it: reports, records, and what it left behind or
changed. The course is a copy, so that nothing but the command can change it.
"""

import compileall
import csv
import hashlib
import json
import os
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.handed_in import save
from tests.hostile.hostile_case import COMPRESS, START, Hostile
from tests.sources import source_of
from tinylab.grading.records.entries import HandInRecord
from tinylab.grading.records.record_book import entries
from tinylab.grading.rules.result import Result
from tinylab.paths import PROJECT

CANARY = "canary-5f0c1d9e"
KEY = f"{CANARY}-and-the-rest-of-the-teachers-key"
SECRET = "secret"
RECEIVED = "2026-11-24T12:00:00"
RECEIVED_S = 1_795_521_600  # the same in seconds since 1970
HONEST = ("1-honest", "2-honest", "y-honest", "z-honest")
LIMITS = {
    "cell_s": 5,
    "probe_s": 3,
    "notebook_s": 40,
    "memory_bytes": 700_000_000,
    "processes": 64,
    "disk_bytes": 16_000_000,
    "disk_files": 1_000,
}
SHARED = [Path("/"), Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path.home()]
WRITTEN = ("mark", "leak", "full", "numpy.py", "usercustomize.py", ".jupyter")  # by the cases
HANG_S = 600.0
NAMES = ("Übung tiny lab", "hôme 'of hers'", "tmp folder")  # as people call folders


@dataclass(frozen=True)
class Run:
    """One run of the command.

    Attributes
    ----------
    folder : Path
        With "out", where the reports are.
    expected : dict
        Submissions by student.
    limits : dict
    code : int
        The exit code.
    told : str
        What it printed.
    cpu_s : float
        What it and its children used.
    left : list of str
        Processes, temporary files and shared memory that outlived it.
    changed : list of str
        Files outside "out" that it changed, made or removed.
    """

    folder: Path
    expected: dict
    limits: dict
    code: int
    told: str
    cpu_s: float
    left: list
    changed: list

    def table(self, name: str = "handins.csv") -> list[dict]:
        """The rows of a report."""
        with (self.folder / "out" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def rows(self, student: str) -> list[dict]:
        """The hand-ins of a student, in the order of attempts."""
        own = [row for row in self.table() if shown(row["student"]) == shown(student)]
        return sorted(own, key=lambda row: int(row["attempt"]))

    def results(self, student: str) -> list[Result]:
        """The results of a student in the record book, in the order of attempts.

        The book has them in the order in which grading ended, which no two runs need share.
        """
        records = [one for one in entries(self.folder / "out") if isinstance(one, HandInRecord)]
        own = [one for one in records if one.student == student]
        return [one.result for one in sorted(own, key=lambda one: one.attempt)]

    def files(self) -> dict[str, bytes]:
        """Everything in "out", by its path there."""
        files = (path for path in (self.folder / "out").rglob("*") if path.is_file())
        return {str(p.relative_to(self.folder / "out")): p.read_bytes() for p in files}

    def reports(self) -> dict[str, bytes]:
        """`files` without the record book, which tells how long it took."""
        return {k: v for k, v in self.files().items() if not k.startswith("records")}


def shown(student: str) -> str:
    """A student's name as a table may show it: no leading quote, control characters escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in student).lstrip("'")


class Grader:
    """Runs the command on cases, among honest students or alone."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.course, self.home, self.tmp = (folder / name for name in NAMES)
        _copy_course(self.course)
        for one in (self.home, self.tmp):
            one.mkdir()
        self.key = _private(folder / "key", KEY)
        _private(self.home / SECRET, CANARY)
        _private(self.course / SECRET, CANARY)
        self.solved = json.loads(json.dumps(source_of(START).solution()))
        self._server = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("command_server.py")), CANARY],
            cwd=self.course,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        json.loads(self._server.stdout.readline())

    def close(self) -> None:
        """End the process that runs the command."""
        self._server.stdin.close()
        self._server.wait(60)
        self._server.stdout.close()

    def environment(self) -> dict[str, str]:
        """The environment of the command, with a secret in it."""
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith("TINYLAB")},
            "HOME": str(self.home),
            "TMPDIR": str(self.tmp),
            "PYTHONPATH": str(self.course),
            "OPENBLAS_NUM_THREADS": "1",  # its threads do not survive a fork
            "TINYLAB_CANARY": CANARY,
        }

    def grade(
        self,
        cases: Sequence[Hostile],
        honest: Sequence[str] = (),
        *,
        jobs: int = 1,
        packed: bool = False,
        typed: bool = False,
    ) -> Run:
        """Run the command on a class of these cases and of students with every answer right.

        `packed`: as one zip file; `typed`: in a process that starts from nothing.
        """
        folder = Path(tempfile.mkdtemp(prefix="class-", dir=self.folder))
        handins = self._hand_in(folder, cases, honest, packed)
        rules = folder / "course.toml"
        words = ["grade", str(handins), "--out", str(folder / "out"), "--course", str(rules)]
        words += ["--key", str(self.key), "--jobs", str(jobs)]
        words += ["--times", str(folder / "times.csv")] if packed else ["--received", RECEIVED]
        watched = [self.course, self.home, self.key, handins, rules]
        before, shared = contents(watched), shared_places()
        done = (self._typed if typed else self._served)(words, folder / "told")
        return Run(
            folder=folder,
            expected=dict.fromkeys(honest, 1) | {student_of(c): c.rows for c in cases},
            limits=_limits(cases),
            code=done["code"],
            told=(folder / "told").read_text(encoding="utf-8", errors="replace"),
            cpu_s=done["cpu_s"],
            left=[*done["left"], *map(str, self.tmp.iterdir()), *(shared_places() - shared)],
            changed=sorted(map(str, dict(before.items() ^ contents(watched).items()))),
        )

    def _hand_in(self, folder: Path, cases, honest: Sequence[str], packed: bool) -> Path:
        """Write rules and hand-ins, and return where the hand-ins are."""
        for student in honest:
            save(folder / "in" / student / "work.ipynb", self.solved)
            os.utime(folder / "in" / student / "work.ipynb", (RECEIVED_S, RECEIVED_S))
        for case in cases:
            (folder / "in" / case.folder).mkdir(parents=True)
            case.write(folder / "in" / case.folder, self.solved)
        deadline = next((case.deadline for case in cases if case.deadline), "")
        (folder / "course.toml").write_text(rules(_limits(cases), deadline), encoding="utf-8")
        return pack(folder) if packed else folder / "in"

    def _served(self, words: list[str], told: Path) -> dict:
        self._server.stdin.write(json.dumps({"words": words, "told": str(told)}) + "\n")
        self._server.stdin.flush()
        return json.loads(self._server.stdout.readline())

    def _typed(self, words: list[str], told: Path) -> dict:
        """The command as a teacher types it, in a process that starts from nothing."""
        program, before = [sys.executable, "-m", "tinylab.cli", *words], children_cpu_s()
        with told.open("wb") as out:
            code = subprocess.run(
                program,
                cwd=self.course,
                env=self.environment(),
                stdout=out,
                stderr=out,
                timeout=HANG_S,
                check=False,
            ).returncode
        return {"code": code, "cpu_s": children_cpu_s() - before, "left": []}


def children_cpu_s() -> float:
    """CPU seconds of all children of this process that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def student_of(case: Hostile) -> str:
    """What the command calls the student."""
    return case.folder.removesuffix("_assignsubmission_file")


def rules(limits: dict, deadline: str) -> str:
    """A course.toml with these limits, for the two notebooks that the cases answer."""
    lines = ["[limits]", *(f"{name} = {value}" for name, value in limits.items())]
    lines += [f'[assignments."{COMPRESS}"]', f'[assignments."{START}"]']
    return "\n".join([*lines, *([f"deadline = {deadline}"] if deadline else [])]) + "\n"


def pack(folder: Path) -> Path:
    """The hand-ins as one zip file, as a platform packs a class, and a list of their times."""
    times = ["path,received"]
    with zipfile.ZipFile(folder / "in.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in (folder / "in").rglob("*") if p.is_file()):
            name = path.relative_to(folder / "in")
            archive.writestr(str(name), path.read_bytes())
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(path.stat().st_mtime))
            times.append(f"in.zip!{name},{at}")
    (folder / "times.csv").write_text("\n".join(times), encoding="utf-8")
    return folder / "in.zip"


def contents(places: Sequence[Path]) -> dict[Path, tuple]:
    """Mode, size, time and SHA-256 of everything in some folders; links are not followed."""
    return {p: _state(p) for one in places for p in (one, *one.rglob("*"))}


def _state(path: Path) -> tuple:
    status = path.lstat()
    content = hashlib.sha256()
    if stat.S_ISREG(status.st_mode):
        with path.open("rb") as file:
            for piece in iter(lambda: file.read(1 << 20), b""):
                content.update(piece)
    return status.st_mode, status.st_size, status.st_mtime_ns, content.digest()


def shared_places() -> set[str]:
    """Where others on this machine write too: all of shared memory, elsewhere what cases write."""
    names = {str(p / name) for p in SHARED for name in WRITTEN if (p / name).exists()}
    names |= {str(path) for path in Path("/dev/shm").glob("*")}
    for kind in ("shm", "sem", "msg"):
        table = Path("/proc/sysvipc", kind)
        if table.is_file():
            names |= {f"{kind} {line.split()[1]}" for line in table.read_text().splitlines()[1:]}
    return names


def _limits(cases: Sequence[Hostile]) -> dict:
    limits = dict(LIMITS)
    for case in cases:
        limits |= case.limits
    return limits


def _copy_course(target: Path) -> None:
    """The package and the notebooks' sources, compiled, so that grading writes nothing there."""
    shutil.copytree(PROJECT / "tinylab", target / "tinylab")
    shutil.copytree(PROJECT / "notebooks" / "source", target / "notebooks" / "source")
    compileall.compile_dir(target / "tinylab", quiet=2)


def _private(path: Path, content: str) -> Path:
    path.write_text(content, encoding="ascii")
    path.chmod(0o600)
    return path
