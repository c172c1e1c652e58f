"""What axe-core finds in a notebook's content: markdown, outputs, explorers, questions."""

import pytest

CONTENT = (".jp-OutputArea-output", ".jp-MarkdownOutput")
GRAVE = ("serious", "critical")
# JupyterLab's box around an output scrolls where a table is wide; Chromium gives such boxes the
# keyboard by itself since version 130, which axe-core does not know.
NOT_OURS = {"scrollable-region-focusable": {"enabled": False}}


def grave_findings(page) -> list[str]:
    """Serious and critical violations in the content of the open notebook, one line each.

    JupyterLab's own menus, editors and tool bars are not looked at: they are not the workbook's.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-core")
    shown = [css for css in CONTENT if page.locator(css).count()]
    results = axe.Axe().run(
        page,
        context={"include": [[css] for css in shown]},
        options={"resultTypes": ["violations"], "rules": NOT_OURS},
    )
    return [
        f"{found['id']} ({found['impact']}): {node['html'][:300]}"
        for found in results.response["violations"]
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]
