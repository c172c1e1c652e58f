"""What a page shows of a notebook: outputs yes, solutions only on request."""

import json

import pytest

from tests.site.small_class import executed, small_class
from tinylab.site.pages import notebook_page, saved_script


@pytest.fixture
def source(tmp_path):
    return small_class(tmp_path)


def text_of(page):
    return json.dumps(page.notebook)


def test_students_see_outputs_but_nothing_of_a_solution(source):
    page = notebook_page(source, executed(source))
    text = text_of(page)
    assert "the secret" not in text and "3 of 3 points" not in text and "assert" not in text
    assert "raise NotImplementedError" in text and "after the exercise" in text


def test_teachers_see_solutions_and_checks_but_no_claims(source):
    text = text_of(notebook_page(source, executed(source), with_solutions=True))
    assert "the secret" in text and "3 of 3 points" in text and "assert" not in text


def test_saved_widgets_become_elements_with_data_of_that_name(source):
    page = notebook_page(source, executed(source))
    assert [saved["kind"] for saved in page.saved.values()] == ["prediction", "verdict"]
    for name in page.saved:
        assert f'data-name=\\"{name}\\"' in text_of(page)


def test_the_measured_answer_does_not_stand_on_the_page_before_a_guess(source):
    text = text_of(notebook_page(source, executed(source)))
    assert "Predict: What is twice 21?" in text
    assert "Measured: 42" not in text


def test_links_to_headings_are_those_of_the_page(source):
    solution = executed(source)
    links = "[1](2_b.ipynb#Did-it-pass?), [2](d/3_c.ipynb#One,-two), [3](a.md#Kept)"
    source.notebook.cells[0].source = links
    page = notebook_page(source, solution)
    expected = "[1](2_b.ipynb#did-it-pass), [2](d/3_c.ipynb#one-two), [3](a.md#Kept)"
    assert page.notebook.cells[0].source == expected


def test_a_link_to_a_class_that_the_site_has_not_is_its_text(source):
    source.notebook.cells[0].source = "[kept](2_b.ipynb), [text](../01_x/3_c.ipynb#There)"
    folder = source.name.rpartition("/")[0]
    page = notebook_page(source, executed(source), pages={f"{folder}/2_b".lstrip("/")})
    assert page.notebook.cells[0].source == "[kept](2_b.ipynb), text"


def test_the_script_hands_the_data_over():
    script = saved_script("a-1", {"text": "“x”", "number": 1.5})
    assert script == 'tinylabSave("a-1",{"text":"“x”","number":1.5});\n'
