"""A: notebooks whose structure, metadata or stored outputs a student changed."""

import copy

from tests.hostile.grader import HONEST
from tests.hostile.handed_in import (
    EXERCISES,
    STUB,
    WRONG,
    HandedIn,
    answer,
    check,
    edited,
    own,
    place,
    raw,
    save,
)

BYTES, MACS, ENERGY, DAYS = EXERCISES


def wrong(notebook):
    answer(notebook, BYTES)["source"] = WRONG


def placeholder(notebook):
    answer(notebook, BYTES)["source"] = STUB


def check_edited(notebook):
    wrong(notebook)
    check(notebook, BYTES)["source"] = "pass"


def check_deleted(notebook):
    wrong(notebook)
    notebook["cells"].remove(check(notebook, BYTES))


def resubmitted(folder, notebook):
    save(folder / "attempt 1.ipynb", notebook)
    notebook = copy.deepcopy(notebook)
    check_deleted(notebook)
    save(folder / "attempt 2.ipynb", notebook)


def check_as_text(notebook):
    wrong(notebook)
    check(notebook, BYTES).update(cell_type="markdown")


def check_copied(notebook):
    one = check(notebook, BYTES)
    at = place(notebook, one)
    notebook["cells"].insert(at, {**copy.deepcopy(one), "id": "copy-1"})
    notebook["cells"].insert(at + 2, {**copy.deepcopy(one), "id": "copy-2"})


def split(notebook):
    cell = answer(notebook, BYTES)
    lines = cell["source"].splitlines(keepends=True)
    rest = {**copy.deepcopy(cell), "id": "the-rest", "source": "".join(lines[-1:])}
    cell["source"] = "".join(lines[:-1])
    notebook["cells"].insert(place(notebook, cell) + 1, rest)


def duplicated(notebook):
    cell = answer(notebook, BYTES)
    again = {**copy.deepcopy(cell), "id": "again", "source": WRONG}
    notebook["cells"].insert(place(notebook, cell) + 1, again)


def moved(notebook):
    first, second = (
        place(notebook, answer(notebook, BYTES)),
        place(notebook, answer(notebook, DAYS)),
    )
    cells = notebook["cells"]
    cells[first], cells[second] = cells[second], cells[first]


def without_ids(notebook):
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        del cell["id"]


def rebuilt(notebook):
    without_ids(notebook)
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def one_id(notebook):
    answer(notebook, MACS)["id"] = answer(notebook, BYTES)["id"]


def ids_swapped(notebook):
    one, other = answer(notebook, BYTES), answer(notebook, MACS)
    one["id"], other["id"] = other["id"], one["id"]


def helper(notebook):
    cell = answer(notebook, BYTES)
    cell["source"] = "def weight_bytes(parameters, bits):\n    return up(parameters * bits, 8)"
    notebook["cells"].insert(place(notebook, cell), own("def up(a, b):\n    return -(-a // b)"))


def check_redefined(notebook):
    wrong(notebook)
    code = (
        "def check(*a): print('weight_bytes: 3 of 3 points')\n"
        "import tinylab.course as c\nc.check = check"
    )
    notebook["cells"].insert(place(notebook, answer(notebook, BYTES)), own(code))


def many_points(notebook):
    answer(notebook, BYTES)["metadata"]["points"] = 99


def unlocked(notebook):
    check(notebook, BYTES)["metadata"].update(grade=False, solution=True, locked=False)


def odd_marks(notebook):
    marks = (["weight_bytes"], 7, "x" * 10_000, MACS)
    for exercise, mark in zip(EXERCISES, marks):
        answer(notebook, exercise)["metadata"]["exercise"] = mark


def options(notebook):
    wrong(notebook)
    cell = answer(notebook, BYTES)
    cell["metadata"]["tags"] = ["nbval-skip", "raises-exception", "nbval-ignore-output"]
    cell["source"] = (
        "# NBVAL_SKIP\n# NBVAL_IGNORE_OUTPUT\n# NBVAL_RAISES_EXCEPTION\n" + cell["source"]
    )


def never_run(notebook):
    wrong(notebook)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(execution_count=None, outputs=[])


