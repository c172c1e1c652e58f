"""The governor's day as a student replays it: real JupyterLab, real keys."""

import nbformat
import pytest
from nbformat import v4

pytestmark = pytest.mark.browser

CELL = """
from tinylab.cost.governor.harvest import trace
from tinylab.cost.governor.optimum import offline_optimum
from tinylab.cost.governor.policies import Fixed, Threshold
from tinylab.cost.governor.actions import SLEEP, Action
from tinylab.cost.governor.station import Station, simulate
from tinylab.explore.energy_latency.governor import governor_explorer

rich = Action("four looks", 4, None, 1.0, 80, (0.0, 0.4, 0.8, 1.6))
plain = Action("one look", 1, None, 1.0, 20, (0.0, 0.2, 0.5, 1.0))
place = Station((SLEEP, plain, rich), 600, 1, 1.0)
days = trace(5, solar_cm2=0.06, seed=1)
policies = {"always four": Fixed(2), "by the store": Threshold(0.3, 0.7, (0, 1, 2))}
runs = {name: simulate(place, days, policy) for name, policy in policies.items()}
governor_explorer(place, days, runs, offline_optimum(place, days))
"""
BARS = (
    "[...document.querySelectorAll('.barlayer .point path')]"
    ".map(bar => bar.getAttribute('d')).join()"
)


@pytest.fixture
def opened(lab, page, open_and_run):
    notebook = v4.new_notebook(
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
        cells=[v4.new_code_cell(CELL)],
    )
    nbformat.write(notebook, lab.root / "governor.ipynb")
    open_and_run(page, lab, "governor.ipynb")
    page.wait_for_selector(".tinylab-explorer .barlayer .point path", state="attached")
    return page


def wait_for(page, words: str) -> None:
    page.wait_for_function(
        "words => document.querySelector('.tinylab-live').innerText.includes(words)", arg=words
    )


def test_day_and_policy_by_keyboard_change_bars_and_sentence(opened):
    page = opened
    wait_for(page, "Day 1, always four:")
    before = page.evaluate(BARS)
    day = page.get_by_role("slider", name="Day")
    day.focus()
    day.press("End")
    wait_for(page, "Day 5, always four:")
    page.get_by_role("combobox", name="Governor").select_option(label="by the store")
    wait_for(page, "Day 5, by the store:")
    page.wait_for_function(f"before => {BARS} !== before", arg=before)
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
