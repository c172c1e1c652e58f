"""Whose cell is it: the ways in which an answer is found in a changed notebook."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinylab.grading.intake.parse import parse_notebook
from tinylab.grading.one.assemble import assemble
from tinylab.grading.one.code_text import same_code


@pytest.fixture
def found(assignment, config):
    """What the assembler makes of a notebook's JSON."""
    return lambda plain: assemble(
        parse_notebook(json.dumps(plain).encode(), config.intake)[0], assignment
    )


def cell_of(notebook: dict, exercise: str) -> dict:
    return next(c for c in notebook["cells"] if c["metadata"].get("exercise") == exercise)


def test_nothing_of_a_right_notebook_is_odd(found, solved, assignment):
    result = found(solved)
    assert tuple(result.answers) == assignment.exercise_ids
    assert (result.flags, result.question_flags, result.extra_cells) == ((), {}, ())


def test_the_released_notebook_has_no_answers(found, assignment):
    result = found(assignment.notebook)
    assert result.answers == {} and result.matched
    assert set(result.question_flags.values()) == {("no_response",)}


def test_a_renamed_docstring_and_a_comment_are_still_no_answer(found, solved):
    cell_of(solved, "weight_bytes")["source"] = (
        'def weight_bytes(parameters, bits):\n    """mine"""\n    # later\n'
        '    raise NotImplementedError("weight_bytes")'
    )
    assert "weight_bytes" not in found(solved).answers


def test_an_answer_in_several_parts_is_joined_in_order(found, solved):
    cell = cell_of(solved, "weight_bytes")
    at = solved["cells"].index(cell)
    parts = [
        "def weight_bytes(parameters, bits):",
        "    n = parameters * bits",
        "    return -(-n // 8)",
    ]
    solved["cells"][at : at + 1] = [
        {**cell, "id": cell["id"] if i == 1 else f"part-{i}", "source": part}
        for i, part in enumerate(parts)
    ]
    result = found(solved)
    assert result.answers["weight_bytes"] == "\n".join(parts)
    assert result.question_flags == {"weight_bytes": ("split_cell",)}


@pytest.mark.parametrize(
    ("sources", "chosen", "flags"),
    [
        (("right", "right"), "right", ("duplicate",)),
        (("other", "right"), "right", ("duplicate", "needs_review")),
        (("right", "stub"), "right", ("duplicate",)),
        (("right", "other", "stub"), "other", ("duplicate", "needs_review")),
    ],
)
def test_of_copies_the_last_answered_one_counts(found, solved, assignment, sources, chosen, flags):
    cell = cell_of(solved, "weight_bytes")
    stub = cell_of(assignment.notebook, "weight_bytes")["source"]
    texts = {"right": cell["source"], "stub": stub, "other": cell["source"].replace("7", "8")}
    at = solved["cells"].index(cell)
    copies = [{**cell, "id": f"copy-{i}", "source": texts[s]} for i, s in enumerate(sources)]
    solved["cells"][at : at + 1] = copies
    result = found(solved)
    assert result.answers["weight_bytes"] == texts[chosen]
    assert result.question_flags["weight_bytes"] == flags


def test_without_ids_and_metadata_functions_tell(found, solved, assignment):
    for cell in solved["cells"]:
        cell.pop("id")
        cell["metadata"] = {}
    result = found(solved)
    assert tuple(result.answers) == assignment.exercise_ids
    assert "renewed_ids" in result.flags


def test_a_misspelt_function_is_found_by_its_likeness(found, solved):
    cell = cell_of(solved, "weight_bytes")
    cell.pop("id")
    cell["metadata"] = {}
    cell["source"] = cell["source"].replace("def weight_bytes", "def weigth_bytes")
    assert "def weigth_bytes" in found(solved).answers["weight_bytes"]


def test_nothing_resembles_an_exercise_by_chance(found, solved):
    solved["cells"] = [
        c for c in solved["cells"] if c["metadata"].get("exercise") != "weight_bytes"
    ]
    solved["cells"].append(
        {"cell_type": "code", "metadata": {}, "source": "def mean(x):\n    return sum(x) / len(x)"}
    )
    result = found(solved)
    assert "weight_bytes" not in result.answers
    assert "missing_cell" in result.question_flags["weight_bytes"]


def test_imports_and_definitions_added_to_the_masters_cells_are_kept(found, solved):
    first = next(c for c in solved["cells"] if c["cell_type"] == "code")
    first["source"] += "\nimport math\nprint('hello')"
    assert found(solved).extra_cells == ("import math",)


def test_another_notebook_does_not_match(found):
    assert not found({"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = 1"}]}).matched


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_order_of_the_cells_changes_no_answer(data, found, solved):
    before = found(solved).answers
    solved["cells"] = data.draw(st.permutations(solved["cells"]))
    assert found(solved).answers == before


def test_same_code_ignores_layout_alone():
    assert same_code("x = 1  # one", "x=1")
    assert not same_code("x = 1", "x = 2")
    assert same_code("no python at all", " no python at all ")


def test_code_that_is_nested_too_deeply_to_be_compared_is_compared_as_text():
    for depth in (90, 500, 980, 5_000, 50_000):
        chain = "x = " + "+".join(["1"] * depth)
        assert same_code(chain, chain) and not same_code(chain, "x = 1")
