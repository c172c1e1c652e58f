"""One submission's verdict: assemble, run in a sandbox, probe, count.

In: a `Submission` and its `Assignment`. Out: a `Result`, whatever the submission does. All that is
counted is worked out in this process.
"""

import time
from collections import deque

from tinylab.course.exercises import all_exercises, find
from tinylab.course.exercises.exercise import Exercise, Point
from tinylab.grading.one.assemble import assemble
from tinylab.grading.one.names import forbidden_uses
from tinylab.grading.one.probes import FULL, StandIn, Verdict, judge, seed_of, shuffled
from tinylab.grading.one.replay import Replay
from tinylab.grading.rules.limits import Limits
from tinylab.grading.rules.result import (
    Assembled,
    Assignment,
    PointResult,
    QuestionResult,
    Result,
    Submission,
)
from tinylab.grading.sandbox.kernel import KernelLost
from tinylab.grading.sandbox.level import best_level, require

__all__ = ["grade", "preload"]

STRIKES = 2  # kernels that one question may end before the rest of its points are given up
WHY = {
    "timeout": "your function took too long",
    "crashed": "your function ended the Python process",
    "limit": "your function used more than is allowed",
}


def preload() -> None:
    """Do once what every submission needs: load the exercises, find the isolation level."""
    all_exercises()
    best_level()


def grade(
    submission: Submission, assignment: Assignment, *, key: bytes | None, limits: Limits
) -> Result:
    """Grade one submission.

    Parameters
    ----------
    submission : Submission
        As the intake made it.
    assignment : Assignment
        What was asked.
    key : bytes or None
        The course's secret, from which inputs are drawn; None for the inputs of the check cells.
    limits : Limits
        What the submission may use, and the isolation it must be run in.

    Raises
    ------
    IsolationError
        If this machine cannot wall a kernel in as well as `limits.isolation` asks.
    SandboxError
        If no kernel starts. Nothing that a submission does raises.
    """
    started = time.monotonic()
    level = require(limits.isolation)
    if submission.notebook is None:
        status, flags = submission.status_hint or "unreadable", submission.flags
        questions = _nothing(assignment, submission.problem or "it could not be read.")
        message = submission.problem
    else:
        assembled = assemble(submission.notebook, assignment)
        flags = (*submission.flags, *assembled.flags)
        if assembled.matched:
            job = _Job(assignment, assembled, key, submission.sha256, limits, level)
            questions, flags = job.questions(), (*flags, *job.flags)
            status, message = _overall(questions, flags, job.late), None
        else:
            status, message = "wrong_assignment", f"this is not the notebook {assignment.name}."
            questions = _nothing(assignment, message)
    return Result(
        student=submission.student,
        submission_sha256=submission.sha256,
        assignment=assignment.name,
        status=status,
        questions=questions,
        flags=tuple(sorted(set(flags))),
        isolation_level=level,
        seconds=time.monotonic() - started,
        message=message,
    )


def _nothing(assignment: Assignment, message: str) -> tuple[QuestionResult, ...]:
    """Every question without an answer."""
    return tuple(
        QuestionResult(name, "no_response", _all_lost(find(name), message))
        for name in assignment.exercise_ids
    )


def _all_lost(exercise: Exercise, message: str) -> tuple[PointResult, ...]:
    return tuple(PointResult(point.name, False, message) for point in exercise.points)


def _overall(questions: tuple[QuestionResult, ...], flags: tuple[str, ...], late: bool) -> str:
    """The status of a submission: graded, unless nothing in it could be or a person must look."""
    tried = {question.status for question in questions} - {"no_response", "error"}
    if late:
        return "timeout"
    if tried and "answered" not in tried:
        return next(status for status in ("limit", "crashed", "timeout") if status in tried)
    return "needs_review" if "needs_review" in flags else "graded"


