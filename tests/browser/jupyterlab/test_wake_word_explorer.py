"""Split computing in JupyterLab: a worse link moves bars, star and sentence."""

import nbformat
import pytest
from nbformat import v4

pytestmark = pytest.mark.browser

CELL = """
from tinylab.explore.energy_latency.partition.split import split_explorer
from tinylab.graph import read_tflite
from tinylab.models import checkpoints

checkpoint = checkpoints.load("visual_wake_words", "compress", origin="reference")
split_explorer(read_tflite(checkpoint.model))
"""
BARS = "[...document.querySelectorAll('.barlayer .point path')].map(bar => bar.getAttribute('d'))"
STAR = "document.querySelector('.scatterlayer .points path').getAttribute('transform')"


def test_losing_packets_moves_the_best_cut(lab, page, open_and_run):
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = v4.new_notebook(metadata=metadata, cells=[v4.new_code_cell(CELL)])
    nbformat.write(notebook, lab.root / "split.ipynb")
    open_and_run(page, lab, "split.ipynb")
    # The first bar has no height: at that cut the device computes nothing.
    page.wait_for_selector(
        ".tinylab-explorer .barlayer .point path", state="attached", timeout=120_000
    )
    explorer = page.locator(".tinylab-explorer")
    sentence = explorer.locator(".tinylab-live")
    before = sentence.inner_text(), page.evaluate(BARS), page.evaluate(STAR)

    delivery = explorer.get_by_role("slider", name="Packets that arrive")
    delivery.press("Home")
    page.wait_for_function(
        "([node, text]) => node.innerText !== text", arg=[sentence.element_handle(), before[0]]
    )
    assert delivery.input_value() == "1"
    assert "send nothing" in sentence.inner_text()
    page.wait_for_function(f"before => {STAR} !== before", arg=before[2])
    assert page.evaluate(BARS) != before[1]

    explorer.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_function(
        "([node, text]) => node.innerText === text", arg=[sentence.element_handle(), before[0]]
    )
    assert page.evaluate(STAR) == before[2]
