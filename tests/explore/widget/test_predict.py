"""Predictions and verdicts."""

import pytest

from tinylab.explore.widget.predict import Prediction, verdict


def test_run_all_goes_on_without_an_answer():
    guess = Prediction("How large?", unit="kB")
    assert guess.answer is None
    assert guess.reveal(52.34).text == "Measured: 52.34 kB. (No prediction was made.)"


def test_said_beside_measured():
    guess = Prediction("How large?", unit="kB").set(40)
    assert guess.reveal(52.3).text == "You said 40 kB; measured: 52.3 kB (1.31 times as much)."


def test_a_later_answer_changes_the_verdict():
    guess = Prediction("How large?", unit="kB")
    shown = guess.reveal(52.3)
    guess.form.answer = 60
    assert shown.text.startswith("You said 60 kB; measured: 52.3 kB")
    guess.form.answer = None
    assert "No prediction" in shown.text


def test_choices():
    guess = Prediction("Which?", choices=["first", "last"])
    assert guess.set("first").reveal("last").text == "Measured: last, you said first."
    assert guess.set("last").reveal("last").text == "Measured: last, as you said."
    with pytest.raises(ValueError, match="pass one of first, last"):
        guess.set("middle")
    with pytest.raises(ValueError, match="pass one of first, last"):
        guess.reveal(3)


@pytest.mark.parametrize(
    "said, measured, words",
    [
        (100, 104, "(within a tenth)"),
        (100, 50, "(2 times less)"),
        (0, 3, "measured: 3 %."),
        (-2, 3, "measured: 3 %."),
        (2, 12345.6, "measured: 12,350 %"),
    ],
)
def test_how_far_off(said, measured, words):
    assert words in verdict(said, measured, "%")


def test_what_it_cannot_ask():
    with pytest.raises(ValueError, match="not both"):
        Prediction("?", unit="kB", choices=["a", "b"])
    with pytest.raises(ValueError, match="two or more"):
        Prediction("?", choices=["a"])
    with pytest.raises(ValueError, match="pass a number in kB"):
        Prediction("?", unit="kB").set("many")


def test_what_is_printed_is_always_the_same():
    guess = Prediction("How large?", unit="kB")
    assert guess._repr_mimebundle_()["text/plain"] == "Prediction('How large?')"
    assert repr(guess.reveal(3)) == "Verdict('Measured: 3 kB. (No prediction was made.)')"
