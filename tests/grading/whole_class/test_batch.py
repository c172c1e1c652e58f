"""A batch goes on whatever one hand-in does, and goes on where it was cut off.

The grading process runs a stand-in for `grade` here, so that faults of the grader can be had.
"""

import functools
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from tests.grading.whole_class.conftest import NOW
from tinylab.grading.intake.handin import HandIn
from tinylab.grading.intake.handins import take_in
from tinylab.grading.records.entries import HandInRecord
from tinylab.grading.records.record_book import BOOK, entries, verify
from tinylab.grading.reports.write import write_reports
from tinylab.grading.rules.assignment import released_text
from tinylab.grading.whole_class.batch import grade_locally, run_batch
from tinylab.grading.whole_class.slot import Slot
from tinylab.paths import PROJECT

FOREVER = f"300.{os.getpid()}"  # seconds, and a name that no other program here bears
STAND_IN = """
import os, signal, subprocess, sys, time, types
grade_one = sys.modules["tinylab.grading.one.verdict"] = types.ModuleType("grade_one")
import tinylab.grading.one
tinylab.grading.one.verdict = grade_one
from tinylab.course.exercises import find
from tinylab.grading.whole_class import worker
from tinylab.grading.rules.result import PointResult, QuestionResult, Result

def grade(handin, assignment, *, assembled, key, limits):
    who = handin.student
    print("noise on stdout")
    if who.startswith("raises"): raise RuntimeError("a fault of the grader")
    if who.startswith("exits"): os._exit(3)
    if who.startswith("kills"): os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)
    if who.startswith("hangs"): subprocess.Popen(["sleep", "FOREVER"]); time.sleep(300)
    if who.startswith("slow"): time.sleep(0.25)
    questions = tuple(
        QuestionResult(one, "answered", tuple(
            PointResult(p.name, key[n] < 250) for n, p in enumerate(find(one).points)))
        for one in assignment.exercise_ids)
    return Result(who, handin.sha256, assignment.name, "graded", questions, seconds=time.time())

grade_one.grade = grade
worker.GRACE_S = 0.5
worker.main()
""".replace("FOREVER", FOREVER)
StandIn = functools.partial(Slot, program=("-c", STAND_IN))


def run(folder, out, batch, jobs=1, resume=False):
    runner = grade_locally(batch.assignments, jobs, StandIn)
    handins = take_in(folder, batch.config.intake).handins
    return run_batch(handins, out, replace(batch, resume=resume), runner)


def records(out) -> list[HandInRecord]:
    return [one for one in entries(out) if isinstance(one, HandInRecord)]


def by_student(out) -> dict[str, HandInRecord]:
    return {one.student: one for one in records(out)}


def test_faults_are_told_and_stop_nobody(hand_in, tmp_path, batch):
    students = ("ada", "exits", "hangs", "kills", "raises", "zoe")
    summary = run(hand_in(*students), tmp_path / "out", batch, jobs=2)
    found = by_student(tmp_path / "out")
    assert tuple(sorted(found)) == students and summary.graded == len(students)
    statuses = {student: one.result.status for student, one in found.items()}
    assert statuses == {
        "ada": "graded",
        "exits": "needs_review",
        "hangs": "timeout",
        "kills": "needs_review",
        "raises": "needs_review",
        "zoe": "graded",
    }
    assert len(summary.faults) == 3
    assert any("a fault of the grader" in fault for fault in summary.faults)
    assert found["hangs"].result.maximum > 0 == found["hangs"].result.earned
    assert subprocess.run(["pgrep", "-fx", f"sleep {FOREVER}"], capture_output=True).returncode == 1


def test_resuming_grades_the_rest_and_what_had_failed(hand_in, tmp_path, batch):
    folder = hand_in("ada", "bob", "raises")
    run(folder, tmp_path / "out", batch)
    hand_in("eve")
    summary = run(folder, tmp_path / "out", batch, resume=True)
    assert (summary.graded, summary.kept) == (2, 2)
    students = [one.student for one in records(tmp_path / "out")]
    assert sorted(students) == ["ada", "bob", "eve", "raises", "raises"]


