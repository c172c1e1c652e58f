"""A saved explorer in a bare page from a disk: every control, by keyboard, without Python."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.explore.every_explorer import EXPLORERS
from tests.explore.widget.test_explorer import make
from tinylab import site
from tinylab.explore.train.slices import slices_explorer
from tinylab.explore.widget.predict import Prediction, verdict
from tinylab.explore.widget.saved import states
from tinylab.site.pages import saved_script
from tinylab.site.scripts import static_files

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en" data-content_root="./"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>t</title>
<link rel="stylesheet" href="_static/tinylab.css"><script src="_static/tinylab.js"></script></head>
<body>{places}</body></html>"""
# As a cell that printed something stands in the site.
PLACE = """<div class="cell_output"><div class="output stream">printed {0}</div>
<div class="output text_html"><div class="tinylab-saved" data-name="w{0}"></div></div></div>"""
DRAWN = "() => document.querySelector('.js-plotly-plot')?.data?.[0].y"


@pytest.fixture
def show(page, tmp_path):
    """Function that opens a page with these saved widgets and returns it."""
    problems = []
    page.on("console", lambda message: message.type == "error" and problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))

    def act(*saved):
        for name, text in static_files().items():
            (tmp_path / "_static").mkdir(exist_ok=True)
            (tmp_path / "_static" / name).write_text(text, encoding="utf-8")
        (tmp_path / "_static" / "saved").mkdir(exist_ok=True)
        for number, each in enumerate(saved):
            script = saved_script(f"w{number}", each)
            (tmp_path / "_static" / "saved" / f"w{number}.js").write_text(script, "utf-8")
        places = "".join(PLACE.format(n) for n in range(len(saved)))
        (tmp_path / "page.html").write_text(PAGE.format(places=places), encoding="utf-8")
        page.goto((tmp_path / "page.html").as_uri())
        page.wait_for_function(
            "n => document.querySelectorAll('[data-alive=yes]').length === n", arg=len(saved)
        )
        return page

    yield act
    assert problems == []


def drawn(page, expected):
    """Wait until the figure's first trace is this."""
    page.wait_for_function(f"y => JSON.stringify(({DRAWN})()) === JSON.stringify(y)", arg=expected)


def says(page, text):
    page.wait_for_function(
        "t => document.querySelector('.tinylab-live').textContent === t", arg=text
    )


def test_every_kind_of_control_changes_sentence_and_figure(show):
    page = show(make().saved())
    drawn(page, [0, 2])
    slider, steps = page.locator("input[type=range]").all()
    slider.press("ArrowRight")
    says(page, "It ends at 3.")
    drawn(page, [0, 3])
    steps.press("ArrowRight")
    drawn(page, [0, 7.5])
    page.get_by_label("Sign").select_option("minus")
    drawn(page, [0, -7.5])
    page.get_by_label("Double").press("Space")
    says(page, "It ends at -15.")
    page.get_by_role("spinbutton", name="Factor").fill("5")
    page.get_by_role("spinbutton", name="Factor").press("Enter")
    drawn(page, [0, -25])
    page.get_by_role("button", name="Reset", exact=True).press("Enter")
    says(page, "It ends at 2.")
    drawn(page, [0, 2])


def test_a_setting_that_cannot_be_shown_says_why_and_leaves_the_figure(show):
    page = show(make().set(factor=8).saved())
    drawn(page, [0, 8])
    page.locator("input[type=range]").first.press("ArrowRight")
    says(page, "This setting could not be shown. ZeroDivisionError: nine")
    assert page.locator(".tinylab-error").count() == 1
    drawn(page, [0, 8])


def test_a_coarser_slider_stops_only_where_there_is_data(show, monkeypatch):
    monkeypatch.setattr(states, "MOST_STATES", 36)
    saved = make().saved()
    assert saved["values"][0] == [1, 2, 10]
    page = show(saved)
    assert "3 of 10 values of “Factor”" in page.locator(".tinylab-source").inner_text()
    page.get_by_role("spinbutton", name="Factor").fill("9")
    page.get_by_role("spinbutton", name="Factor").press("Enter")
    says(page, "It ends at 10.")
    drawn(page, [0, 10])


