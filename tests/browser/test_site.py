"""A site from a disk, at the widths of a laptop and of a telephone.

It is one of the first class, built here; with TINYLAB_SITE it is what `tinylab site` has written
into that folder, and every page of it is looked at.
"""

import json
import os
import re
from pathlib import Path

import pytest

from tinylab.site.build import Site, SiteSettings, build_site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.notebook,
    pytest.mark.skipif(
        not (os.environ.get("TINYLAB_EVERY_NOTEBOOK") or os.environ.get("TINYLAB_SITE")),
        reason="runs a class and builds a site, which takes minutes: set TINYLAB_EVERY_NOTEBOOK=1",
    ),
]

NAME = "00_start_here"
BUILT = os.environ.get("TINYLAB_SITE")
PAGES = ("index.html", f"notebooks/{NAME}.html", f"slides/{NAME}.html", "guides/README.html")
if BUILT:
    PAGES = tuple(sorted(p.relative_to(BUILT).as_posix() for p in Path(BUILT).rglob("*.html")))
CLASSES = tuple(name for name in PAGES if name.startswith("notebooks/"))
MOVE = """
explorer => {
  const [one] = explorer.querySelectorAll('.tinylab-row input[type=range], .tinylab-row select');
  const slides = one.type === 'range';
  if (slides) one.value = one.value === one.max ? one.min : one.max;
  else one.selectedIndex = one.selectedIndex ? 0 : one.options.length - 1;
  one.dispatchEvent(new Event(slides ? 'input' : 'change', { bubbles: true }));
}
"""
DRAWN = """
explorer => [explorer.querySelector('.tinylab-live').innerText,
  JSON.stringify(explorer.querySelector('.js-plotly-plot').data)]
"""


@pytest.fixture(scope="module")
def site(browser, tmp_path_factory):
    """Built by running the class once, or there already."""
    if BUILT:
        return Site(Path(BUILT), 0, 0, 0, ())
    folder = tmp_path_factory.mktemp("site")
    settings = SiteSettings(names=(NAME,), runs=folder / "runs")
    return build_site(folder / "pages", settings)


@pytest.fixture(params=[1280, 360], ids=["laptop", "telephone"])
def window(request, page):
    """A window of that width, and all that went wrong or left the disk in it."""
    page.set_viewport_size({"width": request.param, "height": 800})
    problems = []
    page.on("console", lambda said: said.type == "error" and problems.append(said.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("requestfailed", lambda asked: problems.append(f"failed: {asked.url[:100]}"))
    page.on(
        "request",
        lambda asked: re.match("file:|data:|blob:", asked.url) or problems.append(asked.url),
    )
    yield page
    assert problems == []


def opened(window, site, name):
    window.goto((site.folder / name).as_uri())
    return window


def figure(explorer):
    return json.dumps(explorer.locator(".js-plotly-plot").evaluate("plot => plot.data"))


def test_a_slider_moves_sentence_and_figure(window, site):
    page = opened(window, site, f"notebooks/{NAME}.html")
    page.locator(".tinylab-saved:has(img)").scroll_into_view_if_needed()
    explorer = page.locator(".tinylab-explorer")
    explorer.get_by_role("button", name="Show me anyway").click()  # it would answer a prediction
    explorer.locator(".js-plotly-plot .main-svg").first.wait_for()
    before = explorer.locator(".tinylab-live").inner_text(), figure(explorer)
    explorer.get_by_role("slider").press("ArrowLeft")  # it stands at the loudest speech
    page.wait_for_function(
        "before => document.querySelector('.tinylab-explorer .tinylab-live').innerText !== before",
        arg=before[0],
    )
    page.wait_for_timeout(300)  # two frames are enough; the figure is drawn in the next
    assert figure(explorer) != before[1]
    assert explorer.locator("[aria-live=polite]").inner_text() != before[0]
    explorer.get_by_role("button", name="Reset", exact=True).press("Enter")
    page.wait_for_timeout(300)
    assert (explorer.locator(".tinylab-live").inner_text(), figure(explorer)) == before


@pytest.mark.parametrize("name", CLASSES)
def test_every_explorer_moves(window, site, name):
    page = opened(window, site, name)
    for place in page.locator(".tinylab-saved").all():
        place.scroll_into_view_if_needed()
    page.wait_for_function("!document.querySelector('.tinylab-saved:not([data-alive=yes])')")
    page.evaluate("document.querySelectorAll('.tinylab-cover button').forEach(one => one.click())")
    still = []
    for explorer in page.locator(".tinylab-explorer:has(.tinylab-head)").all():
        explorer.scroll_into_view_if_needed()
        explorer.locator(".js-plotly-plot .main-svg").first.wait_for()
        before = explorer.evaluate(DRAWN)
        explorer.evaluate(MOVE)
        page.wait_for_timeout(300)
        if explorer.evaluate(DRAWN) == before:
            still.append(explorer.locator(".tinylab-head").inner_text())
    assert still == []


def test_a_guess_uncovers_what_was_measured(window, site):
    page = opened(window, site, f"notebooks/{NAME}.html")
    box = page.get_by_placeholder("your guess")
    page.locator(".tinylab-saved").first.scroll_into_view_if_needed()
    box.fill("50")
    page.locator(".tinylab-saved").last.scroll_into_view_if_needed()
    assert page.locator(".tinylab-verdict .tinylab-live").is_hidden()
    page.get_by_role("button", name="Commit my prediction").press("Enter")
    said = page.locator(".tinylab-verdict .tinylab-live")
    said.wait_for()
    assert re.match(r"You said 50 words; measured: [\d.]+ words\. You were", said.inner_text())


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_window(window, site, name):
    page = opened(window, site, name)
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", PAGES)
def test_nothing_keeps_people_out(window, site, name):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(window, site, name)
    for place in page.locator(".tinylab-saved").all():
        place.scroll_into_view_if_needed()
    page.wait_for_function("!document.querySelector('.tinylab-saved:not([data-alive=yes])')")
    # It would ask for the style sheets again, which a page from a disk may not.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []


def test_no_solution_is_in_any_file(site):
    secret = "(parameters * bits + 7) // 8"
    for path in site.folder.rglob("*"):
        if path.is_file() and path.name != "plotly.min.js":
            assert secret not in path.read_text("utf-8", "ignore"), path


@pytest.mark.skipif(bool(BUILT), reason="what it said was said when it was built")
def test_the_site_is_what_it_says(site):
    assert site.explorers == 1 and site.pages >= 60
    assert site.bytes == sum(p.stat().st_size for p in site.folder.rglob("*") if p.is_file())