def test_reports_do_not_depend_on_the_order_nor_the_number_of_jobs(hand_in, tmp_path, batch):
    folder = hand_in(*(f"{word}{n}" for n in range(4) for word in ("slow", "ada")))
    reports = []
    for jobs in (1, 2):
        out = tmp_path / f"out{jobs}"
        run(folder, out, batch, jobs)
        write_reports(out, batch.config, batch.assignments)
        names = (p for p in out.rglob("*") if p.is_file() and not p.name.startswith("records"))
        reports.append({p.name: p.read_bytes() for p in names})
    assert reports[0] == reports[1] and len(reports[0]) > 12


def test_seeds_differ_by_student_and_stay(batch, key):
    def seeds(student):
        return batch.task(HandIn(student, "p", "f"), None, 1).seeds

    assert seeds("ada") == seeds("ada") != seeds("bob")
    assert key.secret.decode() not in json.dumps(
        batch.task(HandIn("a", "p", "f"), None, 1).to_json()
    )


def test_a_hand_in_that_was_seen_before_keeps_its_time(hand_in, tmp_path, batch):
    folder = hand_in("ada")
    run(folder, tmp_path / "out", batch)
    run(folder, tmp_path / "out", replace(batch, received_at=None))
    assert {one.received_at for one in records(tmp_path / "out")} == {NOW.isoformat()}
    assert {one.attempt for one in records(tmp_path / "out")} == {1}


def test_only_what_is_named_is_graded_again_and_the_rest_kept(hand_in, tmp_path, batch):
    folder, out = hand_in("ada", "bob"), tmp_path / "out"
    run(folder, out, batch)
    before = by_student(out)
    summary = run(folder, out, replace(batch, only=frozenset({"bob"})))
    assert (summary.graded, summary.kept) == (1, 1)
    summary = run(folder, out, replace(batch, only=frozenset({"weight_bytes"})))
    assert (summary.graded, summary.kept) == (2, 0)
    for student, record in by_student(out).items():
        names = [question.exercise_id for question in record.result.questions]
        assert names == [q.exercise_id for q in before[student].result.questions]


@pytest.mark.skipif(os.name != "posix", reason="kills a process the Unix way")
def test_killed_at_any_point_it_resumes_without_loss_or_repetition(hand_in, tmp_path, batch, key):
    folder, out = hand_in(*(f"slow{n}" for n in range(5))), tmp_path / "out"
    asked = tmp_path / "assignments.json"
    asked.write_text(released_text(batch.assignments))
    code = f"""
import json
from pathlib import Path
from tests.grading.whole_class import test_batch as tests
from tinylab.grading.rules.assignment import from_json
from tinylab.grading.whole_class.batch import Batch
from tinylab.grading.rules.config import read_config
from tinylab.grading.records.record_book import Key
names = {{one["name"]: from_json(one) for one in json.loads(Path({str(asked)!r}).read_text())}}
batch = Batch(read_config(), Key({key.secret!r}), names, frozenset(names), tests.NOW)
tests.run(Path({str(folder)!r}), Path({str(out)!r}), batch, 2, True)
"""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT)
    deadline = time.monotonic() + 600
    while process.poll() is None and time.monotonic() < deadline:
        if (out / BOOK).is_file() and (out / BOOK).read_bytes().count(b"\n") >= 2:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with (out / BOOK).open("ab") as book:
        book.write(b'{"body": {"rec')  # killed in the middle of a line
    summary = run(folder, out, batch, resume=True)
    students = [one.student for one in records(out)]
    assert sorted(students) == [f"slow{n}" for n in range(5)]
    assert summary.kept >= 2 and summary.kept + summary.graded == 5
    assert verify(out, key).problems == ()
