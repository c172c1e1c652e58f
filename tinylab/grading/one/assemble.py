"""A student's own code is found in her notebook; everything else stays the master's.

In: a parsed notebook and an `Assignment`. Out: an `Assembled`: the answer of each exercise, the
student's own helper code, and flags for what was odd. An answer is recognised by its cell id, else
by the exercise's id in the cell's metadata, else by the function it defines, else by being the one
cell that resembles what was released. Ids are invisible in an editor and functions are not, so
where two ids have been swapped the functions decide. As in Jupyter, the last definition of a
function is the answer, in whatever cell it stands.
"""

import difflib
from collections import Counter
from dataclasses import dataclass

from tinylab.grading.one.code_text import additions, plain_code, same_code
from tinylab.grading.rules.assignment import defines
from tinylab.grading.rules.result import Assembled, Assignment, Piece

__all__ = ["assemble"]

ALIKE = 0.6  # of the characters, from which an unmarked cell may be a released one
APART = 0.1  # by which the best must beat the second
CANDIDATES, ALIKE_CHARACTERS = 20, 2_000  # comparing takes the square of the length
FOREIGN_KEYS = frozenset(
    {"points", "grade", "solution", "locked", "nbgrader", "grade_id", "task", "otter"}
)


@dataclass(frozen=True)
class _Master:
    """The released notebook, looked up in the ways the assembler needs."""

    assignment: Assignment
    by_id: dict[str, dict]
    stubs: dict[str, str]
    exercise_of: dict[str, str]
    checks: dict[str, str]

    @classmethod
    def of(cls, assignment: Assignment) -> "_Master":
        cells = assignment.notebook["cells"]
        stubs, exercise_of, checks = {}, {}, {}
        for cell in cells:
            exercise = cell["metadata"].get("exercise")
            if exercise is not None:
                stubs[exercise] = cell["source"]
                exercise_of[cell["id"]] = exercise
        for exercise in assignment.exercise_ids:
            wanted = f"check-{exercise}"[:60]
            checks |= {wanted: exercise} if any(c["id"] == wanted for c in cells) else {}
        return cls(assignment, {c["id"]: c for c in cells}, stubs, exercise_of, checks)


def assemble(notebook: dict, assignment: Assignment) -> Assembled:
    """Find a student's answers and helper code.

    Parameters
    ----------
    notebook : dict
        As `parse.parse_notebook` returns it.
    assignment : Assignment
        What was asked.

    Returns
    -------
    Assembled
        `matched` is False where no cell belongs to the assignment. An answer left as released, or
        that is no valid text, is left out, with the question's flag "no_response" or
        "lone_surrogate".
    """
    master = _Master.of(assignment)
    cells, flags = _distinct(notebook["cells"])
    labels = _labels(cells, master, flags)
    own_code = _own_code(cells, labels, master)
    answers, question_flags, used = {}, {}, set()
    for exercise in assignment.asked:
        parts = _parts(cells, labels, own_code, master, exercise)
        used |= {part.index for part in parts}
        answer, own_flags = _join(parts, master, exercise)
        if answer is not None:
            answers[exercise] = answer
        if own_flags:
            question_flags[exercise] = own_flags
    _inspect_checks(cells, master, question_flags)
    _inspect_order(cells, master, flags)
    flags |= {flag for raised in question_flags.values() for flag in raised}
    flags |= _odd_marks(cells, labels, master)
    helpers = {index: text for index, text in own_code.items() if index not in used}
    return Assembled(
        answers=answers,
        extra_cells=tuple(helpers.values()),
        flags=tuple(sorted(flags)),
        question_flags={key: tuple(sorted(raised)) for key, raised in question_flags.items()},
        matched=any(label is not None for label in labels) or bool(answers),
        sequence=tuple(_sequence(cells, labels, own_code, master)),
    )


@dataclass(frozen=True)
class _Part:
    """A cell that may be an answer, or a part of one; `labelled` where its marks say so."""

    index: int
    source: str
    labelled: bool
    is_code: bool


def _parts(cells, labels, own_code: dict[int, str], master: _Master, exercise: str) -> list[_Part]:
    """The cells that claim to be an answer, in order: labelled ones, and others that define it."""
    function = master.assignment.functions[exercise]
    parts = [
        _Part(i, cell["source"], True, cell["cell_type"] == "code")
        for i, cell in enumerate(cells)
        if labels[i] == exercise
    ]
    parts += [
        _Part(i, text, False, True) for i, text in own_code.items() if defines(text, function)
    ]
    stub = master.stubs[exercise]
    if not any(defines(p.source, function) and not same_code(p.source, stub) for p in parts):
        parts += [
            _Part(i, cell["source"], False, True)
            for i, cell in enumerate(cells)
            if labels[i] not in (None, exercise)
            and cell["cell_type"] == "code"
            and defines(cell["source"], function)
        ]
    return sorted(parts, key=lambda part: part.index)


