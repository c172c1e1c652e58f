"""Whole notebooks in JupyterLab: Run All, then every explorer's controls, widths and themes."""

import os
import shutil
from pathlib import Path

import pytest

from tests.browser.accessibility import grave_findings
from tinylab.paths import PROJECT

NOTEBOOKS = PROJECT / "notebooks"
QUICK = ("00_start_here",)
EVERY = tuple(
    path.relative_to(NOTEBOOKS).with_suffix("").as_posix()
    for path in sorted([*NOTEBOOKS.glob("0*.ipynb"), *NOTEBOOKS.glob("0*/*.ipynb")])
)
WIDTHS_PX = (1280, 1024, 800)
TALL_PX = 2200
STATE = """
(explorer) => {
  const plot = explorer.querySelector('.js-plotly-plot');
  const data = (key, value) => (ArrayBuffer.isView(value) ? [...value] : value);
  return {
    text: explorer.querySelector('.tinylab-live').textContent,
    error: explorer.querySelector('.tinylab-error') !== null,
    figure: plot ? JSON.stringify([plot.data, plot.layout], data) : '',
    drawn: plot ? JSON.stringify(plot.data, data) : '',
  };
}
"""
TOO_WIDE = """
() => [...document.querySelectorAll('.tinylab-explorer, .tinylab-plot, .tinylab-row')]
  .filter((node) => node.scrollWidth > node.clientWidth + 2)
  .map((node) => `${node.className}: ${node.scrollWidth} in ${node.clientWidth}`)
"""
TOO_SMALL = """
() => [...document.querySelectorAll('.tinylab-row input[type=range]')]
  .filter((slider) => slider.clientWidth < 80)
  .map((slider) => `${slider.getAttribute('aria-label')}: ${slider.clientWidth}`)
"""
CUT_OFF = """
() => [...document.querySelectorAll('.js-plotly-plot')].flatMap((plot) => {
  const paper = plot.querySelector('.main-svg').getBoundingClientRect();
  const words = "text[class*='title'], .legendtext, g[class*='tick'] text";
  return [...plot.querySelectorAll(words)].filter((text) => {
    const { left, right, top, bottom, width } = text.getBoundingClientRect();
    return width && (left < paper.left - 2 || right > paper.right + 2
      || top < paper.top - 2 || bottom > paper.bottom + 2);
  }).map((text) => text.textContent);
})
"""
PAPER = """
() => [...document.querySelectorAll('.js-plotly-plot')]
  .map((plot) => plot._fullLayout.paper_bgcolor)
"""

pytestmark = [pytest.mark.browser, pytest.mark.notebook]


@pytest.mark.parametrize("name", EVERY if os.environ.get("TINYLAB_EVERY_NOTEBOOK") else QUICK)
def test_a_student_runs_it_moves_everything_and_resizes_the_window(
    name, lab, page, open_and_run, tmp_path, request
):
    path = lab.root / f"{name.replace('/', '_')}.ipynb"
    shutil.copy(NOTEBOOKS / f"{name}.ipynb", path)
    request.addfinalizer(lab.stop_kernels)  # a dozen of them would not fit into memory
    open_and_run(page, lab, path.name, timeout_s=1500)
    for kind in ("error", "stderr"):
        shown = page.locator(f"[data-mime-type='application/vnd.jupyter.{kind}']")
        assert shown.all_inner_texts() == []
    keep_sheets(page, artefacts(tmp_path), path.stem)
    covers = page.get_by_role("button", name="Show me anyway")
    while covers.count():
        covers.first.click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.tinylab-plot')].every((plot) => plot.data?.length)"
    )
    for explorer in page.locator(".tinylab-explorer:has(.tinylab-head)").all():
        move_every_control(page, explorer)
    for width in WIDTHS_PX:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(2000)
        assert page.evaluate(TOO_WIDE) == [], width
        assert page.evaluate(TOO_SMALL) == [], width
        assert page.evaluate(CUT_OFF) == [], width
        keep_pictures(page, artefacts(tmp_path), path.stem, width)
    assert grave_findings(page) == []
    light = page.evaluate(PAPER)
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    page.wait_for_function(
        f"light => ({PAPER})().every((paper, i) => paper !== light[i])", arg=light
    )
    keep_pictures(page, artefacts(tmp_path), path.stem, "dark")


def keep_sheets(page, folder: Path, name: str) -> None:
    """The notebook from top to end as it stands after Run All, before anything was answered."""
    page.set_viewport_size({"width": WIDTHS_PX[0], "height": TALL_PX})
    scroller = page.locator(".jp-NotebookPanel .jp-WindowedPanel-outer")
    height, seen = scroller.evaluate("node => [node.scrollHeight, node.clientHeight]")
    for number, top in enumerate(range(0, height, seen)):
        scroller.evaluate("(node, top) => { node.scrollTop = top; }", top)
        page.wait_for_timeout(300)
        page.screenshot(path=folder / f"{name}_sheet_{number:02}.png")
    page.set_viewport_size({"width": WIDTHS_PX[0], "height": 900})


def keep_pictures(page, folder: Path, name: str, look: int | str) -> None:
    """The window as it is, and each explorer whole, for somebody to look at."""
    page.screenshot(path=folder / f"{name}_{look}.png")
    width = page.viewport_size["width"]
    page.set_viewport_size({"width": width, "height": TALL_PX})  # what the window cuts off is lost
    for number, explorer in enumerate(page.locator(".tinylab-explorer").all()):
        explorer.screenshot(path=folder / f"{name}_{look}_{number:02}.png")


def artefacts(tmp_path: Path) -> Path:
    """Where screenshots are kept."""
    folder = Path(os.environ.get("TINYLAB_BROWSER_ARTEFACTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def move_every_control(page, explorer) -> None:
    """Some control changes sentence and figure, none makes an error, and Reset undoes it all."""
    explorer.scroll_into_view_if_needed()
    first = explorer.evaluate(STATE)
    assert first["text"] and first["figure"]
    changed = {"text": False, "figure": False}
    for row in explorer.locator(".tinylab-row").all():
        for act in moves(page, row):
            act()
            page.wait_for_timeout(700)
            now = explorer.evaluate(STATE)
            assert not now["error"], now["text"]
            changed = {key: changed[key] or now[key] != first[key] for key in changed}
    assert all(changed.values()), (explorer.locator(".tinylab-title").inner_text(), changed)
    explorer.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_function(
        f"([node, {{text, drawn}}]) => {{ const now = ({STATE})(node);"
        " return now.text === text && now.drawn === drawn; }",
        arg=[explorer.element_handle(), first],
    )


def moves(page, row) -> list:
    """By keyboard and by mouse: what a control allows."""
    if row.locator("select").count():
        select = row.locator("select")
        last = select.locator("option").count() - 1
        return [lambda: select.select_option(index=0), lambda: select.select_option(index=last)]
    if row.locator("input[type=checkbox]").count():
        return [row.locator("input").click]
    slider = row.locator("input[type=range]")

    def click_a_third() -> None:
        box = slider.bounding_box()
        page.mouse.click(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)

    return [lambda: slider.press("Home"), lambda: slider.press("End"), click_a_third]
