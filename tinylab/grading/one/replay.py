"""A student's cells, run in a kernel, and run again in a fresh one whenever a cell killed it.

In: the code of one hand-in. Out: a kernel in which all of it ran that does not end it, what each
cell raised, and which were the end of a kernel. A cell that raises is gone on with, statement by
statement, so that what it defines further down is there.
"""

import ast
import contextlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tinylab.grading.one.code_text import statements
from tinylab.grading.one.names import free_names, needed_imports, words
from tinylab.grading.rules.limits import Limits
from tinylab.grading.rules.result import Piece
from tinylab.grading.sandbox.kernel import SandboxedKernel
from tinylab.grading.sandbox.outcomes import CellOutcome, KernelLost
from tinylab.grading.sandbox.own_time import Budget
from tinylab.grading.sandbox.process import SandboxError

__all__ = ["Replay", "Setting", "in_order", "needed_cells"]

HISTORY = {"In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh"}
OVER = "the time for the whole notebook is over."


@dataclass(frozen=True)
class Setting:
    """What is the same for every kernel of a hand-in.

    Attributes
    ----------
    imports : str
        The imports cell of the master notebook.
    functions : collection of str
        The names that the answers must define.
    forbidden : tuple of str
        Dotted names that the answers may not call.
    limits : Limits
    level : str
        The isolation level to start kernels at.
    budget : Budget
        The time that the whole hand-in has left.
    """

    imports: str
    functions: Collection[str]
    forbidden: tuple[str, ...]
    limits: Limits
    level: str
    budget: Budget


class Replay:
    """The kernel of one hand-in, or of one of its questions.

    Parameters
    ----------
    setting : Setting
    cells : dict of (str or int) to str
        What to run, in this order, by exercise id or number of the helper cell.

    Attributes
    ----------
    lost : dict
        The `KernelLost` of each cell that ended a kernel, by exercise id or helper cell number.
    outcomes : dict
        The `CellOutcome` of every other cell.
    """

    def __init__(self, setting: Setting, cells: dict[str | int, str]):
        self.setting, self.cells = setting, cells
        self.limits = setting.limits
        self._imports = needed_imports(setting.imports, list(cells.values()), setting.functions)
        self.lost: dict[str | int, KernelLost] = {}
        self.outcomes: dict[str | int, CellOutcome] = {}
        self.flags: set[str] = set()
        self._kernel: SandboxedKernel | None = None

    def kernel(self) -> SandboxedKernel:
        """A kernel in which all cells ran that end none; started where there is none.

        Raises
        ------
        KernelLost
            When the time of the whole hand-in is over, or the machine is too busy.
        SandboxError
            When no kernel starts, before any student's code ran.
        """
        while self._kernel is None:
            if self.setting.budget.used_up:
                raise KernelLost("timeout", OVER)
            kernel = self._start()
            try:
                self._fill(kernel)
                self._kernel = kernel
            except KernelLost as lost:
                self.flags |= kernel.flags
                kernel.stop()
                if lost.reason == "starved":
                    raise
                if lost not in self.lost.values() and not self.setting.budget.used_up:
                    raise SandboxError(f"the imports cell could not be run: {lost}") from lost
            except BaseException:
                kernel.stop()
                raise
        return self._kernel

    def failed_helpers(self) -> dict[int, CellOutcome]:
        """The cells of the student's own that raised."""
        return {n: o for n, o in self.outcomes.items() if isinstance(n, int) and o.error}

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
        setting = self.setting
        try:
            return SandboxedKernel(setting.limits, setting.level, setting.forbidden, setting.budget)
        except KernelLost as lost:
            if setting.budget.used_up or lost.reason == "starved":
                raise
            raise SandboxError(f"no kernel could be started: {lost}") from lost

    def _fill(self, kernel: SandboxedKernel) -> None:
        """Run imports and cells; then helper cells that needed an answer."""
        kernel.allow(self.limits.cell_s + self.limits.start_s)
        if self._imports and kernel.run("\n".join(self._imports)).error:
            for statement in self._imports:
                kernel.run(statement)
        for label, source in self.cells.items():
            self._run(kernel, label, source)
        for label, outcome in list(self.failed_helpers().items()):
            if outcome.error == "NameError":
                self._run(kernel, label, self.cells[label])

    def _run(self, kernel: SandboxedKernel, label: str | int, source: str) -> None:
        """Run one cell, unless it is known to end kernels."""
        if label in self.lost:
            return
        kernel.allow(self.limits.cell_s)
        kernel.refill()
        try:
            outcome = self.outcomes[label] = kernel.run(source)
            if outcome.error and outcome.error not in ("SyntaxError", "IndentationError"):
                _go_on(kernel, source)
        except KernelLost as error:
            lost = KernelLost("timeout", OVER) if self.setting.budget.used_up else error
            if lost.reason != "starved":
                self.lost[label] = lost
            self.outcomes.pop(label, None)
            raise lost from None
        if outcome.failed_command:
            self.flags.add("command_failed")


def _go_on(kernel: SandboxedKernel, source: str) -> None:
    """Run the definitions and imports of a cell that raised, each by itself."""
    kinds = ("def ", "async def ", "class ", "import ", "from ", "@")
    for statement in statements(source):
        if statement.lstrip().startswith(kinds):
            kernel.run(statement)


def in_order(sequence: Sequence[Piece], exercise: str) -> dict[str | int, str]:
    """The cells of a notebook from its top to an exercise's check, without what it cannot need."""
    end = next(
        (i for i, p in enumerate(sequence) if p.kind == "check" and p.exercise == exercise),
        len(sequence),
    )
    before = sequence[:end]
    answers = [i for i, piece in enumerate(before) if piece.exercise == exercise and piece.source]
    helpers = [piece.source for piece in before if piece.kind == "helper"]
    needed = set(needed_cells(helpers, [before[i].source for i in answers]))
    return {
        i: piece.source
        for i, piece in enumerate(before)
        if i in answers or (piece.kind == "helper" and piece.source in needed)
    }


def needed_cells(extra: Sequence[str], answers: Sequence[str]) -> list[str]:
    """The student's own cells that an answer may depend on, in order.

    A cell is needed when it binds a name that a needed cell or an answer refers to, or works on
    something that a needed cell bound. Cells that are no plain Python are always needed, because
    nobody knows, and all are where one of them uses the history of cells. What is left out are
    a student's own trials and pictures.
    """
    if any(HISTORY & words(source) for source in (*extra, *answers)):
        return list(extra)
    parsed = [_names(source) for source in extra]
    chosen = {i for i, names in enumerate(parsed) if names is None}
    wanted = set().union(*map(_wanted, [*answers, *(extra[i] for i in chosen)]))
    shared: set[str] = set()
    while True:
        related = {
            i
            for i, names in enumerate(parsed)
            if i not in chosen and names and (names[0] & wanted or names[1] & shared)
        }
        if not related:
            return [source for i, source in enumerate(extra) if i in chosen]
        chosen |= related
        for i in related:
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
