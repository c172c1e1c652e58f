"""The whole command on a class with hostile, damaged and honest students, all in one batch."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from file_cases import CASES as FILES
from handed_in import MAXIMA, save
from hostile_case import COMPRESS, START, submitted
from structure_cases import CASES as STRUCTURE

from tinylab.course.build import find_sources
from tinylab.course.grading.result import RESULT_STATUSES, Result

CANARY = "canary-5f0c1d9e"
HONEST = ("a-honest-1", "a-honest-2", "z-honest-3", "z-honest-4")
LIMITS = {
    "cell_s": 5,
    "probe_s": 3,
    "notebook_s": 40,
    "memory_bytes": 700_000_000,
    "processes": 64,
    "disk_bytes": 16_000_000,
    "disk_files": 1_000,
}


def course(limits: dict) -> str:
    """Rules with these limits, for the two notebooks that the cases answer."""
    lines = ["[limits]", *(f"{name} = {value}" for name, value in limits.items())]
    return "\n".join([*lines, *(f'[assignments."{name}"]' for name in (START, COMPRESS))])


def probed(everything: bool) -> list:
    """The cases of execution and integrity: all of them, or a few that are quick."""
    from execution_cases import CASES as EXECUTION
    from integrity_cases import CASES as INTEGRITY

    cases = (*EXECUTION, *INTEGRITY)
    return list(cases) if everything else [case for case in cases if case.quick][::4]


def copy_as_it_is(student: Path, target: Path) -> None:
    """Copy a student's folder with its links, pipes and times."""
    subprocess.run(["cp", "-a", str(student), str(target)], check=True)


class Graded:
    """A class that was graded by the real command, twice, and once without its hostile students."""

    def __init__(self, folder: Path, cases: list, everything: bool):
        self.folder, self.cases, self.everything = folder, cases, everything
        (folder / "key").write_text("k" * 64)
        (folder / "key").chmod(0o600)
        (folder / "course.toml").write_text(course(LIMITS))
        for name in ("tmp", "home"):
            (folder / name).mkdir()
        self._write()
        self.seen = self._outside()
        self.run = self.grade("all", "out")
        self.first = self.reports("out")
        self.again = self.grade("again", "out")
        self.honest = self.grade("honest", "honest-out")
        self.others = [self._grade_with_own_limits(case) for case in cases if case.limits]

    def _write(self) -> None:
        (source,) = find_sources([START])
        solved = json.loads(json.dumps(source.solution()))
        for student in HONEST:
            save(self.folder / "all" / student / "work.ipynb", solved)
            save(self.folder / "honest" / student / "work.ipynb", solved)
        for case in (*STRUCTURE, *FILES):
            (self.folder / "all" / f"c-{case.id}").mkdir()
            case.write(self.folder / "all" / f"c-{case.id}", solved)
        for case in (case for case in self.cases if not case.limits):
            save(self.folder / "all" / f"c-{case.id}" / "work.ipynb", submitted(case))
        again = ("c-A", *HONEST) if not self.everything else ("",)
        for one in (self.folder / "all").iterdir():
            if one.name.startswith(again):
                (self.folder / "again").mkdir(exist_ok=True)
                copy_as_it_is(one, self.folder / "again" / one.name)

    def _grade_with_own_limits(self, case) -> subprocess.CompletedProcess:
        """Grade a case that needs limits of its own, into the same record book."""
        save(self.folder / case.id / f"c-{case.id}" / "work.ipynb", submitted(case))
        (self.folder / "own.toml").write_text(course({**LIMITS, **case.limits}))
        return self.grade(case.id, "own-out", "own.toml")

    def grade(
        self, submissions: str, out: str, rules: str = "course.toml"
    ) -> subprocess.CompletedProcess:
        """Run the command in an environment with a secret in it."""
        told = [
            sys.executable,
            "-m",
            "tinylab.cli",
            "grade",
            submissions,
            "--out",
            out,
            "--key",
            "key",
        ]
        environment = {
            **os.environ,
            "TMPDIR": str(self.folder / "tmp"),
            "HOME": str(self.folder / "home"),
            "TINYLAB_CANARY": CANARY,
        }
        return subprocess.run(
            [*told, "--course", rules, "--jobs", "2"],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=1500,
        )

    def reports(self, out: str) -> dict[str, bytes]:
        """All reports, without the record book, which tells times."""
        files = (p for p in (self.folder / out).rglob("*") if p.is_file())
        return {p.name: p.read_bytes() for p in files if not p.name.startswith("records")}

    def rows(self, student: str, out: str = "out") -> list[dict]:
        with (self.folder / out / "submissions.csv").open(encoding="utf-8", newline="") as file:
            return [row for row in csv.DictReader(file) if row["student"] == student]

    def results(self) -> dict[str, Result]:
        """The newest result of every student."""
        books = [self.folder / out / "records.jsonl" for out in ("out", "own-out")]
        lines = [line for b in books if b.is_file() for line in b.read_text().splitlines()]
        records = [json.loads(line)["body"]["record"] for line in lines]
        return {one["student"]: Result.from_json(one["result"]) for one in records}

    def _outside(self) -> dict:
        """What grading must leave alone: hand-ins, key, rules and the home folder."""
        watched = [self.folder / name for name in ("all", "home", "honest", "key", "course.toml")]
        files = [p for one in watched for p in (one, *one.rglob("*"))]
        return {p: (p.lstat().st_size, p.lstat().st_mtime_ns) for p in files}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(False, id="some"),
        pytest.param(True, id="all", marks=pytest.mark.hostile),
    ],
)
def graded(request, tmp_path_factory, walls):
    return Graded(tmp_path_factory.mktemp("class"), probed(request.param), request.param)


