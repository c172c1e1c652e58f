"""Sphinx, as the site needs it: notebooks that are not run, and nothing from the network."""

import io
from pathlib import Path

from tinylab import __version__
from tinylab.site import mathml

__all__ = ["build_html"]

EXTENSIONS = ("myst_nb", mathml.__name__)
SETTINGS = {
    "project": "tinylab",
    "version": __version__,
    "release": __version__,
    "language": "en",
    "extensions": list(EXTENSIONS),
    "templates_path": [str(Path(__file__).parent / "templates" / "pages")],
    "html_theme": "furo",
    "html_title": "tinylab",
    "html_css_files": ["tinylab.css"],
    "html_js_files": ["tinylab.js"],
    "html_math_renderer": "mathml",
    "html_copy_source": False,
    "html_show_copyright": False,  # whose it is stands in LICENSE
    "html_show_search_summary": False,  # it reads pages, which a page from a disk may not
    "nb_execution_mode": "off",
    "nb_merge_streams": True,
    "myst_enable_extensions": ["dollarmath", "amsmath"],
    "myst_heading_anchors": 4,
    "python_use_unqualified_type_names": True,
    "suppress_warnings": ["mystnb.unknown_mime_type"],
}


def build_html(sources: Path, out: Path) -> list[str]:
    """Build the pages of a folder of sources and return Sphinx's warnings.

    Parameters
    ----------
    sources : Path
        With an `index` page and a folder `_static`.
    out : Path
        Where the pages go.
    """
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    warnings = io.StringIO()
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            srcdir=sources,
            confdir=None,
            outdir=out,
            doctreedir=sources / ".doctrees",
            buildername="html",
            confoverrides={**SETTINGS, "html_static_path": [str(sources / "_static")]},
            status=None,
            warning=warnings,
        )
        app.build()
    return [line for line in warnings.getvalue().splitlines() if line.strip()]
