"""Broken links and files from the network are named."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tinylab.site.check import broken_links, leaked_solutions, outside_loads

GOOD = '<a href="b.html#x">b</a><a href="#y" id="y">y</a><a href="https://example.org">w</a>'
BROKEN = {
    "b.html#z": '<a href="b.html#z">b</a>',
    "c.html": '<a href="c.html">c</a>',
    "#nowhere": '<a href="#nowhere">n</a>',
    "p.png": '<img src="p.png">',
    "gone.js": '<script src="gone.js"></script>',
}
LOADS = (
    '<script src="https://cdn.example.org/a.js"></script>',
    '<link rel="stylesheet" href="//example.org/a.css">',
    '<img src="http://example.org/a.png">',
)


@pytest.fixture
def site(tmp_path):
    (tmp_path / "b.html").write_text('<p id="x">X</p>')

    def with_page(text):
        (tmp_path / "a.html").write_text(text)
        return tmp_path

    return with_page


def test_a_site_in_order(site):
    folder = site(GOOD + '<link rel="canonical" href="https://example.org/a">')
    assert broken_links(folder) == [] and outside_loads(folder) == []


@pytest.mark.parametrize("link", BROKEN)
def test_a_broken_link_is_named(site, link):
    assert broken_links(site(GOOD + BROKEN[link])) == [f"a.html: {link} leads nowhere."]


@pytest.mark.parametrize("element", LOADS)
def test_what_comes_from_the_network_is_named(site, element):
    (sentence,) = outside_loads(site(element))
    assert sentence.startswith("a.html loads ") and "example.org" in sentence


def test_fonts_of_a_style_sheet_too(site):
    folder = site(GOOD)
    (folder / "s.css").write_text("@font-face { src: url('https://example.org/f.woff2') }")
    assert outside_loads(folder) == ["s.css loads https://example.org/f.woff2."]


CELL = """def f(x):
    # solution
    doubled = x * 2 if x < 3 else x
    return doubled
    # end solution
"""


def test_a_solution_is_noticed_however_it_is_marked_up(site):
    code = (
        "<pre><b>doubled</b> = x <i>*</i> 2 if x &lt; 3 else x\n  <span>return</span> doubled</pre>"
    )
    (sentence,) = leaked_solutions(site(code), [CELL])
    assert sentence.startswith("a.html shows a solution: doubled=x*2ifx<3")


def test_neither_a_stub_nor_a_short_formula_is_a_solution(site):
    folder = site("<pre>def f(x):\n    raise NotImplementedError</pre> return x")
    assert leaked_solutions(folder, [CELL, "# solution\nreturn x\n# end solution\n"]) == []


def test_a_notebook_to_download_is_read_too(site):
    folder = site("")
    nbformat.write(new_notebook(cells=[new_code_cell(CELL)]), folder / "n.ipynb")
    (sentence,) = leaked_solutions(folder, [CELL])
    assert sentence.startswith("n.ipynb shows a solution")
