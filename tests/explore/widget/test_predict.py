"""Predictions and verdicts."""

import json

import pytest

from tinylab.explore.widget import answers, display
from tinylab.explore.widget.predict import TIE, Prediction, verdict


@pytest.fixture(autouse=True)
def work(tmp_path, monkeypatch):
    """A work folder of the test's own."""
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path))
    return tmp_path


def test_run_all_goes_on_without_an_answer():
    guess = Prediction("How large?", unit="kB")
    assert guess.answer is None
    assert guess.reveal(52.34).text == "Measured: 52.34 kB. (No prediction was made.)"


def test_said_beside_measured():
    guess = Prediction("How large?", unit="kB").set(40)
    assert guess.reveal(52.3).text == (
        "You said 40 kB; measured: 52.3 kB. You were within a factor of 1.31."
    )


def test_an_answer_uncovers_the_verdict_and_enters_it():
    guess = Prediction("How large?", unit="kB")
    shown = guess.reveal(52.3)
    assert not shown.cover.is_open
    guess.form.answer = 60
    assert shown.cover.is_open and shown.text.startswith("You said 60 kB; measured: 52.3 kB")


def test_a_wrong_choice_is_answered_with_its_misconception():
    guess = Prediction("Which?", choices={"first": "Being first is no merit.", "last": "Late."})
    assert guess.set("first").reveal("last").text == (
        "Measured: last; you said first. Being first is no merit."
    )
    assert guess.set("last").reveal("last").text == "Measured: last, as you said."
    small = Prediction("Which?", choices={"first": "being first is no merit", "last": ""})
    assert (
        small.set("first").reveal("last").text.endswith("you said first. Being first is no merit.")
    )
    with pytest.raises(ValueError, match="pass one of first, last"):
        guess.set("middle")
    with pytest.raises(ValueError, match="pass one of first, last"):
        guess.reveal(3)


def test_a_tie_is_an_answer():
    guess = Prediction("Which is better?", choices=["this", "that"], tie=True)
    assert guess.choices == ("this", "that", TIE)
    assert guess.set(TIE).reveal(TIE).text == f"Measured: {TIE}, as you said."


@pytest.mark.parametrize(
    "said, measured, unit, words",
    [
        (100, 104, "ms", "within a factor of 1.04"),
        (100, 50, "ms", "within a factor of 2."),
        (50, 100, "ms", "within a factor of 2."),
        (3, 3, "ms", "exactly right"),
        (0, 3, "ms", "off by 3 ms"),
        (-2, 3, "ms", "off by 5 ms"),
        (80, 72, "%", "8 points too high"),
        (60, 72, "%", "12 points too low"),
        (71, 72, "%", "1 point too low"),
        (1, 3, "times", "You said 1 time; measured: 3 times."),
        (1, 3, "ms", "You said 1 ms; measured"),
        (72.2, 72, "%", "within half a point"),
        (2, 12345.6, "ms", "measured: 12,350 ms"),
    ],
)
def test_how_far_off(said, measured, unit, words):
    assert words in verdict(said, measured, unit)


def test_what_it_cannot_ask():
    with pytest.raises(ValueError, match="not both"):
        Prediction("?", unit="kB", choices=["a", "b"])
    with pytest.raises(ValueError, match="two or more"):
        Prediction("?", choices=["a"])
    with pytest.raises(ValueError, match="pass a number in kB"):
        Prediction("?", unit="kB").set("many")


def test_answers_are_kept_one_for_each_question(work):
    Prediction("How large?", unit="kB").set(40)
    Prediction("Which?", choices=["a", "b"]).set("b")
    Prediction("How large?", unit="kB").set(41)
    kept = answers.kept()
    assert [(record["question"], record["answer"]) for record in kept] == [
        ("How large?", 41),
        ("Which?", "b"),
    ]
    assert json.loads((work / answers.FILE).read_text()) == kept


@pytest.mark.parametrize("damage", [b"{half", b"", b"\xff", b"3", b'[{"answer": 3}]'])
def test_damaged_answers_are_kept_aside_and_new_ones_begin(work, damage):
    (work / answers.FILE).write_bytes(damage)
    guess = Prediction("How large?", unit="kB").set(40)
    assert "it lies in your work folder as predictions.json.bak" in guess.form.problem
    assert (work / "predictions.json.bak").read_bytes() == damage
    guess.set(41)
    assert guess.form.problem == ""
    assert [record["answer"] for record in answers.kept()] == [41]


def test_an_answer_that_cannot_be_kept_still_counts(work):
    (work / answers.FILE).mkdir()
    guess = Prediction("How large?", unit="kB").set(40)
    assert "was not kept in the work folder" in guess.form.problem
    assert "You said 40 kB" in guess.reveal(50).text


def test_the_notebook_holds_the_answer_of_the_moment(monkeypatch):
    class Handle:
        def update(self, bundle, raw):
            shown.append(bundle)

    shown = []
    from tinylab.explore.widget import predict

    def show(bundle, raw, display_id=None):
        shown.append(bundle)
        return Handle()

    monkeypatch.setattr(predict, "display", show)
    monkeypatch.setattr(display, "display", show)
    guess = Prediction("How large?", unit="kB")
    guess._ipython_display_()
    assert shown[0][answers.MIME]["answer"] is None and display.VIEW in shown[1]
    guess.form.answer = 40
    assert shown[2][answers.MIME]["answer"] == 40
    assert "You said: 40 kB." in shown[2]["text/html"]


def test_what_is_printed_is_always_the_same():
    guess = Prediction("How large?", unit="kB")
    assert guess._repr_mimebundle_()["text/plain"] == "Prediction('How large?')"
    assert repr(guess.reveal(3)) == "Verdict('Measured: 3 kB. (No prediction was made.)')"


@pytest.mark.parametrize(
    ("unit", "asked"),
    [
        ("kB", "(a number in kB)"),
        ("mWh", "(a number in mWh)"),
        ("words", "(a number of words)"),
        ("times", "(a number of times)"),
        ("%", "(a percentage)"),
        ("", "(a number)"),
    ],
)
def test_what_is_counted_is_not_measured_in(unit, asked):
    assert Prediction("How many?", unit=unit).summary_lines() == [f"Predict: How many? {asked}"]