def _distinct(cells: list[dict]) -> tuple[list[dict], set[str]]:
    """The cells with no id used twice: later ones lose it and are recognised otherwise."""
    seen, distinct, flags = set(), [], set()
    for cell in cells:
        if cell["id"] is not None and cell["id"] in seen:
            flags.add("repeated_id")
            cell = {**cell, "id": None}
        seen.add(cell["id"])
        distinct.append(cell)
    return distinct, flags


def _labels(cells: list[dict], master: _Master, flags: set[str]) -> list[str | None]:
    """The exercise that each cell answers, or None."""
    labels = [master.exercise_of.get(cell["id"]) or _marked(cell, master) for cell in cells]
    _swap_back(cells, labels, master, flags)
    functions = master.assignment.functions
    for exercise in master.assignment.exercise_ids:
        if exercise not in labels:
            candidates = [
                i
                for i, cell in enumerate(cells)
                if labels[i] is None
                and cell["id"] not in master.by_id
                and defines(cell["source"], functions[exercise])
            ]
            candidates = candidates or _resembling(cells, labels, master, exercise)
            for i in candidates:
                labels[i] = exercise
            flags |= {"renewed_ids"} if candidates else set()
    return labels


def _marked(cell: dict, master: _Master) -> str | None:
    """The exercise in a cell's metadata, unless the cell is another one of the master's."""
    mark = cell["metadata"].get("exercise")
    own = cell["id"] not in master.by_id
    return mark if own and isinstance(mark, str) and mark in master.stubs else None


def _swap_back(
    cells: list[dict], labels: list[str | None], master: _Master, flags: set[str]
) -> None:
    """Label by function where a labelled cell defines another exercise's function, not its own."""
    by_function = {function: exercise for exercise, function in master.assignment.functions.items()}
    before = list(labels)
    for i, cell in enumerate(cells):
        own = before[i]
        if own is None or defines(cell["source"], master.assignment.functions[own]):
            continue
        others = [
            exercise for name, exercise in by_function.items() if defines(cell["source"], name)
        ]
        if len(others) == 1 and not _defined_under(others[0], cells, before, master):
            labels[i] = others[0]
            flags.add("swapped_ids")


def _defined_under(exercise: str, cells: list[dict], labels: list, master: _Master) -> bool:
    """True where a cell labelled as that exercise defines its function."""
    function = master.assignment.functions[exercise]
    return any(
        label == exercise and defines(cell["source"], function)
        for cell, label in zip(cells, labels)
    )


def _resembling(cells, labels, master: _Master, exercise: str) -> list[int]:
    """The one unclaimed cell that resembles an exercise's stub clearly more than the others."""
    candidates = [
        i
        for i, cell in enumerate(cells)
        if labels[i] is None and cell["id"] not in master.by_id and "def " in cell["source"]
    ]
    matcher = difflib.SequenceMatcher(None, b=master.stubs[exercise], autojunk=False)
    ratios = []
    for i in candidates[:CANDIDATES]:
        matcher.set_seq1(cells[i]["source"][:ALIKE_CHARACTERS])
        upper = matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE
        ratios.append((matcher.ratio() if upper else 0.0, i))
    ratios = sorted([*ratios, (0.0, -1)], reverse=True)
    best, second = ratios[0], ratios[1] if len(ratios) > 1 else (0.0, -1)
    return [best[1]] if best[0] >= ALIKE and best[0] - second[0] >= APART else []


def _join(parts: list[_Part], master: _Master, exercise: str) -> tuple[str | None, set[str]]:
    """One answer of the cells that claim to be it, and flags.

    One definition in several cells is a split cell: its parts are joined in order. Of several
    definitions the last one counts that is not as released, as in Jupyter.
    """
    flags = set() if any(part.labelled for part in parts) else {"missing_cell"}
    if not parts:
        return None, flags
    function = master.assignment.functions[exercise]
    flags |= set() if all(part.is_code for part in parts) else {"retyped"}
    parts = [part for part in parts if part.source.strip()]
    defining = [i for i, part in enumerate(parts) if defines(part.source, function)]
    if len(defining) > 1:
        parts, more_flags = _last_answer(parts, defining, master.stubs[exercise])
        flags |= more_flags
    elif len(parts) > 1:
        flags.add("split_cell")
    if any(not part.labelled and defines(part.source, function) for part in parts):
        flags.add("answer_elsewhere")
    answer = "\n".join(part.source for part in parts)
    if any("\ud800" <= character <= "\udfff" for character in answer):
        return None, flags | {"lone_surrogate"}
    if not answer.strip() or same_code(answer, master.stubs[exercise]):
        return None, flags | {"no_response"}
    return answer, flags


