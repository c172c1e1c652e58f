"""Predictions: between a question and its verdict nothing is shown that gives the answer away."""

import ast

import pytest

from tests.sources import source_of
from tinylab.course.notebooks.build import source_names
from tinylab.course.notebooks.claims import is_claims, statements_of

SHOWING = {"print", "display"}
# What stands between a question and its verdict and does not tell the answer, by its first words.
HARMLESS = {
    "benchmarks = cost.benchmarks()": "what a MAC costs on boards that were not asked about",
    "calibrated = exits": "how sure exits are of themselves; asked is what they save",
}


def calls(cell, *methods) -> list[ast.Call]:
    """The calls of methods and functions of these names in a cell."""
    nodes = [node for statement in statements_of(cell) for node in ast.walk(statement)]
    found = [node for node in nodes if isinstance(node, ast.Call)]
    return [
        call
        for call in found
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in methods
    ]


def of(call: ast.Call) -> str:
    """The name of what a method is called on."""
    return ast.unparse(call.func.value)


def asked_in(cell) -> set[str]:
    """The names of the questions that a cell asks."""
    return {
        statement.targets[0].id
        for statement in statements_of(cell)
        if isinstance(statement, ast.Assign)
        and ast.unparse(statement.value).startswith("Prediction(")
    }


def shows(cell) -> bool:
    """Whether a cell shows something, were it only the value of its last line."""
    *_, last = statements_of(cell) or [None]
    return isinstance(last, ast.Expr) or bool(calls(cell, *SHOWING))


def is_behind(cell, question: str) -> bool:
    """Whether an explorer of the cell is covered until the question is answered."""
    return any(ast.unparse(call.args[0]) == question for call in calls(cell, "behind"))


@pytest.mark.parametrize("name", source_names())
def test_nothing_between_a_question_and_its_verdict_shows_the_answer(name):
    waiting = set()
    for cell in source_of(name).notebook.cells:
        if is_claims(cell) or "exercise" in cell.metadata or calls(cell, "check"):
            continue
        asked = asked_in(cell)
        open_ = waiting - {of(call) for call in calls(cell, "reveal")}
        if shows(cell) and not asked and not cell.source.startswith(tuple(HARMLESS)):
            early = [question for question in open_ if not is_behind(cell, question)]
            assert not early, f"shown before {early} is answered: {cell.source[-200:]}"
        waiting = open_ | asked
    assert not waiting, f"never revealed: {waiting}"
