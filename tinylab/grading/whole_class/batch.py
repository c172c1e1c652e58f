"""A whole class: every hand-in graded once and recorded, whatever the others do.

In: hand-ins, the rules, a key. Out: a record book and, of it, the reports. Only as many notebooks
are in memory as are graded at one time. A batch that was cut off goes on with `resume`.
"""

import queue
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from tqdm import tqdm

from tinylab.grading.intake.handin import HandIn, Refused
from tinylab.grading.intake.parse import digest
from tinylab.grading.intake.zips import read_handin
from tinylab.grading.one.task import GradingTask, refused_record
from tinylab.grading.records.entries import HandInRecord
from tinylab.grading.records.record_book import Key, RecordBook
from tinylab.grading.rules.config import CourseConfig
from tinylab.grading.rules.result import Assignment
from tinylab.grading.whole_class.slot import Slot

__all__ = ["Batch", "Summary", "grade_locally", "run_batch"]

Runner = Callable[[Iterable[tuple[GradingTask, bytes]]], Iterator[HandInRecord]]


@dataclass(frozen=True)
class Summary:
    """What a batch did: hand-ins graded, taken over from before, and faults of the grader."""

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
        Signs records; from it the seeds of every student are derived.
    assignments : mapping of str to Assignment
        All notebooks of the course.
    graded : frozenset of str
        Names of those that are graded.
    received_at : datetime or None
        When all hand-ins were received, where the teacher says so.
    resume : bool
        Leave out hand-ins that the book already has a result for.
    only : frozenset of str
        Exercises or students that are graded again, the others left out; empty for all.
    """

    config: CourseConfig
    key: Key
    assignments: Mapping[str, Assignment]
    graded: frozenset[str]
    received_at: datetime | None = None
    resume: bool = False
    only: frozenset[str] = frozenset()

    def task(self, handin: HandIn, received_at: str | None, attempt: int) -> GradingTask:
        """The task of a hand-in; its seeds follow from the key and the student."""
        exercises = {
            exercise
            for assignment in self.assignments.values()
            for exercise in assignment.exercise_ids
        }
        return GradingTask(
            student=handin.student,
            path=handin.path,
            received_at=received_at,
            attempt=attempt,
            graded=tuple(sorted(self.graded)),
            seeds=self.key.derive("seeds", handin.student).hex(),
            limits=self.config.limits,
            intake=self.config.intake,
            late=handin.late,
            folder=handin.folder,
            flags=handin.flags,
            only=tuple(sorted(self.only & exercises)),
        )


def run_batch(handins: Iterable[HandIn], folder: Path, batch: Batch, runner: Runner) -> Summary:
    """Grade all hand-ins and append their records to the book in `folder`.

    Parameters
    ----------
    hand-ins : iterable of HandIn
    folder : Path
        Where the record book is, or will be.
    batch : Batch
    runner : callable
        Takes (task, bytes) pairs one by one and yields records, in any order: `grade_locally` or
        `cluster.grade_on_cluster`.
    """
    with RecordBook(folder, batch.key) as book:
        aside, known = _WithoutRunner(), _known(book)
        handins = sorted(handins, key=lambda handin: (handin.received_at or "", handin.path))
        work = _work(handins, batch, known, aside)
        graded, faults = 0, []
        with tqdm(total=len(handins), unit="notebook", disable=None) as bar:
            for record in aside.merged(runner(work)):
                record = _completed(record, known)
                book.append(record)
                graded += 1
                if record.fault:
                    faults.append(f"{record.path}: {record.fault.strip()}")
                elif record.result.status == "ungraded":
                    faults.append(f"{record.path}: {record.result.message}")
                bar.update(graded + aside.kept - bar.n)
    return Summary(graded=graded, kept=aside.kept, faults=tuple(faults))


def grade_locally(
    assignments: Mapping[str, Assignment],
    jobs: int,
    make: Callable[..., Slot] = Slot,
    hidden_points: str = "",
) -> Runner:
    """A runner on this machine with `jobs` grading processes."""

    def run(work: Iterable[tuple[GradingTask, bytes]]) -> Iterator[HandInRecord]:
        slots = queue.SimpleQueue()
        for _ in range(jobs):
            slots.put(make(assignments, hidden_points=hidden_points))
        pending = set()
        with ThreadPoolExecutor(jobs) as pool:
            try:
                for task, data in work:
                    pending.add(pool.submit(_in_a_slot, slots, task, data))
                    del data  # only what is being graded stays in memory
                    if len(pending) >= jobs:
                        done, pending = wait(pending, return_when=FIRST_COMPLETED)
                        yield from (future.result() for future in done)
                while pending:
                    done, pending = wait(pending, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            finally:
                for future in pending:
                    future.cancel()
        for _ in range(jobs):
            slots.get().close()

    return run


def _in_a_slot(slots: queue.SimpleQueue, task: GradingTask, data: bytes) -> HandInRecord:
    slot = slots.get()
    try:
        return slot.grade(task, data)
    finally:
        slots.put(slot)


@dataclass
class _WithoutRunner:
    """What needs no grading process: records of refused files, and a count of what is kept."""

    refused: deque[HandInRecord] = field(default_factory=deque)
    kept: int = 0

    def merged(self, records: Iterator[HandInRecord]) -> Iterator[HandInRecord]:
        """The runner's records and, as they come up, those of refused files."""
        for record in records:
            while self.refused:
                yield self.refused.popleft()
            yield record
        while self.refused:
            yield self.refused.popleft()


