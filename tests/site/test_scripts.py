"""The site's script is made of the notebook's own widgets."""

import shutil
import subprocess

import pytest

from tinylab.explore.widget.front import script
from tinylab.site.scripts import WIDGETS, page_script, static_files


def test_every_widget_is_the_notebooks_own_text():
    text = page_script()
    for files in WIDGETS.values():
        assert script(*files).replace("export default ", "return ") in text
    assert "export " not in text and "import " not in text


def test_plotly_comes_from_the_pinned_package():
    from plotly.offline import get_plotlyjs

    assert static_files()["plotly.min.js"] == get_plotlyjs()


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node to parse JavaScript")
def test_it_parses(tmp_path):
    path = tmp_path / "page.js"
    path.write_text(page_script())
    subprocess.run(["node", "--check", str(path)], check=True)
