"""What all lessons promise: one chain of models, a ledger that compares, stops to go on from."""

import ast
import builtins
import re

import pytest

from tests.sources import source_of
from tinylab.course.notebooks.build import source_names
from tinylab.course.notebooks.claims import is_claims, statements_of
from tinylab.paths import PROJECT

SAVED = re.compile(r'checkpoints\.save\(\s*\w+(?:\[[^]]*\])?,\s*"(\w+)",\s*"(\w+)"')
LOADED = re.compile(r'checkpoints\.load(?:_metrics)?\(\s*"(\w+)"((?:,\s*"\w+")+)')
CHAIN = (
    ("01_keyword_spotting/3_adapt", "01_keyword_spotting/4_energy_latency", "deploy"),
    ("01_keyword_spotting/3_adapt", "01_keyword_spotting/5_federated", "adapt"),
    ("02_visual_wake_words/3_adapt", "02_visual_wake_words/4_energy_latency", "deploy"),
    ("03_anomaly_detection/3_adapt", "03_anomaly_detection/4_energy_latency", "deploy"),
)
APPLICATIONS = [name for name in source_names() if name[:2] in ("01", "02", "03")]
SECTION = re.compile(r"^## ", re.MULTILINE)
STOP = re.compile(r"^## Stop here", re.MULTILINE)


def text_of(name: str) -> str:
    return "\n".join(cell.source for cell in source_of(name).solution().cells)


def calls_of(name: str, method: str) -> list[ast.Call]:
    """All calls of a method of that name in a notebook's code."""
    statements = [s for cell in source_of(name).solution().cells for s in statements_of(cell)]
    nodes = [node for statement in statements for node in ast.walk(statement)]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    return [call for call in calls if getattr(call.func, "attr", "") == method]


@pytest.mark.parametrize(("first", "following", "stage"), CHAIN)
def test_what_one_class_adapts_the_next_one_takes_first(first, following, stage):
    assert stage in {kept for _, kept in SAVED.findall(text_of(first))}
    wanted = [re.findall(r"\w+", stages) for _, stages in LOADED.findall(text_of(following))]
    assert any(stages[0] == stage for stages in wanted)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_a_row_of_the_ledger_says_what_it_was_made_from_and_tested_on(name):
    for call in calls_of(name, "record"):
        given = {word.arg: word.value for word in call.keywords}
        if isinstance(given["stage"], ast.Constant) and given["stage"].value == "train":
            continue  # the first row of an application, made from nothing
        assert {"made_from", "accuracy", "test_set", "examples"} <= set(given)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_one_cell_names_whose_data_and_no_other_cell_knows_the_built_in_labels(name):
    """`tests/notebooks/test_own_sets.py` runs them on a set of one's own."""
    cells = [cell for cell in source_of(name).notebook.cells if not is_claims(cell)]
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    folder = name.split("/")[0]
    assert code.count("data.use(") == 1 and f'\ndata.use("{folder[3:]}", None)\n' in code
    assert not re.findall(r"speech\.LABELS|speech\.COMMANDS|people\.LABELS|MACHINES|FAULTS", code)


@pytest.mark.parametrize("name", source_names())
def test_the_notebooks_that_are_named_exist(name):
    folder = (PROJECT / "notebooks" / "source" / name).parent
    for found in re.findall(r"`((?:\d\d_\w+/)?\d_\w+)`", text_of(name)):
        places = [folder.parent / f"{found}.py", folder / f"{found}.py"]
        assert found == "1_train" or any(place.is_file() for place in places), found


READERS = {
    "open",
    "Path",
    "load",
    "loadtxt",
    "fromfile",
    "read_csv",
    "read_text",
    "folder",
    "chdir",
}


@pytest.mark.parametrize("name", source_names())
def test_a_notebook_runs_under_any_name_and_in_any_folder(name):
    """No file is looked for beside it: it may be renamed, copied, or opened from a desktop."""
    statements = [s for cell in source_of(name).solution().cells for s in statements_of(cell)]
    calls = [n for s in statements for n in ast.walk(s) if isinstance(n, ast.Call)]
    named = [
        call.args[0].value
        for call in calls
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in READERS
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]
    assert not [text for text in named if isinstance(text, str) and re.search(r"[./\\\\]", text)]


def names_in(cell, context: type) -> set[str]:
    nodes = [node for statement in statements_of(cell) for node in ast.walk(statement)]
    names = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, context)}
    if context is ast.Store:
        names |= {n.name for n in nodes if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
        names |= {n.arg for n in nodes if isinstance(n, ast.arg)}
        imported = [n for n in nodes if isinstance(n, (ast.Import, ast.ImportFrom))]
        names |= {(a.asname or a.name).split(".")[0] for n in imported for a in n.names}
    return names


def headed(cells, heading) -> list[int]:
    return [
        number
        for number, cell in enumerate(cells)
        if cell.cell_type == "markdown" and heading.search(cell.source)
    ]


@pytest.mark.parametrize("name", source_names())
def test_after_a_stop_nothing_is_needed_but_the_first_section(name):
    cells = [cell for cell in source_of(name).notebook.cells if not is_claims(cell)]
    stops = headed(cells, STOP)
    assert len(stops) == text_of(name).count("with a marked stop between them")
    if not stops:
        return
    known = set(dir(builtins))
    for cell in cells[: headed(cells, SECTION)[1]]:
        known |= names_in(cell, ast.Store)
    for cell in cells[stops[0] :]:
        missing = names_in(cell, ast.Load) - known - names_in(cell, ast.Store)
        assert not missing, f"{sorted(missing)} is set before the stop only: {cell.source[:80]}"
        known |= names_in(cell, ast.Store)
