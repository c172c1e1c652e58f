"""A whole notebook in JupyterLab: run all, then two sliders of one of its explorers."""

import shutil

import pytest

from tinylab.paths import PROJECT

NOTEBOOK = PROJECT / "notebooks" / "01_keyword_spotting" / "4_energy_latency.ipynb"

pytestmark = [pytest.mark.browser, pytest.mark.notebook]


def test_the_energy_notebook_runs_and_its_sliders_move_figure_and_sentence(lab, page, open_and_run):
    shutil.copy(NOTEBOOK, lab.root / NOTEBOOK.name)
    open_and_run(page, lab, NOTEBOOK.name, timeout_s=400)
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
    assert page.locator(".tinylab-explorer").count() >= 4

    explorer = page.locator(".tinylab-explorer").filter(has_text="How long will it last?")
    explorer.scroll_into_view_if_needed()
    explorer.get_by_role("button", name="Show me anyway").click()
    sentence, markers = (
        explorer.locator(".tinylab-live"),
        explorer.locator(".scatterlayer .points path"),
    )
    for name, key in (("Clock", "Home"), ("One look every", "ArrowLeft")):
        before = sentence.inner_text(), places(markers)
        explorer.get_by_role("slider", name=name).press(key)
        page.wait_for_function(
            "([node, text]) => node.innerText !== text", arg=[sentence.element_handle(), before[0]]
        )
        assert places(markers) != before[1]


def places(markers) -> list[str]:
    """Where the markers of a figure are painted."""
    return markers.evaluate_all("paths => paths.map(path => path.getAttribute('transform'))")
