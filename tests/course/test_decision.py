"""A decision record: what it needs, when it is stale, and how it is handed in."""

import re

import pytest

from tinylab.course.decision import MIME, PARTS, Decision
from tinylab.course.ledger import Ledger
from tinylab.grading.one.words import own_words

TEXTS = {part: f"Text of {part}, 94.7 %." for part in PARTS}


@pytest.fixture
def ledger(own_work_dir):
    """A ledger of two rows."""
    ledger = Ledger("keyword_spotting").record("train", accuracy=0.95, flash_bytes=90_416)
    return ledger.record(
        "deploy", accuracy=0.947, latency_ms=99.8, board="nucleo_l4r5zi_p", kind="published"
    )


def decide(**changes):
    return Decision("keyword_spotting", **({"rests_on": ["train", "deploy"], **TEXTS} | changes))


def test_what_is_open_is_said_and_what_is_written_is_shown(ledger):
    record = decide(residual_risk=" ")
    assert record.open == ("residual_risk",)
    assert "still to write: Residual risk" in repr(record)
    page = record.export().read_text(encoding="utf-8")
    assert "Text of choice, 94.7 %." in page and "still to write" in page
    assert "deploy: accuracy 0.947, latency ms 99.8, board nucleo_l4r5zi_p" in page


def test_a_record_is_stale_when_a_row_that_it_rests_on_changes(ledger):
    decide()
    ledger.record("compress", accuracy=0.94)  # it does not rest on that one
    assert decide().changed == ()
    ledger.record("train", accuracy=0.91, flash_bytes=90_416)
    (sentence,) = decide().changed
    assert sentence == "train: accuracy was 0.95 and is 0.91"
    assert "read your record again" in repr(decide())
    assert decide().confirm().changed == () and decide().changed == ()


def test_other_words_or_other_rows_are_a_new_decision(ledger):
    decide()
    ledger.record("train", accuracy=0.91)
    assert decide(choice="Another.").changed == ()
    assert decide(rests_on=["train"]).changed == ()


@pytest.mark.parametrize("stages", [[], ["tarin"], "train"])
def test_what_it_rests_on_must_be_in_the_ledger(ledger, stages):
    with pytest.raises(ValueError, match=r"train"):
        decide(rests_on=stages)


def test_an_empty_ledger_is_said(own_work_dir):
    with pytest.raises(ValueError, match="an empty ledger"):
        decide()


def test_texts_cannot_put_markup_into_the_page(ledger):
    page = decide(choice="<script>alert(1)</script> & more")._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page


class Released:
    """The assignment as far as words look at it."""

    notebook = {"cells": []}


def test_it_is_handed_in_with_what_it_rests_on(ledger):
    decide()
    ledger.record("train", accuracy=0.91, flash_bytes=90_416)
    output = {"output_type": "execute_result", "data": decide()._repr_mimebundle_()}
    cell = {"cell_type": "code", "id": "a", "source": "decision", "outputs": [output]}
    (text,) = own_words({"cells": [cell]}, Released)
    assert all(words in text for words in TEXTS.values())
    assert re.search(r"It rests on\ntrain: .*\ndeploy: ", text)
    assert "Changed since it was written\ntrain: accuracy was 0.95" in text


@pytest.mark.parametrize("record", [3, [], {}, {"choice": 3}, {"choice": ""}, {"rests_on": ["x"]}])
def test_what_is_shaped_otherwise_is_no_record(record):
    output = {"output_type": "display_data", "data": {MIME: record}}
    cell = {"cell_type": "code", "id": "a", "source": "", "outputs": [output, 3]}
    assert own_words({"cells": [cell]}, Released) == ()


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"rows": []}', '{"texts": {}, "rows": [3]}'])
def test_a_damaged_record_is_kept_beside_the_new_one(ledger, own_work_dir, damage):
    decide()
    file = own_work_dir / "decision_keyword_spotting.json"
    file.write_text(damage)
    with pytest.warns(UserWarning, match="kept as decision_keyword_spotting.json.bak"):
        assert decide().changed == ()
    assert file.with_suffix(".json.bak").read_text() == damage
    assert decide().changed == ()