def _known(book: RecordBook) -> dict[tuple[str, str, str], HandInRecord]:
    """The newest record by student, path and content, as a book has it."""
    records = (entry for entry in book.entries() if isinstance(entry, HandInRecord))
    return {(record.student, record.path, record.sha256): record for record in records}


def _is_done(record: HandInRecord) -> bool:
    return record.fault is None and record.result.status != "ungraded"


def _completed(record: HandInRecord, known: Mapping[tuple, HandInRecord]) -> HandInRecord:
    """A record of some exercises alone, with the others as they were."""
    before = known.get((record.student, record.path, record.sha256))
    new = {question.exercise_id: question for question in record.result.questions}
    if before is None or not new or len(before.result.questions) <= len(new):
        return record
    questions = tuple(new.get(q.exercise_id, q) for q in before.result.questions)
    status = record.result.status
    if status == "graded" and any(question.review for question in questions):
        status = "needs_review"
    return replace(record, result=replace(record.result, questions=questions, status=status))


def _work(
    handins: Iterable[HandIn],
    batch: Batch,
    known: Mapping[tuple[str, str, str], HandInRecord],
    aside: _WithoutRunner,
) -> Iterator[tuple[GradingTask, bytes]]:
    """(task, bytes) of every hand-in that has to be graded; the others go to `aside`."""
    attempts: dict[str, int] = {}
    for record in known.values():
        attempts[record.student] = max(attempts.get(record.student, 0), record.attempt)
    stated = batch.received_at and batch.received_at.astimezone(timezone.utc).isoformat()
    for handin in handins:
        try:
            data, refusal = read_handin(handin, batch.config.intake), None
        except Refused as refused:
            data, refusal = b"", refused
        sha256 = digest(data) if refusal is None else ""
        before = known.get((handin.student, handin.path, sha256))
        if before is not None and _is_kept(before, batch):
            aside.kept += 1
            continue
        if before is None:
            attempt = attempts[handin.student] = attempts.get(handin.student, 0) + 1
        else:
            attempt = before.attempt
        received = stated or handin.received_at or (before.received_at if before else None)
        task = batch.task(handin, received, attempt)
        if refusal is None:
            yield task if before is not None else replace(task, only=()), data
        else:
            aside.refused.append(refused_record(task, "", refusal.status, str(refusal)))


def _is_kept(before: HandInRecord, batch: Batch) -> bool:
    """Whether a hand-in that has a record is not graded again."""
    if batch.only and _is_done(before):
        asked = {question.exercise_id for question in before.result.questions}
        return not batch.only & ({before.student} | asked)
    return batch.resume and _is_done(before)
