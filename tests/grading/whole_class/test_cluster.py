"""The same grading on a cluster of separate processes, one of which is killed on the way."""

import collections
import dataclasses
import json
import os
import signal
import threading
import time
from datetime import datetime, timezone

import pytest

from tinylab.grading.intake.handins import take_in
from tinylab.grading.records.entries import HandInRecord
from tinylab.grading.records.record_book import BOOK, entries, verify
from tinylab.grading.sandbox.level import LEVELS, best_level
from tinylab.grading.whole_class.batch import Batch, grade_locally, run_batch
from tinylab.grading.whole_class.cluster import grade_on_cluster

distributed = pytest.importorskip(
    "distributed", reason="grading on a cluster needs requirements-scale.txt"
)
STUDENTS = 6


@pytest.fixture
def folder(tmp_path, solved):
    if best_level() == LEVELS[0]:
        pytest.skip("this machine allows no namespaces, so nothing is graded on it")
    for n in range(STUDENTS):
        student = tmp_path / "in" / f"s{n}"
        student.mkdir(parents=True)
        (student / "work.ipynb").write_text(json.dumps(solved))
    (tmp_path / "in" / "s1" / "work.ipynb").write_text("damaged")
    return tmp_path / "in"


@pytest.fixture
def batch(config, key, assignments):
    now = datetime(2026, 11, 24, tzinfo=timezone.utc)
    return Batch(config, key, assignments, frozenset(assignments), now)


def kill_a_worker_after_the_first_record(cluster, book) -> int:
    """Kill one worker process once something is graded, and return its process id."""
    (victim, *_others) = [nanny.pid for nanny in cluster.workers.values()]

    def kill():
        while not (book.is_file() and book.stat().st_size):
            time.sleep(0.02)
        os.kill(victim, signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()
    return victim


def test_a_killed_worker_loses_nothing_and_nothing_is_graded_twice(folder, tmp_path, batch, key):
    handins = take_in(folder, batch.config.intake).handins
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        victim = kill_a_worker_after_the_first_record(cluster, tmp_path / "out" / BOOK)
        runner = grade_on_cluster(batch.assignments, cluster.scheduler_address)
        summary = run_batch(handins, tmp_path / "out", batch, runner)
        assert victim not in [nanny.pid for nanny in cluster.workers.values()]
    counted = collections.Counter(outcomes(tmp_path / "out", list))
    assert counted == {f"s{n}": 1 for n in range(STUDENTS)}
    assert (summary.graded, summary.faults) == (STUDENTS, ())
    assert verify(tmp_path / "out", key).problems == ()
    run_batch(handins, tmp_path / "here", batch, grade_locally(batch.assignments, 1))
    assert outcomes(tmp_path / "out") == outcomes(tmp_path / "here")


def outcomes(folder, kind=dict):
    """The results by student, without the time they took; or the students alone, as a list."""
    records = [one for one in entries(folder) if isinstance(one, HandInRecord)]
    if kind is list:
        return [one.student for one in records]
    return {one.student: dataclasses.replace(one.result, seconds=0.0) for one in records}


def test_without_a_scheduler_it_is_a_sentence(batch):
    runner = grade_on_cluster(batch.assignments, "tcp://127.0.0.1:9")
    dask = pytest.importorskip("dask", reason="grading on a cluster needs requirements-scale.txt")
    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}):
        with pytest.raises(RuntimeError, match="no dask scheduler"):
            list(runner([]))
