"""The widget class itself, without a browser."""

import numpy as np
import pytest

from tinylab.explore.widget import display, theme
from tinylab.explore.widget.controls import Dropdown, Slider, Steps, Toggle, describe
from tinylab.explore.widget.explorer import Explorer
from tinylab.explore.widget.predict import Prediction


class Line:
    def figure(self):
        figure = theme.figure(x="x", y="y")
        figure.add_scatter(name="moves", **theme.series(0))
        figure.add_scatter(x=[0, 1], name="keeps its x", **theme.series(1))
        return figure

    def update(self, figure, result):
        figure.data[0].x, figure.data[0].y = [0, abs(result)], [0, result]
        figure.data[1].y = [result, result]


def product(factor, times, sign, double):
    if factor == 9:
        raise ZeroDivisionError("nine")
    return factor * times * (1 if sign == "plus" else -1) * (2 if double else 1)


def make(compute=product):
    controls = [
        Slider("factor", "Factor", 1, 10, 1, 2, "V"),
        Steps("times", "Times", (1, 2.5, 10), 1),
        Dropdown("sign", "Sign", ("plus", "minus"), "plus", ("above", "below")),
        Toggle("double", "Double"),
    ]
    return Explorer(
        "A line", controls, compute, Line(), lambda y: f"It ends at {y:g}.", source="modelled"
    )


def from_browser(explorer, **values):
    """What a moved slider does: the front end replaces the panel's state."""
    explorer.panel.state = {**explorer.panel.state, **values}


def test_state_sentence_and_figure_tell_of_the_same_setting():
    explorer = make()
    assert explorer.state == {"factor": 2, "times": 1, "sign": "plus", "double": False}
    assert explorer.text == "It ends at 2." and explorer.result == 2
    for move in (explorer.set, lambda **values: from_browser(explorer, **values)):
        move(factor=4, times=2.5)
        assert explorer.text == "It ends at 10."
        assert explorer.figure.data[0].y == (0, 10)
        assert explorer.state["factor"] == 4
        move(factor=2, times=1)


def test_set_returns_itself_and_reset_restores_every_control():
    explorer = make()
    first = explorer.state
    assert explorer.set(factor=5, sign="minus", double=True) is explorer
    assert explorer.text == "It ends at -10."
    assert explorer.reset().state == first and explorer.text == "It ends at 2."


def test_one_move_computes_once_and_sends_one_whole_figure():
    calls, drawings = [], []

    def counted(**state):
        calls.append(state)
        return product(**state)

    explorer = make(counted)
    explorer.plot.observe(lambda change: drawings.append(change.new), names="drawing")
    calls.clear()
    from_browser(explorer, factor=7)
    explorer.set(factor=8)
    assert [call["factor"] for call in calls] == [7, 8]
    assert [drawing["data"][0]["y"] for drawing in drawings] == [[0, 7], [0, 8]]
    # What a move does not assign is in the message too: any message alone is the whole figure.
    assert [drawing["data"][1]["x"] for drawing in drawings] == [[0, 1], [0, 1]]
    assert drawings[1]["layout"]["xaxis"]["title"]["text"] == "x"


def test_the_page_hears_of_a_complete_figure_at_once():
    """What is sent when the widget opens already holds figure, label, sentence and setting."""
    explorer = make()
    opened = explorer.plot.get_state()
    assert opened["drawing"]["data"][0]["y"] == [0, 2]
    assert opened["label"] == "Figure: A line. It ends at 2."
    assert explorer.status.get_state()["text"] == "It ends at 2."
    assert explorer.panel.get_state()["state"] == explorer.state


def test_a_move_makes_no_widget():
    import ipywidgets

    explorer = make()
    made = []
    ipywidgets.Widget.on_widget_constructed(made.append)
    try:
        from_browser(explorer, factor=7)
        explorer.set(factor=8)
        explorer.reset()
    finally:
        ipywidgets.Widget.on_widget_constructed(None)
    assert made == []