def test_the_batch_ends_and_its_exit_code_tells_of_the_grader_alone(graded):
    for run in (graded.run, graded.again, graded.honest, *graded.others):
        assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]


@pytest.mark.parametrize("case", (*STRUCTURE, *FILES), ids=lambda case: case.id)
def test_required_outcome(graded, case):
    rows = graded.rows(f"c-{case.id}")
    assert len(rows) == case.rows
    assert {row["status"] for row in rows} <= set(RESULT_STATUSES)
    last = max(rows, key=lambda row: int(row["attempt"]))
    told = json.dumps(last)
    assert last["status"] == case.status, told
    assert set(case.flags) <= set(last["flags"].split()), told
    assert not set(case.without) & set(last["flags"].split()), told
    result = graded.results()[f"c-{case.id}"]
    if case.status in ("graded", "needs_review"):
        earned = {one.exercise_id: one.earned for one in result.questions}
        assert earned == {k: 0 if k in case.lost else v for k, v in MAXIMA.items()}, told
        assert {one.exercise_id: one.maximum for one in result.questions} == MAXIMA
    else:
        assert (int(last["points"]), last["counts"]) == (0, "no") and last["message"].endswith(".")


def test_required_outcomes_of_what_runs(graded, meets):
    results = graded.results()
    for case in graded.cases:
        meets(case, results[f"c-{case.id}"])


def test_every_submission_has_one_row(graded):
    expected = sum(case.rows for case in (*STRUCTURE, *FILES)) + len(HONEST)
    expected += sum(not case.limits for case in graded.cases)
    with (graded.folder / "out" / "submissions.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == expected


def test_a_resubmission_replaces_the_points(graded):
    first, second = sorted(graded.rows("c-A06"), key=lambda row: row["path"])
    assert (first["points"], first["counts"]) == ("9", "no")
    assert (second["points"], second["counts"]) == ("6", "yes")


def test_honest_students_are_not_affected(graded):
    alone, beside = graded.reports("honest-out"), graded.reports("out")
    pages = [name for name in alone if name.startswith(HONEST)]
    assert len(pages) == len(HONEST)
    for name in pages:
        assert alone[name].count(b"earned:") > 0
        assert without_time(alone[name]) == without_time(beside[name])
    for student in HONEST:
        own = [{**row, "received": ""} for row in graded.rows(student)]
        assert own == [{**row, "received": ""} for row in graded.rows(student, "honest-out")]
        assert own[0]["points"] == own[0]["maximum"] == "9"


def without_time(page: bytes) -> bytes:
    """A page without the time at which the hand-in came in, which the two runs do not share."""
    head, _, rest = page.partition(b", received ")
    return head + rest.partition(b", receipt ")[2]


def test_grading_again_gives_the_same(graded):
    again = graded.reports("out")
    assert set(again) == set(graded.first)
    different = [name for name in again if again[name] != graded.first[name]]
    assert not different


def test_nothing_is_left_behind(graded):
    assert list((graded.folder / "tmp").iterdir()) == []
    assert graded._outside() == graded.seen
    ours = str(graded.folder)
    for process in psutil.process_iter():
        try:
            assert process.environ().get("TMPDIR", "").startswith(ours) is False
        except psutil.Error:
            continue


def test_no_secret_comes_out(graded):
    for name, content in {**graded.reports("out"), "records": book(graded)}.items():
        for secret in (CANARY, "k" * 64, "root:x:0"):
            assert secret.encode() not in content, name
    for run in (graded.run, graded.again):
        assert CANARY not in run.stdout + run.stderr


def book(graded) -> bytes:
    return (graded.folder / "out" / "records.jsonl").read_bytes()


def test_points_lie_between_nothing_and_the_maximum(graded):
    for result in graded.results().values():
        assert 0 <= result.earned <= result.maximum
        for one in result.questions:
            assert one.earned == sum(point.earned is True for point in one.points)


def test_the_record_book_verifies_and_notices_a_change(graded, tmp_path):
    from tinylab.course.grading.record import read_key, verify

    key = read_key(graded.folder / "key")
    assert verify(graded.folder / "out", key).problems == ()
    (tmp_path / "records.head").write_bytes((graded.folder / "out" / "records.head").read_bytes())
    (tmp_path / "records.jsonl").write_bytes(
        book(graded).replace(b'"earned":false', b'"earned":true', 1)
    )
    assert "changed" in verify(tmp_path, key).problems[0]


def test_names_are_inert_in_every_report(graded):
    (row,) = graded.rows("c-B22")
    assert "\n" not in row["path"] and "\u202e" not in row["path"]
    page = next(v for k, v in graded.first.items() if k.startswith("c-B22"))
    assert b"<script" not in page and b"\xe2\x80\xae" not in page
    assert b"Content-Security-Policy" in page
