"""The scripts of the site: the notebook's own widgets, and what stands in for the kernel."""

import re
from pathlib import Path

from plotly.offline import get_plotlyjs

from tinylab.explore.widget import front

__all__ = ["static_files"]

_HERE = Path(__file__).parent / "front"
# The widgets that are drawn without a kernel, each with the modules that it is made of.
WIDGETS = {
    "controls": ("controls",),
    "figure": ("library", "arrange", "figure"),
    "status": ("status",),
    "question": ("question",),
    "cover": ("cover",),
}
PAGE = ("model", "states", "verdict", "page")


def static_files() -> dict[str, str]:
    """Content of the files in the site's `_static`, by name."""
    style = (Path(front.__file__).parent / "style.css").read_text(encoding="utf-8")
    own = (_HERE / "site.css").read_text(encoding="utf-8")
    return {
        "tinylab.js": page_script(),
        "tinylab.css": f"{style}\n{own}",
        "plotly.min.js": get_plotlyjs(),
    }


def page_script() -> str:
    """One classic script: a page opened from a disk may load no modules."""
    widgets = ",\n".join(f"{name}: {_as_function(*files)}" for name, files in WIDGETS.items())
    page = "\n".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in PAGE)
    return f"(() => {{\nconst tinylabWidgets = {{\n{widgets}\n}};\n{page}\n}})();\n"


def _as_function(*files: str) -> str:
    """A widget's module as an expression: what it exports is what a function returns."""
    module, exports = re.subn(r"^export default ", "return ", front.script(*files), flags=re.M)
    if exports != 1:
        raise ValueError(f"the module {files[-1]}.js must have one 'export default', not {exports}")
    return f"(() => {{\n{module}\n}})()"
