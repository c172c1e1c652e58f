"""Which settings are saved: laws of the rule, on generated controls."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylab.explore.widget.controls import Dropdown, Slider, Steps, Toggle
from tinylab.explore.widget.saved.grid import offered, settings


@st.composite
def control_lists(draw):
    """One to six controls of any kind, with a setting that was shown."""
    controls = []
    for number in range(draw(st.integers(1, 6))):
        name, size = f"c{number}", draw(st.integers(2, 60))
        kind = draw(st.sampled_from(["slider", "steps", "menu", "toggle"]))
        if kind == "slider":
            low, step = draw(st.integers(-5, 5)), draw(st.sampled_from([1, 0.01, 0.25]))
            controls.append(Slider(name, "A number", low, low + step * size, step, low))
        elif kind == "steps":
            controls.append(Steps(name, "A step", [2**i for i in range(min(size, 30))], 1))
        elif kind == "menu":
            controls.append(Dropdown(name, "A menu", [f"o{i}" for i in range(size)], "o0"))
        else:
            controls.append(Toggle(name, "A switch"))
    return controls


def every_value(control):
    return next(iter(offered([control], [{control.name: control.value}], 10**9))).values


@given(control_lists(), st.integers(0, 1000), st.sampled_from([729, 2000, 10**9]))
def test_it_fits_keeps_what_was_shown_and_the_order(controls, pick, most_states):
    values = [every_value(control) for control in controls]
    shown = {c.name: v[pick % len(v)] for c, v in zip(controls, values, strict=True)}
    kept = offered(controls, [shown], most_states)
    assert math.prod(len(each.values) for each in kept) <= most_states
    for each, all_values in zip(kept, values, strict=True):
        assert shown[each.control.name] in each.values
        assert len(each.values) >= 2
        positions = [all_values.index(value) for value in each.values]
        assert positions == sorted(set(positions))
        assert each.of == len(all_values)
    if math.prod(len(v) for v in values) <= most_states:
        assert [each.values for each in kept] == values


@given(control_lists())
def test_a_finer_grid_is_never_coarser_in_any_control(controls):
    first = {control.name: control.value for control in controls}
    coarse, fine = (offered(controls, [first], most) for most in (729, 5000))
    for less, more in zip(coarse, fine, strict=True):
        assert len(less.values) <= len(more.values)


def test_numbers_give_way_before_menus():
    controls = [
        Slider("snr", "SNR", 0, 100, 1, 10, "dB"),
        Dropdown("board", "Board", [f"b{i}" for i in range(20)], "b3"),
    ]
    snr, board = offered(controls, [{"snr": 10, "board": "b3"}], 200)
    assert len(board.values) == 20 and len(snr.values) == 10
    assert snr.values[0] == 0 and snr.values[-1] == 100 and 10 in snr.values
    assert snr.spec()["kind"] == "steps" and snr.spec()["options"] == list(snr.values)
    assert board.spec() == controls[1].spec()


def test_a_shorter_menu_keeps_its_labels():
    menus = [Dropdown(n, n.upper(), "abcdefgh", "d", "ABCDEFGH") for n in ("m", "n")]
    kept = offered(menus, [{"m": "d", "n": "d"}], 9)
    for each in kept:
        spec = each.spec()
        assert spec["labels"] == [option.upper() for option in spec["options"]]
        assert "d" in spec["options"] and len(spec["options"]) == 3


def test_of_many_numbers_the_last_keep_two_stops():
    numbers = [Steps(f"n{i}", "A number", range(10), 4) for i in range(7)]
    kept = offered(numbers, [{f"n{i}": 4 for i in range(7)}], 1000)
    assert [len(each.values) for each in kept] == [3, 3, 3, 3, 3, 2, 2]
    assert all(4 in each.values for each in kept)


def test_the_last_control_changes_fastest():
    controls = [Toggle("a", "A"), Steps("b", "B", (1, 2, 3), 1)]
    kept = offered(controls, [{"a": False, "b": 1}], 100)
    rows = [(setting["a"], setting["b"]) for setting in settings(kept)]
    assert rows == [(a, b) for a in (False, True) for b in (1, 2, 3)]


def test_too_many_controls_are_refused():
    controls = [Toggle(f"c{i}", "A switch") for i in range(13)]
    first = {control.name: False for control in controls}
    with pytest.raises(ValueError, match="13 controls give more than 6,000 settings"):
        offered(controls, [first], 6000)
