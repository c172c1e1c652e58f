"""A whole site of a class in small, with the project's own guides, from stored pictures."""

import re

import nbformat
import pytest

from tests.site.small_class import NAME, executed, small_class
from tinylab.course.notebooks.build import BuildError
from tinylab.site import build
from tinylab.site.build import SiteSettings, build_site


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    solution = folder / "solutions" / f"{NAME}.ipynb"
    solution.parent.mkdir(parents=True)
    nbformat.write(executed(small_class(folder)), solution)
    return SiteSettings(pictures=True, api=False, notebooks=folder)


@pytest.fixture(scope="module")
def site(settings, tmp_path_factory):
    return build_site(tmp_path_factory.mktemp("site") / "pages", settings, say=lambda _: None)


def test_the_class_its_slides_its_notebook_and_the_guides_are_there(site):
    for name in (
        "index.html",
        f"notebooks/{NAME}.html",
        f"slides/{NAME}.html",
        f"downloads/{NAME}.ipynb",
        "guides/README.html",
        "guides/tinylab/adapt/federated/flower/several_machines.html",
    ):
        assert (site.folder / name).is_file(), name
    assert site.pages >= 11 and site.explorers == 0


def test_the_first_page_leads_to_each_part_below_the_readme(site):
    text = (site.folder / "index.html").read_text("utf-8")
    inside = text[text.index('role="main"') : text.index("</article>")]
    assert {"classes.html", "guides.html", "library.html"} <= set(
        re.findall('href="(.*?)"', inside)
    )
    assert "Copyright" not in text


def test_every_page_has_one_heading_of_the_first_level(site):
    for path in site.folder.rglob("*.html"):
        text = path.read_text("utf-8")
        assert len(re.findall("<h1", text)) == 1 or path.parent.name == "slides", path


def test_the_guide_that_shows_how_an_exercise_is_made_is_left_out(site, settings):
    assert "CONTRIBUTING.md" in site.left_out
    assert not list(site.folder.rglob("CONTRIBUTING*"))


def test_formulas_need_no_network(site):
    text = (site.folder / f"notebooks/{NAME}.html").read_text("utf-8")
    assert "<math" in text and "mathjax.js" not in text.lower()


def test_no_file_holds_the_solution(site):
    for path in site.folder.rglob("*"):
        if path.is_file() and path.name != "plotly.min.js":
            assert "the secret" not in path.read_text("utf-8", "ignore"), path


def test_a_site_is_written_anew_but_nothing_else_is_overwritten(site, settings, monkeypatch):
    full = site.folder.parent / "full"
    full.mkdir()
    (full / "thesis.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="is there already and is no site"):
        build_site(full, settings)
    monkeypatch.setattr(build.sphinx_build, "build_html", lambda *_: ["guides/x.md: no such page"])
    monkeypatch.setattr(build, "broken_links", lambda _: ["a.html: b leads nowhere."])
    with pytest.raises(BuildError, match="no such page\na.html: b leads nowhere"):
        build_site(site.folder, settings, say=lambda _: None)
    assert (site.folder / "index.html").is_file()
    assert {path.name for path in site.folder.parent.iterdir()} == {"pages", "full"}
