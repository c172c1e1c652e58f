"""A whole class: every hand-in graded once and recorded, whatever the others do.

In: hand-ins, the rules, a key. Out: a record book and, of it, the reports. Only as many notebooks
are in memory as are graded at one time. A batch that was cut off goes on with `resume`.
"""

import queue
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from tqdm import tqdm

from tinylab.grading.intake.find import read_handin
from tinylab.grading.intake.handin import Handin, Refused
from tinylab.grading.intake.parse import digest
from tinylab.grading.one.submission import Job, refused_record
from tinylab.grading.records.record_book import Key, RecordBook
from tinylab.grading.rules.config import CourseConfig
from tinylab.grading.rules.result import Assignment
from tinylab.grading.whole_class.slot import Slot

__all__ = ["Batch", "Summary", "grade_locally", "run_batch"]

Runner = Callable[[Iterable[tuple[Job, bytes]]], Iterator[dict]]


@dataclass(frozen=True)
class Summary:
    """What a batch did: submissions graded, taken over from before, and faults of the grader."""

    graded: int
    kept: int
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """What does not change while a batch runs.

    Attributes
    ----------
    config : CourseConfig
    key : Key
        Signs records; from it the seeds of every submission are derived.
    assignments : mapping of str to Assignment
        All notebooks of the course.
    graded : frozenset of str
        Names of those that are graded.
    received_at : datetime
        When hand-ins were received whose LMS does not tell.
    """

    config: CourseConfig
    key: Key
    assignments: Mapping[str, Assignment]
    graded: frozenset[str]
    received_at: datetime

    def job(self, handin: Handin, sha256: str, received_at: str | None, attempt: int) -> Job:
        """The job of a hand-in; its seeds follow from the key, the student and the content."""
        return Job(
            student=handin.student,
            path=handin.path,
            received_at=received_at,
            attempt=attempt,
            graded=tuple(sorted(self.graded)),
            seeds=self.key.derive("seeds", handin.student, sha256).hex(),
            limits=self.config.limits,
            intake=self.config.intake,
        )


def run_batch(
    handins: Iterable[Handin], folder: Path, batch: Batch, runner: Runner, resume: bool = False
) -> Summary:
    """Grade all hand-ins and append their records to the book in `folder`.

    Parameters
    ----------
    handins : iterable of Handin
    folder : Path
        Where the record book is, or will be.
    batch : Batch
    runner : callable
        Takes (job, bytes) pairs one by one and yields records, in any order: `grade_locally` or
        `scale.grade_on_cluster`.
    resume : bool
        Leave out hand-ins that the book already has a result for.
    """
    with RecordBook(folder, batch.key) as book:
        ready, known = _Waiting(), _known(book.records())
        handins = sorted(handins, key=lambda one: (one.received_at or "", one.path))
        work = _work(handins, batch, known, ready, resume)
        graded, faults = 0, []
        with tqdm(total=len(handins), unit="notebook", disable=None) as bar:
            for record in _both(runner(work), ready):
                book.append(record)
                graded += 1
                if "fault" in record:
                    faults.append(f"{record['path']}: {record['fault'].strip()}")
                bar.update(graded + ready.kept - bar.n)
    return Summary(graded=graded, kept=ready.kept, faults=tuple(faults))


def grade_locally(
    assignments: Mapping[str, Assignment],
    jobs: int,
    make: Callable[[Mapping[str, Assignment]], Slot] = Slot,
) -> Runner:
    """A runner on this machine with `jobs` grading processes."""

    def run(work: Iterable[tuple[Job, bytes]]) -> Iterator[dict]:
        slots = queue.SimpleQueue()
        for _ in range(jobs):
            slots.put(make(assignments))
        pending = set()
        with ThreadPoolExecutor(jobs) as pool:
            try:
                for job, data in work:
                    pending.add(pool.submit(_in_a_slot, slots, job, data))
                    del data  # only what is being graded stays in memory
                    if len(pending) >= jobs:
                        done, pending = wait(pending, return_when=FIRST_COMPLETED)
                        yield from (one.result() for one in done)
                while pending:
                    done, pending = wait(pending, return_when=FIRST_COMPLETED)
                    yield from (one.result() for one in done)
            finally:
                for future in pending:
                    future.cancel()
        for _ in range(jobs):
            slots.get().close()

    return run


def _in_a_slot(slots: queue.SimpleQueue, job: Job, data: bytes) -> dict:
    slot = slots.get()
    try:
        return slot.grade(job, data)
    finally:
        slots.put(slot)


class _Waiting(list):
    """Records that need no grading process, and how many hand-ins were done before."""

    kept = 0


def _both(records: Iterator[dict], ready: _Waiting) -> Iterator[dict]:
    """The runner's records and, as they come up, those that needed no runner."""
    for record in records:
        while ready:
            yield ready.pop()
        yield record
    while ready:
        yield ready.pop()


def _known(records: Iterator[dict]) -> dict[tuple, tuple[str | None, int, bool]]:
    """(received, attempt, whether it is done) by student, path and content, as a book has it."""
    known = {}
    for one in records:
        place = (one["student"], one["path"], one["sha256"])
        known[place] = (one["received_at"], one["attempt"], "fault" not in one)
    return known


def _work(
    handins: Iterable[Handin], batch: Batch, known: dict, ready: _Waiting, resume: bool
) -> Iterator[tuple[Job, bytes]]:
    """(job, bytes) of every hand-in that has to be graded; the others go to `ready`."""
    attempts: dict[str, int] = {}
    for (student, _, _), (_, attempt, _) in known.items():
        attempts[student] = max(attempts.get(student, 0), attempt)
    now = batch.received_at.astimezone(timezone.utc).isoformat(timespec="seconds")
    for handin in handins:
        try:
            data, refusal = read_handin(handin, batch.config.intake), None
        except Refused as refused:
            data, refusal = b"", refused
        sha256 = digest(data) if refusal is None else ""
        received, attempt, done = known.get((handin.student, handin.path, sha256), (None, 0, False))
        if resume and done:
            ready.kept += 1
            continue
        if not attempt:
            attempt = attempts[handin.student] = attempts.get(handin.student, 0) + 1
        job = batch.job(handin, sha256, handin.received_at or received or now, attempt)
        if refusal is None:
            yield job, data
        else:
            ready.append(refused_record(job, "", refusal.status, str(refusal)))
