"""The library's pages name every module that offers something, and no judge of exercises."""

import pytest

from tests.modules import MODULES, PACKAGE, room
from tinylab.site.api import api_pages


@pytest.fixture(scope="module")
def pages():
    return api_pages(PACKAGE)


@pytest.fixture(scope="module")
def text(pages):
    return "\n".join(pages.values())


def documents(text: str, module: str) -> bool:
    return f".. py:module:: {module}\n" in text


def test_rooms_are_there_and_judges_are_not(pages, text):
    assert documents(text, "tinylab.cost.power.clocked") and "api/tinylab.cost.power" in pages
    assert documents(text, "tinylab.course.ledger")
    assert not any(f"tinylab.{name}" in text for name in ("grading", "cli", "site"))
    assert "tinylab.course.exercises" not in text


def test_every_module_with_public_names_is_documented(text):
    for module, path in MODULES.items():
        if room(module) in ("data", "signal", "graph", "scoring", "cost", "models", "explore"):
            if "\n__all__ = " in path.read_text() and path.name != "__init__.py":
                assert documents(text, module), module


def test_a_title_is_underlined_as_long_as_it_is(pages):
    for page in pages.values():
        title, line, *_ = page.splitlines()
        assert len(title) == len(line)


def test_a_function_has_its_signature_its_parameters_and_their_types_in_full(pages):
    scoring = pages["api/tinylab.scoring"]
    assert all(word in scoring for word in (".. py:function:: ", ":Parameters:", ":Returns:"))
    power = pages["api/tinylab.cost.power"]
    assert "-> tinylab.cost.power.clocked.PowerCurve" in power
    assert "   .. py:method:: power_mW(" in power or ".. py:method:: PowerCurve.power_mW(" in power
