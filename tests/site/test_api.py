"""The library's pages name every module that offers something, and no judge of exercises."""

from tests.modules import MODULES, PACKAGE, room
from tinylab.site.api import api_pages

PAGES = api_pages(PACKAGE)
TEXT = "\n".join(PAGES.values())


def documented(module):
    return f".. py:module:: {module}\n" in TEXT


def test_rooms_are_there_and_judges_are_not():
    assert documented("tinylab.cost.power.clocked") and "api/tinylab.cost.power" in PAGES
    assert documented("tinylab.course.ledger")
    assert not any(f"tinylab.{name}" in TEXT for name in ("grading", "cli", "site"))
    assert "tinylab.course.exercises" not in TEXT


def test_every_module_with_public_names_is_documented():
    for module, path in MODULES.items():
        if room(module) in ("data", "signal", "graph", "scoring", "cost", "models", "explore"):
            if "\n__all__ = " in path.read_text() and path.name != "__init__.py":
                assert documented(module), module


def test_a_title_is_underlined_as_long_as_it_is():
    for text in PAGES.values():
        title, line, *_ = text.splitlines()
        assert len(title) == len(line)


def test_a_function_has_its_signature_its_parameters_and_their_types_in_full():
    text = PAGES["api/tinylab.scoring"]
    assert ".. py:function:: " in text and ":Parameters:" in text and ":Returns:" in text
    power = PAGES["api/tinylab.cost.power"]
    assert "-> tinylab.cost.power.clocked.PowerCurve" in power
    assert "   .. py:method:: power_mW(" in power or ".. py:method:: PowerCurve.power_mW(" in power
