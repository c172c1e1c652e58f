"""What a class predicted, from its notebooks."""

import json

import pytest
from click.testing import CliRunner

from tinylab.cli import main
from tinylab.explore.widget import answers
from tinylab.grading.intake.predictions import MIME, Prediction, predictions_of
from tinylab.grading.reports import predictions


def notebook(*records) -> dict:
    outputs = [{"output_type": "display_data", "data": {MIME: one}} for one in records]
    return {"cells": [{"cell_type": "markdown"}, {"cell_type": "code", "outputs": outputs}]}


def test_the_workbook_writes_what_the_grader_reads():
    one = answers.record("Which?", ["a", "b"], "", "a")
    assert answers.MIME == MIME
    assert predictions_of(notebook(one)) == (Prediction("Which?", ("a", "b"), "", choice="a"),)


def test_choices_are_counted_and_the_unanswered_too():
    said = ["a", "b", "a", None]
    class_ = [
        predictions_of(notebook(answers.record("Which?", ["a", "b", "c"], "", a))) for a in said
    ]
    (one,) = predictions.summarise_predictions(class_)
    assert one.counts == {"a": 2, "b": 1, "c": 0} and one.unanswered == 1
    assert "a: 2, b: 1, c: 0; unanswered: 1" in predictions.predictions_table([one])


def test_numbers_are_shown_by_their_middle_and_range():
    class_ = [
        predictions_of(notebook(answers.record("How many?", [], "ms", answer)))
        for answer in (40, 10, 30.5)
    ]
    (one,) = predictions.summarise_predictions(class_)
    assert one.numbers == (10, 30.5, 40)
    assert "median 30.5 ms, from 10 to 40 (3 answers)" in str(one)


@pytest.mark.parametrize(
    "forged",
    [
        None,
        "text",
        {"question": "Which?"},
        {"question": 3, "choices": [], "unit": "", "answer": 1},
        {"question": "?", "choices": "ab", "unit": "", "answer": "a"},
        {"question": "?", "choices": [], "unit": "", "answer": float("nan")},
        {"question": "x" * 10_000, "choices": [], "unit": "", "answer": 1},
        {"question": "?", "choices": [], "unit": "", "answer": {"points": 3}},
    ],
)
def test_what_is_no_prediction_is_left_out(forged):
    assert predictions_of(notebook(forged)) == ()
    assert predictions_of({"cells": "none"}) == ()


def test_an_answer_that_was_no_choice_is_not_counted_as_one():
    class_ = [predictions_of(notebook(answers.record("Which?", ["a", "b"], "", "z")))]
    (one,) = predictions.summarise_predictions(class_)
    assert one.counts == {"a": 0, "b": 0}


def test_the_command_reads_a_folder_and_names_what_it_cannot_read(tmp_path):
    for name, answer in (("ada", "a"), ("bob", "b")):
        one = answers.record("Which?", ["a", "b"], "", answer)
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(notebook(one)))
    (tmp_path / "eve.ipynb").write_text("{half")
    result = CliRunner().invoke(main, ["predictions", str(tmp_path)])
    assert result.exit_code == 0
    assert "a: 1, b: 1; unanswered: 0" in result.output and "Not read: eve.ipynb" in result.output
