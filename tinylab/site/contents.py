"""How a reader finds her way: the first page, the lists of pages, the links above a notebook."""

from collections.abc import Sequence

from nbformat import NotebookNode

__all__ = ["front_matter", "index_page", "part_pages"]

PARTS = ("classes", "guides", "library")
TITLES = {"classes": "Classes", "guides": "Guides", "library": "The library"}
ALIVE = "the sliders work without Python: they show what was measured when the page was made"
PICTURES = "explorers are pictures"
BELOW_THE_TITLE = """\
> **On this page** {explorers}. To answer the exercises, {notebook} and open it in the workbook.
> {slides}
"""


def index_page(readme: str) -> str:
    """The first page: what the README says before its first section, and where to go."""
    beginning = readme.split("\n## ")[0].strip()
    toctree = "\n".join(("```{toctree}", ":hidden:", "", *PARTS, "```"))
    # A role, for of README's own links only those stay that lead to a guide.
    links = "\n".join(f"- {{doc}}`{TITLES[name]} <{name}>`" for name in PARTS)
    return f"{beginning}\n\n{links}\n\n{toctree}\n"


def part_pages(
    notebooks: Sequence[str], guides: Sequence[str], api: Sequence[str]
) -> dict[str, str]:
    """The page that lists the pages of each part, by name."""
    pages = {
        "classes": [f"notebooks/{name}" for name in notebooks],
        "guides": list(guides),
        "library": list(api),
    }
    return {name: _listing(TITLES[name], pages[name]) for name in PARTS}


def front_matter(notebook: NotebookNode, name: str, *, alive: bool) -> None:
    """Add below a notebook's title what works, where to download it, and where its slides are."""
    root = "../" * (name.count("/") + 1)
    text = BELOW_THE_TITLE.format(
        explorers=ALIVE if alive else PICTURES,
        notebook=f'<a href="{root}downloads/{name}.ipynb" download>download the notebook</a>',
        slides=f'<a href="{root}slides/{name}.html">Slides of this class</a>.',
    )
    notebook.cells[0].source += f"\n\n{text}"


def _listing(title: str, pages: Sequence[str]) -> str:
    toctree = "\n".join(("```{toctree}", ":maxdepth: 1", "", *pages, "```"))
    return f"# {title}\n\n{toctree}\n" if pages else f"# {title}\n\nThis site holds none.\n"
