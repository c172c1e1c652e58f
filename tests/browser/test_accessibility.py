"""axe-core on every kind of content that a notebook shows, in both themes."""

import nbformat
import pytest
from nbformat import v4

from tests.browser.accessibility import grave_findings
from tinylab.paths import PROJECT

pytestmark = pytest.mark.browser

SETUP = """
import numpy as np
import pandas as pd
from tests.explore.every_explorer import EXPLORERS
from tinylab.explore.live.devices import Camera, Microphone
from tinylab.explore.widget.predict import Prediction
"""
CELLS = (
    "EXPLORERS['battery']()",
    "EXPLORERS['machine_sound']()",
    "Prediction('How long?', unit='ms')",
    "Prediction('Which one?', choices=['this', 'that'])",
    "Microphone(lambda clip: 'Heard: silence.', {'silence': np.zeros(16000, np.int16)})",
    "Camera(lambda picture: 'Seen: nobody.', {'black': np.zeros((96, 96, 3), np.uint8)})",
    "pd.DataFrame({'board': ['a', 'b'], 'ms': [1.5, 2.0]}).set_index('board')",
)
SPOILT = """
from IPython.display import HTML
HTML("<div role='img' aria-label='A figure'><button>Zoom</button></div>")
"""


def write(lab, name: str, cells) -> str:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    setup = f"import sys; sys.path.insert(0, {str(PROJECT)!r})\n{SETUP}"
    made = [v4.new_code_cell(cell) for cell in (setup, *cells)]
    text = v4.new_markdown_cell("# A heading\n\nText with a [link](https://jupyter.org).")
    notebook = v4.new_notebook(metadata={"kernelspec": kernel}, cells=[text, *made])
    nbformat.write(notebook, lab.root / name)
    return name


def test_explorers_questions_devices_and_tables(lab, page, open_and_run):
    open_and_run(page, lab, write(lab, "content.ipynb", CELLS))
    page.wait_for_function(
        "() => [...document.querySelectorAll('.tinylab-plot')].every((plot) => plot.data?.length)"
    )
    assert grave_findings(page) == []
    page.evaluate("document.body.dataset.jpThemeLight = 'false'")
    page.wait_for_timeout(1000)
    assert grave_findings(page) == []


def test_a_button_that_a_screen_reader_cannot_reach_is_seen(lab, page, open_and_run):
    """The check itself finds what it is there for; our figures once were like this."""
    open_and_run(page, lab, write(lab, "spoilt.ipynb", [SPOILT]))
    assert any("nested-interactive" in line for line in grave_findings(page))