def test_what_is_covered_opens_with_an_answer(show, tmp_path, monkeypatch):
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path / "work"))
    guess = Prediction("How far does it go?", unit="V")
    page = show(guess.saved(), make().behind(guess).saved(), guess.reveal(2.0).saved())
    assert not page.get_by_role("slider").first.is_visible()
    assert [page.get_by_text(f"printed {n}").is_visible() for n in range(3)] == [True, True, False]
    page.get_by_label("How far does it go?").fill("3")
    page.get_by_role("button", name="Commit my prediction").press("Enter")
    page.get_by_role("slider").first.wait_for(state="visible")
    drawn(page, [0, 2])
    said = page.locator(".tinylab-verdict .tinylab-live").inner_text()
    assert said == verdict(3.0, 2.0, "V") and page.get_by_text("printed 2").is_visible()


def test_what_is_covered_can_be_seen_anyway(show, tmp_path, monkeypatch):
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path / "work"))
    guess = Prediction("Which?", choices=("flash", "RAM"))
    page = show(guess.saved(), make().behind(guess).saved(), guess.reveal("RAM").saved())
    anyway = page.get_by_role("button", name="Show me anyway")
    while anyway.count():
        anyway.first.press("Enter")
    drawn(page, [0, 2])
    said = page.locator(".tinylab-verdict .tinylab-live").inner_text()
    assert said == verdict(None, "RAM")


NAMES = ("some steps away (8 to 20 %)", "near (above 20 %)", "far (below 8 % of the picture)")
LABELS = """
() => [...document.querySelectorAll('g.ytick text')].map((text) => {
  const { left, right, top, bottom } = text.getBoundingClientRect();
  const edge = text.closest('.js-plotly-plot').getBoundingClientRect().left;
  return { text: text.textContent, left: left - edge, right: right - edge, top, bottom };
})
"""
ROOM = """
() => {
  const { _size, width } = document.querySelector('.js-plotly-plot')._fullLayout;
  return [_size.l, _size.w, width];
}
"""


def telephone(show, page, explorer) -> tuple[list, list]:
    """The names of the rows as they stand on a telephone, and what room the plot has."""
    page.set_viewport_size({"width": 360, "height": 800})
    show(explorer.saved()).wait_for_selector("g.ytick text")
    start, width, whole = page.evaluate(ROOM)
    labels = sorted(page.evaluate(LABELS), key=lambda label: label["top"])
    assert all(0 <= label["left"] < label["right"] <= start for label in labels)
    assert all(one["bottom"] <= next_["top"] + 1 for one, next_ in itertools.pairwise(labels))
    return labels, width / whole


def test_long_names_of_rows_leave_a_telephone_more_than_half_of_the_figure(show, page):
    right = np.arange(300) % 3 > 0
    by = {"distance": np.resize(NAMES, 300), "light": np.resize(["dark", "bright"], 300)}
    explorer = slices_explorer({"one": right, "two": ~right}, by, np.arange(300) // 6)
    labels, share = telephone(show, page, explorer)
    assert {label["text"].partition("(100")[0].replace(" ", "") for label in labels} == {
        name.replace(" ", "") for name in NAMES
    }
    assert share > 0.5


def test_a_long_unit_leaves_room_for_its_slider(show, page):
    page.set_viewport_size({"width": 360, "height": 800})
    show(EXPLORERS["search_front"]().saved()).get_by_text("% of the largest network").wait_for()
    widths = (
        "() => [...document.querySelectorAll('input[type=range]')].map((one) => one.clientWidth)"
    )
    assert min(page.evaluate(widths)) >= 100


def test_names_of_many_rows_do_not_lie_on_each_other(show, page):
    labels, share = telephone(show, page, EXPLORERS["stacks"]())
    assert len(labels) > 15 and share > 0.2


VERDICT = (Path(site.__file__).parent / "front" / "verdict.js").read_text(encoding="utf-8")
NUMBERS = [0, 1, 3, 12, 41, 41.96, 42, 42.3, 57.77, 99.4, 1234567, 0.00321, -4, 1e9]


@pytest.mark.parametrize("unit", ["V", "%", "points", "times", ""])
def test_the_page_judges_a_guess_in_pythons_words(show, tmp_path, monkeypatch, unit):
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path / "work"))
    saved = [Prediction("?", unit=unit).reveal(measured).saved() for measured in (42.0, -3.5, 0.5)]
    page = show(*saved)
    page.evaluate(f"{VERDICT}; globalThis.judge = verdict; null")
    for each in saved:
        said = page.evaluate("([s, n]) => n.map((said) => judge(s, said))", [each, NUMBERS])
        assert said == [verdict(float(n), each["measured"], unit) for n in NUMBERS]
