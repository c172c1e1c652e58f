"""Slides hold the headings, the first sentences and the figures, and no answers."""

import re

import nbformat
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


QUESTIONS = """# A class

## What have you learned?

A letter for each question.

**1.** Weights get fewer bits. What shrinks?

- a) RAM
- b) flash

**2.** Which one? Look closely.

- a) this
- b) that
"""
END = """## Decide

You have carried a model. **References**

- Somebody 2019
"""


def test_a_question_stands_whole_with_its_choices_on_a_slide_of_its_own():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(QUESTIONS)])
    questions = slides_html(notebook, notebook).split("<section")[2:]
    points = [re.findall(r"<li>(.*?)</li>", one) for one in questions]
    assert points == [
        ["<strong>1.</strong> Weights get fewer bits. What shrinks?", "a) RAM", "b) flash"],
        ["<strong>2.</strong> Which one? Look closely.", "a) this", "b) that"],
    ]
    assert all("<h2>What have you learned?</h2>" in one for one in questions)


def test_references_are_no_points_wherever_they_begin():
    cells = [nbformat.v4.new_markdown_cell(text) for text in ("# A class\n\nOne.", END)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    slides = slides_html(notebook, notebook)
    assert "You have carried a model." in slides and "Somebody" not in slides


def test_a_slide_with_a_figure_gives_it_what_room_there_is(slides):
    assert slides.count('class="slide figure"') == 1
    assert re.search(r"\.figure \{ height: 100vh; \}", slides)