class _Job:
    """The questions of one submission, one after the other."""

    def __init__(
        self,
        assignment: Assignment,
        assembled: Assembled,
        key: bytes | None,
        sha256: str,
        limits: Limits,
        level: str,
    ):
        self.assignment, self.assembled = assignment, assembled
        self.exercises = {name: find(name) for name in assignment.exercise_ids}
        self.seeds = {name: seed_of(key, sha256, name) for name in assignment.exercise_ids}
        self.deadline = time.monotonic() + limits.notebook_s
        self.refused = self._refused()
        answers = {n: s for n, s in assembled.answers.items() if n not in self.refused}
        guarded = {name for names in assignment.forbidden.values() for name in names}
        self.replay = Replay(
            imports=assignment.imports,
            extra=assembled.extra_cells,
            answers=answers,
            functions=assignment.functions.values(),
            forbidden=sorted(guarded),
            limits=limits,
            level=level,
            deadline=self.deadline,
        )
        self.verdicts: dict[str, dict[str, Verdict]] = {name: {} for name in answers}
        self.ends: dict[str, list[KernelLost]] = {name: [] for name in answers}
        self.late = False

    @property
    def flags(self) -> set[str]:
        """What was noticed about the whole submission."""
        statuses = {lost.reason for ends in self.ends.values() for lost in ends}
        statuses |= {lost.reason for lost in self.replay.lost.values()}
        failed = self.replay.helper_failed or any(isinstance(n, int) for n in self.replay.lost)
        return {*self.replay.flags, *statuses, *({"helper_cell_failed"} if failed else ())}

    def _refused(self) -> dict[str, list[str]]:
        """The forbidden names that an answer's text refers to, by exercise."""
        forbidden, imports = self.assignment.forbidden, self.assignment.imports
        found = {
            name: forbidden_uses(source, imports, tuple(forbidden.get(name, ())))
            for name, source in self.assembled.answers.items()
        }
        return {name: uses for name, uses in found.items() if uses}

    def questions(self) -> tuple[QuestionResult, ...]:
        """The result of every question, in the notebook's order."""
        with self.replay.closing():
            self._judge_all()
        return tuple(self._question(name) for name in self.assignment.exercise_ids)

    def _judge_all(self) -> None:
        """Judge point by point; a question that ends kernels waits until the others are done."""
        waiting = deque(
            (name, point)
            for name in self.verdicts
            for point in shuffled(self.exercises[name].points, self.seeds[name])
        )
        while waiting:
            name, point = waiting.popleft()
            try:
                kernel = self.replay.kernel()
            except KernelLost:
                self.late = True
                return
            if name in self.replay.lost or len(self.ends[name]) >= STRIKES:
                continue
            try:
                kernel.refill()
                verdict = self.verdicts[name][point.name] = self._judge(kernel, name, point)
                if verdict.full:  # what it used up is missing to the next question
                    self.replay.drop()
            except KernelLost as lost:
                self._note_end(name, point, lost)
                waiting = deque(sorted(waiting, key=lambda task: len(self.ends[task[0]])))

    def _judge(self, kernel, name: str, point: Point) -> Verdict:
        forbidden = self.assignment.forbidden.get(name, ())
        stand_in = StandIn(kernel, self.assignment.functions[name], forbidden, self.deadline)
        return judge(self.exercises[name], point, stand_in, self.seeds[name])

    def _note_end(self, name: str, point: Point, lost: KernelLost) -> None:
        """A probe ended the kernel: that costs the point, and the kernel."""
        self.replay.drop()
        if time.monotonic() > self.deadline:
            self.late = True
        self.ends[name].append(lost)
        told = f"{WHY[lost.reason]}: {lost}"
        self.verdicts[name][point.name] = Verdict(PointResult(point.name, False, told))

    def _question(self, name: str) -> QuestionResult:
        flags = set(self.assembled.question_flags.get(name, ()))
        exercise = self.exercises[name]
        if name in self.refused:
            uses = ", ".join(self.refused[name])
            told = f"{uses} may not be used here: write it yourself."
            return QuestionResult(
                name, "error", _all_lost(exercise, told), tuple(sorted(flags | {"forbidden"}))
            )
        if name not in self.verdicts:
            return QuestionResult(
                name, "no_response", _all_lost(exercise, "not answered."), tuple(sorted(flags))
            )
        status = self._status(name)
        points = tuple(self._point(name, point, status) for point in exercise.points)
        return QuestionResult(name, status, points, tuple(sorted(flags)))

    def _status(self, name: str) -> str:
        """One word for how a question's code behaved."""
        verdicts, cell = self.verdicts[name].values(), self.replay.outcomes.get(name)
        if name in self.replay.lost:
            return self.replay.lost[name].reason
        if self.ends[name]:
            return self.ends[name][0].reason
        if len(verdicts) < len(self.exercises[name].points):
            return "timeout"
        if any(verdict.full for verdict in verdicts) or (cell and cell.error and _is_full(cell)):
            return "limit"
        if all(verdict.missing for verdict in verdicts):
            return "error"
        return "no_response" if all(verdict.unanswered for verdict in verdicts) else "answered"

    def _point(self, name: str, point: Point, status: str) -> PointResult:
        """A point's result; where there is none, why."""
        lost, cell = self.replay.lost.get(name), self.replay.outcomes.get(name)
        verdict = self.verdicts[name].get(point.name)
        if lost is not None:
            return PointResult(point.name, False, f"the cell did not finish: {lost}")
        if verdict is None:
            end = self.ends[name][0] if self.ends[name] else None
            told = f"{WHY[end.reason]}: {end}" if end else "there was no time left to try it."
            return PointResult(point.name, False, told)
        if verdict.missing and cell is not None and cell.error:
            return PointResult(point.name, False, f"the cell raised {cell.error}: {cell.text}")
        return verdict.point


def _is_full(cell) -> bool:
    """Whether a cell failed for want of memory, files, threads or room."""
    return any(mark in f"{cell.error} {cell.text}" for mark in FULL)