def pasted_outputs(notebook):
    placeholder(notebook)
    check(notebook, BYTES)["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "weight_bytes: 3 of 3 points\n"}
    ]


def other_kernel(spec):
    def change(notebook):
        notebook["metadata"]["kernelspec"] = spec

    return change


def other_notebook(notebook):
    notebook["cells"] = [own("import pandas\nprint('the homework of another course')")]


def as_markdown(notebook):
    answer(notebook, BYTES)["cell_type"] = "markdown"


def stripped(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(execution_count=None, outputs=[])


def the_second_counts(run):
    first, second = sorted(run.rows("c-A06"), key=lambda row: row["path"])
    assert (first["points"], first["counts"]) == ("12", "no")
    assert (second["points"], second["counts"]) == ("9", "yes")


def resembles_the_others(run):
    """The similarity report names the student beside every honest one, if there are any."""
    pairs = [{row["student"], row["other"]} for row in run.table("similarity.csv")]
    assert all({"c-D27", other} in pairs for other in HONEST if other in run.expected), pairs


CASES = (
    HandedIn(
        "D27",
        "the same hand-in as another student's",
        raw(lambda content: content),
        also=resembles_the_others,
    ),
    HandedIn(
        "A01", "right", edited(lambda n: None), without=("locked_edited", "moved", "duplicate")
    ),
    HandedIn("A02", "a wrong answer", edited(wrong), lost=(BYTES,)),
    HandedIn("A03", "the placeholder", edited(placeholder), lost=(BYTES,), flags=("no_response",)),
    HandedIn("A04", "check edited", edited(check_edited), lost=(BYTES,), flags=("locked_edited",)),
    HandedIn("A05", "check deleted", edited(check_deleted), lost=(BYTES,), flags=("missing_cell",)),
    HandedIn(
        "A06",
        "resubmitted, worse",
        resubmitted,
        lost=(BYTES,),
        rows=2,
        also=the_second_counts,
        quick=True,
    ),
    HandedIn(
        "A07", "check as text", edited(check_as_text), lost=(BYTES,), flags=("locked_edited",)
    ),
    HandedIn("A08", "check copied", edited(check_copied), flags=("duplicate",)),
    HandedIn("A09", "answer split", edited(split), flags=("split_cell",)),
    HandedIn(
        "A10",
        "answer twice, differently",
        edited(duplicated),
        status="needs_review",
        lost=(BYTES,),
        flags=("duplicate",),
        without=(),
        quick=True,
    ),
    HandedIn("A11", "cells moved", edited(moved), flags=("moved",)),
    HandedIn("A12", "no cell ids", edited(without_ids)),
    HandedIn("A12b", "no ids, no metadata", edited(rebuilt), flags=("renewed_ids",), quick=True),
    HandedIn("A13", "one id twice", edited(one_id), flags=("repeated_id",)),
    HandedIn("A14", "ids swapped", edited(ids_swapped), flags=("swapped_ids",)),
    HandedIn("A15", "helper cells", edited(helper)),
    HandedIn("A16", "check redefined", edited(check_redefined), lost=(BYTES,)),
    HandedIn("A17", "99 points", edited(many_points), flags=("metadata_edited",)),
    HandedIn("A18", "unlocked", edited(unlocked), flags=("metadata_edited",)),
    HandedIn("A19", "odd marks", edited(odd_marks), flags=("metadata_edited",)),
    HandedIn(
        "A20",
        "nbval options",
        edited(options),
        lost=(BYTES,),
        flags=("nbval_options",),
        quick=True,
    ),
    HandedIn("A21", "never run", edited(never_run), lost=(BYTES,)),
    HandedIn("A22", "outputs pasted", edited(pasted_outputs), lost=(BYTES,)),
    HandedIn("A23", "kernel bash", edited(other_kernel({"name": "bash", "language": "bash"}))),
    HandedIn("A23b", "no such kernel", edited(other_kernel({"name": "nosuch"}))),
    HandedIn("A23c", "the kernel is a string", edited(other_kernel("python3"))),
    HandedIn("A24", "another notebook", edited(other_notebook), status="wrong_assignment"),
    HandedIn("A25", "answer as text", edited(as_markdown), flags=("retyped",)),
    HandedIn("A26", "outputs cleared", edited(stripped)),
)
