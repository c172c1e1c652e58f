"""The page on which words are graded, in real Chromium, opened from disk."""

import json

import pytest

from tests.grading.reports.test_forms import HOSTILE, NAME, write_book
from tinylab.grading.records.grades import read_grades
from tinylab.grading.records.rubric import read_rubric

pytestmark = pytest.mark.browser


@pytest.fixture
def form(tmp_path, page):
    """The page of two hand-ins, the rules, and what went wrong in it."""
    out, config = write_book(tmp_path, ("ada", (HOSTILE,)), ("bob", ("Eight bits.",)))
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.context.set_offline(True)
    page.goto((out / "forms" / f"{NAME}.html").as_uri())
    yield page, out, config
    assert errors == []


def test_points_are_given_saved_and_gone_on_with(form, tmp_path):
    page, out, config = form
    assert page.title() == f"In words: {NAME}" and "0 of 2 graded" in page.inner_text("#progress")
    for question, points in enumerate((2, 1, 0)):
        page.check(f"input[name=t0q{question}][value='{points}']")
    page.fill("section >> nth=0 >> textarea", 'Say "why".')
    assert "1 of 2 graded; 1 are left out" in page.inner_text("#progress")
    with page.expect_download() as download:
        page.click("#save")
    download.value.save_as(tmp_path / "saved.json")
    (record,) = read_rubric(tmp_path / "saved.json", read_grades(out, config), config.rubric)
    assert (record.student, record.points, record.comment) == ("ada", (2, 1, 0), 'Say "why".')
    page.reload()
    page.set_input_files("#open", tmp_path / "saved.json")
    page.wait_for_function("document.querySelector('#progress').textContent.startsWith('1 of 2')")
    assert page.input_value("section >> nth=0 >> textarea") == 'Say "why".'
    (tmp_path / "other.json").write_text(json.dumps({"kind": "other"}))
    page.set_input_files("#open", tmp_path / "other.json")
    page.wait_for_selector("text=That file cannot be used")
