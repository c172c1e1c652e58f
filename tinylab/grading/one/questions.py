"""The questions of one hand-in, judged point by point, and judged again where a point was lost.

In: a student's code and the exercises. Out: a `QuestionResult` each. A question is first judged
with all of the hand-in's code in one kernel. Where it loses points, it is judged as the notebook
runs, from the top to its check cell, and the better of the two counts; and where the inputs of the
check cell would have earned more, a person is asked to look.
"""

from collections import deque

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises import find
from tinylab.grading.one.code_text import plain_code
from tinylab.grading.one.names import forbidden_uses
from tinylab.grading.one.probes import FULL, StandIn, Verdict, judge, seed_of, shuffled
from tinylab.grading.one.reasons import Reasons
from tinylab.grading.one.replay import Replay, Setting, in_order, needed_cells
from tinylab.grading.rules.limits import Limits
from tinylab.grading.rules.result import (
    Assembled,
    Assignment,
    ParsedHandIn,
    PointResult,
    QuestionResult,
)
from tinylab.grading.sandbox.outcomes import KernelLost
from tinylab.grading.sandbox.own_time import Budget
from tinylab.grading.sandbox.stubs import REFUSAL

__all__ = ["Questions"]

STRIKES = 2  # kernels that one question may end before the rest of its points are given up
WHY = {
    "timeout": "your function took too long",
    "crashed": "your function ended the Python process",
    "limit": "your function used more than is allowed",
    "starved": "the grading machine was too busy",
}