@pytest.mark.parametrize(
    "values, reason",
    [
        ({"bits": 3}, "no control named bits; there are: factor, times, sign, double"),
        ({"factor": 11}, "factor must be between 1 and 10 V, got 11"),
        ({"factor": "3"}, "factor must be a number"),
        ({"factor": float("nan")}, "factor must be between"),
        ({"times": 3}, "times must be one of 1, 2.5, 10, got 3"),
        ({"sign": "none"}, "sign must be one of plus, minus"),
        ({"double": 1}, "double must be True or False"),
    ],
)
def test_a_wrong_value_is_refused_and_changes_nothing(values, reason):
    explorer = make()
    with pytest.raises(ValueError, match=reason):
        explorer.set(**values)
    assert explorer.text == "It ends at 2." and explorer.state["factor"] == 2


def test_an_error_in_compute_becomes_a_sentence_in_the_browser_and_is_raised_from_python():
    explorer = make()
    from_browser(explorer, factor=9)
    assert explorer.text == "This setting could not be shown. ZeroDivisionError: nine"
    assert explorer.status.is_error
    from_browser(explorer, factor=3)
    assert explorer.text == "It ends at 3." and not explorer.status.is_error
    with pytest.raises(ZeroDivisionError):
        explorer.set(factor=9)
    assert explorer.text == "It ends at 3."


def test_a_value_the_browser_makes_up_becomes_a_sentence():
    explorer = make()
    from_browser(explorer, factor=1e9)
    assert "factor must be between 1 and 10" in explorer.text
    from_browser(explorer, unknown=1)
    assert "no control named unknown" in explorer.text


def test_what_is_printed_is_always_the_same():
    assert repr(make()) == repr(make().set(factor=3)) == "Explorer('A line')"
    bundle = make()._repr_mimebundle_()
    assert bundle["text/plain"] == "Explorer('A line')"
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_reset_returns_to_what_was_first_shown():
    explorer = make().set(factor=5)
    explorer._repr_mimebundle_()
    assert explorer.panel.initial["factor"] == 5
    explorer.set(factor=8)
    explorer._repr_mimebundle_()  # shown again, further down
    assert explorer.reset().state["factor"] == 5


def test_a_closed_notebook_says_what_to_do(monkeypatch):
    shown = []
    monkeypatch.setattr(display, "display", lambda bundle, raw: shown.append(bundle))
    make()._ipython_display_()
    note, live = shown
    assert "Run &gt; Run All Cells" in note["text/html"] and "It ends at 2." in note["text/html"]
    assert display.VIEW in live and display.VIEW not in note


def test_controls_check_their_own_first_value():
    with pytest.raises(ValueError, match="between 0 and 1"):
        Slider("a", "A", 0, 1, 0.1, 2)
    with pytest.raises(ValueError, match="low < high"):
        Slider("a", "A", 1, 1, 0.1, 1)
    with pytest.raises(ValueError, match="two or more"):
        Steps("a", "A", (1,), 1)
    with pytest.raises(ValueError, match="rising order"):
        Steps("a", "A", (2, 1), 1)
    with pytest.raises(ValueError, match="one label for each"):
        Dropdown("a", "A", ("x", "y"), "x", ("only one",))


def test_numbers_keep_their_kind():
    assert type(Slider("a", "A", 0, 10, 1, 2).accept(3.0)) is int
    assert type(Slider("a", "A", 0, 1, 0.1, 0).accept(1)) is float
    assert type(Steps("a", "A", np.array([2, 4]), 2).accept(4.0)) is int


def test_numbers_carry_no_dust_of_binary_arithmetic():
    assert Slider("a", "A", 0, 1, 0.01, 0.3).accept(0.94 + 1e-16 + 1e-16) == 0.94
    assert repr(Slider("a", "A", 0, 1, 0.1, 0).accept(0.1 + 0.2)) == "0.3"


def test_settings_in_words():
    explorer = make().set(times=2.5, sign="minus", double=True)
    words = [describe(explorer.controls[name], value) for name, value in explorer.state.items()]
    assert words == ["Factor: 2 V", "Times: 2.5", "Sign: below", "Double: on"]


def test_series_differ_twice():
    styles = [theme.series(index) for index in range(len(theme.COLOURS))]
    for key, name in (("line", "color"), ("line", "dash"), ("marker", "symbol")):
        assert len({style[key][name] for style in styles}) == len(styles)


def test_an_explorer_behind_its_question_opens_with_the_answer(tmp_path, monkeypatch):
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path))
    guess = Prediction("Where does it end?", unit="V")
    explorer = make().behind(guess)
    cover = explorer.children[0]
    assert not cover.is_open and "Where does it end?" in cover.text
    guess.set(3)
    assert cover.is_open
