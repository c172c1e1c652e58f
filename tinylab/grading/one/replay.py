"""A student's cells, run in a kernel, and run again in a fresh one whenever a cell killed it.

In: the imports, helper cells and answers of one submission. Out: a kernel in which all of them ran
that do not end it, what each raised, and which were the end of a kernel.
"""

import ast
import contextlib
import time
from collections.abc import Collection, Iterator, Mapping, Sequence

from tinylab.grading.one.names import free_names, needed_imports, words
from tinylab.grading.rules.limits import Limits
from tinylab.grading.sandbox.kernel import CellOutcome, KernelLost, SandboxedKernel
from tinylab.grading.sandbox.process import SandboxError

__all__ = ["Replay", "needed_cells"]

HISTORY = {"In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh"}


class Replay:
    """The kernel of one submission.

    Parameters
    ----------
    imports : str
        The imports cell of the master notebook.
    extra : sequence of str
        The student's own cells.
    answers : mapping of str to str
        The answer cells by exercise id.
    functions : collection of str
        The names that the answers must define.
    forbidden : sequence of str
        All dotted names that any of the answers may not call.
    limits : Limits
    level : str
        The isolation level to start kernels at.
    deadline : float
        When the submission must be done, on `time.monotonic`.

    Attributes
    ----------
    lost : dict
        The `KernelLost` of each cell that ended a kernel, by exercise id or helper cell number.
    outcomes : dict
        The `CellOutcome` of every other cell.
    """

    def __init__(
        self,
        imports: str,
        extra: Sequence[str],
        answers: Mapping[str, str],
        functions: Collection[str],
        forbidden: Sequence[str],
        limits: Limits,
        level: str,
        deadline: float,
    ):
        self.limits, self.level, self.deadline = limits, level, deadline
        self._forbidden, self._answers = forbidden, dict(answers)
        self._extra = dict(enumerate(needed_cells(extra, list(answers.values()))))
        sources = [*self._extra.values(), *answers.values()]
        self._imports = needed_imports(imports, sources, functions)
        self.lost: dict[str | int, KernelLost] = {}
        self.outcomes: dict[str | int, CellOutcome] = {}
        self.flags: set[str] = set()
        self._kernel: SandboxedKernel | None = None

    def kernel(self) -> SandboxedKernel:
        """A kernel in which all cells ran that end none; started where there is none.

        Raises
        ------
        KernelLost
            When the time of the whole submission is over.
        SandboxError
            When no kernel starts, before any student's code ran.
        """
        while self._kernel is None:
            if time.monotonic() > self.deadline:
                raise KernelLost("timeout", "the time for the whole notebook is over.")
            kernel = self._start()
            try:
                self._fill(kernel)
                self._kernel = kernel
            except KernelLost as lost:
                self.flags |= kernel.flags
                kernel.stop()
                if lost not in self.lost.values() and time.monotonic() < self.deadline:
                    raise SandboxError(f"the imports cell could not be run: {lost}") from lost
            except BaseException:
                kernel.stop()
                raise
        return self._kernel

    @property
    def helper_failed(self) -> bool:
        """Whether a cell of the student's own raised."""
        return any(isinstance(n, int) and o.error for n, o in self.outcomes.items())

    def drop(self) -> None:
        """End the kernel, if there is one."""
        if self._kernel is not None:
            self.flags |= self._kernel.flags
            self._kernel.stop()
            self._kernel = None

    @contextlib.contextmanager
    def closing(self) -> Iterator["Replay"]:
        """Ends the kernel whatever happens."""
        try:
            yield self
        finally:
            self.drop()

    def _start(self) -> SandboxedKernel:
        try:
            return SandboxedKernel(self.limits, self.level, self._forbidden, self.deadline)
        except KernelLost as lost:
            if time.monotonic() > self.deadline:
                raise
            raise SandboxError(f"no kernel could be started: {lost}") from lost

    def _fill(self, kernel: SandboxedKernel) -> None:
        """Run imports, helper cells, answers; then helper cells that needed an answer."""
        self._within(kernel, self.limits.start_s)
        if self._imports and kernel.run("\n".join(self._imports)).error:
            for statement in self._imports:
                kernel.run(statement)
        for number, source in self._extra.items():
            self._run(kernel, number, source)
        for exercise, source in self._answers.items():
            self._run(kernel, exercise, source)
        for number, source in self._extra.items():
            outcome = self.outcomes.get(number)
            if outcome is not None and outcome.error == "NameError":
                self._run(kernel, number, source)

    def _run(self, kernel: SandboxedKernel, label: str | int, source: str) -> None:
        """Run one cell, unless it is known to end kernels."""
        if label in self.lost:
            return
        self._within(kernel)
        kernel.refill()
        try:
            self.outcomes[label] = kernel.run(source)
        except KernelLost as error:
            lost = error
            if time.monotonic() > self.deadline:
                lost = KernelLost("timeout", "the time for the whole notebook is over.")
            self.lost[label] = lost
            self.outcomes.pop(label, None)
            raise lost from None
        if self.outcomes[label].failed_command:
            self.flags.add("command_failed")

    def _within(self, kernel: SandboxedKernel, more_s: float = 0.0) -> None:
        kernel.deadline = min(time.monotonic() + self.limits.cell_s + more_s, self.deadline)


def needed_cells(extra: Sequence[str], answers: Sequence[str]) -> list[str]:
    """The student's own cells that an answer may depend on, in order.

    A cell is needed when it binds a name that a needed cell or an answer refers to, or works on
    something that a needed cell bound. Cells that are no plain Python are always needed, because
    nobody can tell, and all are where one of them uses the history of cells. What is left out are
    a student's own trials and pictures.
    """
    if any(HISTORY & words(source) for source in (*extra, *answers)):
        return list(extra)
    parsed = [_names(source) for source in extra]
    chosen = {i for i, names in enumerate(parsed) if names is None}
    wanted = set().union(*map(_wanted, [*answers, *(extra[i] for i in chosen)]))
    shared: set[str] = set()
    while True:
        found = {
            i
            for i, names in enumerate(parsed)
            if i not in chosen and names and (names[0] & wanted or names[1] & shared)
        }
        if not found:
            return [source for i, source in enumerate(extra) if i in chosen]
        chosen |= found
        for i in found:
            wanted |= parsed[i][1]
            shared |= parsed[i][0]


def _wanted(source: str) -> set[str]:
    """The global names that a cell refers to, or all words of it where it is no plain Python."""
    names = free_names(source)
    return words(source) if names is None else names


def _names(source: str) -> tuple[set[str], set[str]] | None:
    """The names a cell binds and those it refers to, or None where it is no plain Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    bound = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
    return bound, free_names(source) or set()