def _last_answer(
    parts: list[_Part], defining: list[int], stub: str
) -> tuple[list[_Part], set[str]]:
    """Of several definitions the last that was answered, with what follows it up to the next.

    Copies of the released cell with different answers are for a person to look at: it is not said
    which of them the student means.
    """
    answered = [i for i in defining if not same_code(parts[i].source, stub)]
    chosen = (answered or defining)[-1]
    end = min([i for i in defining if i > chosen], default=len(parts))
    copies = [i for i in defining if parts[i].labelled]
    flags = {"duplicate"} if len(copies) > 1 else set()
    if len({plain_code(parts[i].source) for i in answered if parts[i].labelled}) > 1:
        flags.add("needs_review")
    return parts[chosen:end], flags


def _inspect_checks(cells: list[dict], master: _Master, question_flags: dict) -> None:
    """Flag check cells that were edited, deleted or copied; the master's are used anyway."""
    sources = Counter(cell["source"].strip() for cell in cells)
    by_id = {cell["id"]: cell for cell in cells if cell["id"] is not None}
    renewed = not any(name in by_id for name in master.by_id)
    for name, exercise in master.checks.items():
        released = master.by_id[name]["source"].strip()
        own = by_id.get(name)
        noticed = set()
        if own is not None and (own["source"].strip() != released or own["cell_type"] != "code"):
            noticed.add("locked_edited")
        elif own is None and not sources[released]:
            call = f'check("{exercise}"'
            edited = renewed and any(call in cell["source"] for cell in cells)
            noticed.add("locked_edited" if edited else "missing_cell")
        if sources[released] > 1:
            noticed.add("duplicate")
        if noticed:
            question_flags[exercise] = question_flags.get(exercise, set()) | noticed


def _inspect_order(cells: list[dict], master: _Master, flags: set[str]) -> None:
    """Flag cells of the master's that stand in another order."""
    order = {name: i for i, name in enumerate(master.by_id)}
    places = [order[cell["id"]] for cell in cells if cell["id"] in order]
    if places != sorted(places):
        flags.add("moved")


def _odd_marks(cells: list[dict], labels: list, master: _Master) -> set[str]:
    """Flags for metadata and comments that try to steer a grader; all are ignored."""
    flags = set()
    for cell, label in zip(cells, labels):
        released = master.by_id.get(cell["id"], {"metadata": {}, "source": ""})
        mark, own = cell["metadata"].get("exercise"), released["metadata"].get("exercise")
        wrong_mark = mark is not None and mark != (label if own is None else own)
        if FOREIGN_KEYS & set(cell["metadata"]) or wrong_mark:
            flags.add("metadata_edited")
        tags = cell["metadata"].get("tags") or ()
        tagged = isinstance(tags, list) and any(
            str(tag) == "raises-exception" or str(tag).startswith("nbval") for tag in tags
        )
        if tagged or ("NBVAL_" in cell["source"] and "NBVAL_" not in released["source"]):
            flags.add("nbval_options")
    return flags


def _own_code(cells: list[dict], labels: list, master: _Master) -> dict[int, str]:
    """The student's own code by cell: cells not the master's, and what she added to those."""
    released = {cell["source"].strip() for cell in master.by_id.values()}
    own_code = {}
    for i, (cell, label) in enumerate(zip(cells, labels)):
        source, own = cell["source"], master.by_id.get(cell["id"])
        if label is not None or cell["cell_type"] != "code" or source.strip() in released:
            continue
        if own is not None:
            source = additions(source, own["source"])
        if source.strip() and not any("\ud800" <= c <= "\udfff" for c in source):
            own_code[i] = source
    return own_code


def _sequence(cells: list[dict], labels: list, own_code: dict[int, str], master: _Master):
    """The notebook from top to bottom: own code, answers, and where check cells stand."""
    calls = {exercise: f'check("{exercise}"' for exercise in master.assignment.exercise_ids}
    for i, (cell, label) in enumerate(zip(cells, labels)):
        if label is not None and not any("\ud800" <= c <= "\udfff" for c in cell["source"]):
            yield Piece("answer", label, cell["source"])
        elif i in own_code:
            yield Piece("helper", "", own_code[i])
        exercise = master.checks.get(cell["id"])
        if exercise is None and cell["cell_type"] == "code" and cell["id"] not in master.by_id:
            exercise = next((e for e, call in calls.items() if call in cell["source"]), None)
        if exercise is not None:
            yield Piece("check", exercise)