class Questions:
    """The questions of one hand-in, one after the other."""

    def __init__(
        self,
        assignment: Assignment,
        assembled: Assembled,
        handin: ParsedHandIn,
        key: bytes | None,
        limits: Limits,
        level: str,
    ):
        self.assignment, self.assembled, self.limits = assignment, assembled, limits
        answers = assembled.answers
        self.exercises = {name: find(name) for name in assignment.asked}
        helpers = needed_cells(assembled.extra_cells, list(answers.values()))
        used = "\n".join(map(plain_code, helpers))
        self.seeds = {n: seed_of(key, plain_code(s) + used, n) for n, s in answers.items()}
        self.budget = Budget(limits.notebook_s)
        guarded = {name for names in assignment.forbidden.values() for name in names}
        self.setting = Setting(
            imports=assignment.imports,
            functions=tuple(assignment.functions.values()),
            forbidden=tuple(sorted(guarded)),
            limits=limits,
            level=level,
            budget=self.budget,
        )
        self.replay = Replay(self.setting, {**dict(enumerate(helpers)), **answers})
        self.verdicts: dict[str, dict[str, Verdict]] = {name: {} for name in answers}
        self.ends: dict[str, list[KernelLost]] = {name: [] for name in answers}
        self.reviews: dict[str, str] = {}
        self.more_flags: dict[str, set[str]] = {name: set() for name in answers}
        self.reasons = Reasons(assignment, helpers, handin)
        self.late = self.starved = False

    @property
    def flags(self) -> set[str]:
        """What was noticed about the whole hand-in."""
        statuses = {lost.reason for ends in self.ends.values() for lost in ends}
        statuses |= {lost.reason for lost in self.replay.lost.values()}
        lost_helper = any(isinstance(label, int) for label in self.replay.lost)
        failed = bool(self.replay.failed_helpers()) or lost_helper
        flags = {flag for own in self.more_flags.values() for flag in own}
        return {*flags, *self.replay.flags, *statuses, *({"helper_cell_failed"} if failed else ())}

    def results(self) -> tuple[QuestionResult, ...]:
        """The result of every question, in the notebook's order."""
        with self.replay.closing():
            self._judge_all()
            lost = [name for name in self.verdicts if self._may_be_better(name)]
            alone = {name for name in lost if self._needs_a_kernel_of_its_own(name)}
            for name in lost:
                if name not in alone:
                    self._compare_with_check(name, self.replay)
        for name in alone:
            self._judge_again(name)
        return tuple(self._question(name) for name in self.assignment.asked)

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
            except KernelLost as lost:
                self.starved |= lost.reason == "starved"
                self.late |= lost.reason != "starved"
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

    def _judge(self, kernel, name: str, point: Point, seed: int | None = None) -> Verdict:
        forbidden = self.assignment.forbidden.get(name, ())
        stand_in = StandIn(kernel, self.assignment.functions[name], forbidden)
        seed = self.seeds[name] if seed is None else seed
        return judge(self.exercises[name], point, stand_in, seed)

    def _note_end(self, name: str, point: Point, lost: KernelLost) -> None:
        """A probe ended the kernel: that costs the point, and the kernel."""
        self.replay.drop()
        self.late |= self.budget.used_up and lost.reason != "starved"
        self.ends[name].append(lost)
        message = f"{WHY[lost.reason]}: {lost}"
        self.verdicts[name][point.name] = Verdict(PointResult(point.name, False, message))

    def _earned(self, name: str) -> int:
        return sum(verdict.point.earned for verdict in self.verdicts[name].values())

    def _may_be_better(self, name: str) -> bool:
        """Whether a question lost points for another reason than what it did to its kernel."""
        ended = self.ends[name] or name in self.replay.lost or self.late or self.starved
        stub = all(verdict.unanswered for verdict in self.verdicts[name].values())
        return not ended and not stub and self._earned(name) < len(self.exercises[name].points)

    def _needs_a_kernel_of_its_own(self, name: str) -> bool:
        """Whether other code of the hand-in, or another question's rules, may have spoilt it."""
        own = set(self.assignment.forbidden.get(name, ()))
        messages = [verdict.point.message or "" for verdict in self.verdicts[name].values()]
        messages += [o.text for o in self.replay.failed_helpers().values()]
        refused = [m for m in messages if REFUSAL in m and not any(dotted in m for dotted in own)]
        cells = in_order(self.assembled.sequence, name)
        return bool(refused) or len(cells) > 1 or bool(self.replay.failed_helpers())

    def _judge_again(self, name: str) -> None:
        """Judge one question as the notebook runs, with its own rules; keep the better points."""
        forbidden = tuple(sorted(self.assignment.forbidden.get(name, ())))
        setting = Setting(**{**vars(self.setting), "forbidden": forbidden})
        cells = in_order(self.assembled.sequence, name)
        with Replay(setting, cells).closing() as replay:
            try:
                kernel, verdicts = replay.kernel(), {}
                for point in shuffled(self.exercises[name].points, self.seeds[name]):
                    kernel.refill()
                    verdicts[point.name] = self._judge(kernel, name, point)
            except KernelLost as lost:
                self.starved |= lost.reason == "starved"
                return
            if sum(verdict.point.earned for verdict in verdicts.values()) > self._earned(name):
                self.verdicts[name] = verdicts
                self.more_flags[name].add("notebook_order")
            if self._may_be_better(name):
                self._compare_with_check(name, replay)

    def _compare_with_check(self, name: str, replay: Replay) -> None:
        """Ask a person to look where the inputs of the check cell would have earned more."""
        exercise = self.exercises[name]
        try:
            kernel = replay.kernel()
            kernel.refill()
            there = sum(self._judge(kernel, name, p, seed=0).point.earned for p in exercise.points)
        except KernelLost as lost:
            replay.drop()
            self.starved |= lost.reason == "starved"
            return
        if there > self._earned(name):
            self.reviews[name] = (
                f"the inputs of the check cell earn {there} of {len(exercise.points)} points, "
                f"others {self._earned(name)}: is it made for those inputs?"
            )

    def _question(self, name: str) -> QuestionResult:
        flags = set(self.assembled.question_flags.get(name, ())) | self.more_flags.get(name, set())
        exercise = self.exercises[name]
        if name not in self.verdicts:
            lost = tuple(PointResult(p.name, False, "not answered.") for p in exercise.points)
            return QuestionResult(name, "no_response", lost, tuple(sorted(flags)))
        answer, imports = self.assembled.answers[name], self.assignment.imports
        forbidden = tuple(self.assignment.forbidden.get(name, ()))
        if forbidden_uses(answer, imports, forbidden):
            flags.add("names_library")
        status = self._status(name)
        points = tuple(self._point(name, exercise, point, status) for point in exercise.points)
        if any(REFUSAL in (point.message or "") for point in points):
            flags.add("forbidden")
        review = self.reviews.get(name) or self._reason_to_look(name, status)
        return QuestionResult(name, status, points, tuple(sorted(flags)), review)

    def _reason_to_look(self, name: str, status: str) -> str | None:
        """Why a lost question may not be the student's fault, as far as her notebook shows it."""
        cell = self.replay.outcomes.get(name)
        if status == "answered" and self._earned(name) == len(self.exercises[name].points):
            return None
        messages = [verdict.point.message or "" for verdict in self.verdicts[name].values()]
        return self.reasons.to_look(cell, messages, self.replay.failed_helpers())

    def _status(self, name: str) -> str:
        """One word for how a question's code behaved."""
        verdicts, cell = self.verdicts[name].values(), self.replay.outcomes.get(name)
        if name in self.replay.lost:
            return self.replay.lost[name].reason
        if any(lost.reason == "starved" for lost in self.ends[name]):
            return "ungraded"
        if self.ends[name]:
            return self.ends[name][0].reason
        if len(verdicts) < len(self.exercises[name].points):
            return "ungraded" if self.starved else "timeout"
        if any(verdict.full for verdict in verdicts) or (cell and cell.error and _is_full(cell)):
            return "limit"
        if all(verdict.missing for verdict in verdicts):
            return "error"
        return "no_response" if all(verdict.unanswered for verdict in verdicts) else "answered"

    def _point(self, name: str, exercise: Exercise, point: Point, status: str) -> PointResult:
        """A point's result; where there is none, why."""
        lost, cell = self.replay.lost.get(name), self.replay.outcomes.get(name)
        verdict = self.verdicts[name].get(point.name)
        if lost is not None:
            return PointResult(point.name, False, f"the cell did not finish: {lost}")
        if verdict is None:
            end = self.ends[name][0] if self.ends[name] else None
            why = f"{WHY[end.reason]}: {end}" if end else "there was no time left to try it."
            return PointResult(point.name, False, why)
        if verdict.point.earned:
            return verdict.point
        message = verdict.point.message or ""
        if verdict.missing and cell is not None and cell.error:
            message = f"the cell raised {cell.error}: {cell.text}"
        explained = self.reasons.explain(message, self.replay.failed_helpers())
        return PointResult(point.name, False, explained)


def _is_full(cell) -> bool:
    """Whether a cell failed for want of memory, files, threads or room."""
    return any(mark in f"{cell.error} {cell.text}" for mark in FULL)
