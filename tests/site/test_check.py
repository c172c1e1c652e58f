"""Broken links and files from the network are named."""

import pytest

from tinylab.site.check import broken_links, outside_loads

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
