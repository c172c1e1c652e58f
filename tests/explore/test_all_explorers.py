"""What every explorer promises, checked on each of them.

`explorer` is one that nobody has used; `shown` is shared by the tests and reset for each, which
the test of `reset` allows.
"""

import json
import re

import pytest

from tests.explore.every_explorer import EXPLORERS, made_by, makers
from tinylab.explore.widget.controls import Dropdown, Slider, Steps
from tinylab.explore.widget.saved.grid import offered
from tinylab.explore.widget.saved.states import MOST_STATES

# This model has no operator that could work in place.
WITHOUT_EFFECT_HERE = {("The arena over time", "in_place")}
KINDS = ("measured", "published", "datasheet", "modelled")


def test_no_explorer_is_left_out():
    made = set().union(*map(made_by, EXPLORERS.values()))
    assert sorted(set(makers()) - made) == []


def test_it_fits_into_a_page_of_the_site(shown):
    controls, first = list(shown.controls.values()), dict(shown.state)
    kept = offered(controls, [first], MOST_STATES)
    assert all(first[each.control.name] in each.values for each in kept)


def values_of(control):
    """First, last and some values between of a control."""
    if isinstance(control, Slider):
        middle = control.low + round((control.high - control.low) / control.step / 2) * control.step
        return [control.accept(value) for value in (control.low, middle, control.high)]
    if isinstance(control, (Steps, Dropdown)):
        return list(control.options)
    return [False, True]


def drawn(explorer) -> str:
    return explorer.figure.to_json()


# No number, a number nobody can read, and one of many: "1 examples".
UNTIDY = re.compile(
    r"\bnan\b|\binf\b|\dE?e[-+]\d|\.\d{7,}|[-+]0\.0\b|(?<![\d.,%-])1 [a-z]{3,}s\b|  "
)


def test_every_value_of_every_control_is_shown(shown):
    for name, control in shown.controls.items():
        states = set()
        for base in backgrounds(shown, name):
            for value in values_of(control):
                shown.reset().set(**{**base, name: value})
                assert shown.text and not UNTIDY.findall(shown.text), shown.text
                states.add((str(base), shown.text, drawn(shown)))
            if len({state[1:] for state in states if state[0] == str(base)}) > 1:
                break
        else:
            assert (shown.title, name) in WITHOUT_EFFECT_HERE, f"{name} changes nothing"


def backgrounds(explorer, name):
    """Settings of the other controls to look from: some controls matter only in one view."""
    yield {}
    for other, control in explorer.controls.items():
        if other != name and isinstance(control, Dropdown):
            yield from ({other: option} for option in control.options)


def test_some_control_changes_sentence_and_figure_together(shown):
    before = shown.text, drawn(shown)
    for name, control in shown.controls.items():
        for value in values_of(control):
            shown.reset().set(**{name: value})
            if shown.text != before[0] and drawn(shown) != before[1]:
                return
    pytest.fail("no control changes both")


def test_reset_brings_the_first_picture_back(explorer):
    text, figure = explorer.text, json.loads(drawn(explorer))
    for name, control in explorer.controls.items():
        explorer.set(**{name: values_of(control)[-1]})
    explorer.reset()
    assert explorer.text == text
    assert json.loads(drawn(explorer))["data"] == figure["data"]


def test_an_update_adds_and_removes_no_trace(explorer):
    names = [(trace.type, trace.name) for trace in explorer.figure.data]
    for name, control in explorer.controls.items():
        explorer.set(**{name: values_of(control)[-1]})
    assert [(trace.type, trace.name) for trace in explorer.figure.data] == names


def test_it_says_where_its_numbers_come_from(shown):
    assert shown.status.source.startswith(KINDS)


def test_axes_have_titles_and_the_figure_a_size(shown):
    figure = shown.figure
    assert figure.layout.width and figure.layout.height
    for trace in figure.data:
        for letter in "xy":
            values = trace[letter]
            axis = figure.layout[f"{letter}axis{(trace[f'{letter}axis'] or letter)[1:]}"]
            names_itself = axis.ticktext or axis.showticklabels is False
            if values is None or len(values) == 0 or isinstance(values[0], str) or names_itself:
                continue
            assert axis.title.text, f"{letter} axis of {trace.name}"


def test_labels_are_words_and_sliders_have_units_or_count_things(shown):
    for control in shown.controls.values():
        assert control.label[0].isupper() and "_" not in control.label
    assert repr(shown) == f"Explorer({shown.title!r})"
