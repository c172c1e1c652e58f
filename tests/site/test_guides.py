"""The guides' links hold in the site, and nothing is copied that students must not have."""

import pytest

from tinylab.site.guides import TEACHERS_ONLY, find_guides, for_site

FILES = {
    "README.md": "# T\n\nSee [more](docs/a.md#part), ![p](p.png), [s](notebooks/solutions/x.ipynb),"
    " [web](https://example.org), [code](tinylab/deep/b.md), [folder](docs), [here](#t).\n",
    "docs/a.md": "# A\n\n## Part\n\n[back](../README.md) [p](../p.png)\n",
    "docs/more/c.md": f"{TEACHERS_ONLY}\n# C\n",
    "tinylab/deep/b.md": "# B\n",
    "p.png": "png",
    "notebooks/solutions/x.ipynb": "the secret",
}


@pytest.fixture
def project(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_all_of_docs_is_there_and_the_guides_beside_the_code(project):
    guides = {str(guide.path): guide.for_teachers for guide in find_guides(project)}
    assert guides == {
        "README.md": False,
        "docs/a.md": False,
        "docs/more/c.md": True,
        "tinylab/deep/b.md": False,
    }


def test_links_lead_to_pages_and_copies_or_become_words(project):
    guides = find_guides(project)
    text, copied = for_site(guides[0].text, "guides/README", guides[0].path, guides, project)
    assert text == (
        "# T\n\nSee [more](../guides/docs/a.md#part), ![p](../files/p.png), s,"
        " [web](https://example.org), [code](../guides/tinylab/deep/b.md), folder, [here](#t).\n"
    )
    assert copied == ["p.png"]


def test_links_are_read_from_where_the_guide_lies(project):
    guides = find_guides(project)
    text, copied = for_site(guides[1].text, "index", guides[1].path, guides, project)
    assert "[back](guides/README.md) [p](files/p.png)" in text


def test_a_part_on_another_page_leads_to_the_headings_of_the_whole(project):
    guides = find_guides(project)
    text, _ = for_site("[here](#t)", "index", guides[0].path, guides, project)
    assert text == "[here](guides/README.md#t)"
