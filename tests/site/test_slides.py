"""Slides hold the headings, the first sentences and the figures, and no answers."""

import re

import pytest

from tests.site.small_class import executed, small_class
from tinylab.site.pages import notebook_page
from tinylab.site.slides import slides_html


@pytest.fixture
def slides(tmp_path):
    source = small_class(tmp_path)
    run = executed(source)
    return slides_html(notebook_page(source, run).notebook, run)


def test_a_slide_for_each_heading_question_and_figure(slides):
    titles = re.findall(r"<h[12]>(.*?)</h[12]>", slides)
    assert titles == ["A small class", "Twice", "What do you think?", "A line"]
    assert slides.count("<section") == 4


def test_first_sentences_and_items_without_what_is_folded_away(slides):
    assert "In this class you multiply.</li>" in slides and "It takes a minute" not in slides
    assert "A point.</li>" in slides and "With more words" not in slides
    assert "Nobody needs this" not in slides and "Round up" not in slides


def test_a_figure_has_its_sentence_and_answers_are_not_shown(slides):
    assert "It ends at 2." in slides and 'alt="A line"' in slides
    assert "Predict: What is twice 21?" in slides
    assert "Measured: 42" not in slides and "the secret" not in slides


def test_it_prints_and_needs_no_script(slides):
    assert "@page" in slides and "break-after: page" in slides and "<script" not in slides
