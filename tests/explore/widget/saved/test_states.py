"""A saved explorer says for every setting what the live one says."""

import json

import pytest

from tests.explore.widget.saved.test_columns import state_of
from tests.explore.widget.test_explorer import make
from tinylab.explore.widget import display
from tinylab.explore.widget.predict import Prediction
from tinylab.explore.widget.saved import states
from tinylab.explore.widget.saved.grid import offered, settings


def test_every_setting_has_the_live_explorers_sentence_and_figure():
    explorer, live = make(), make()
    saved = json.loads(json.dumps(explorer.saved()))
    kept = offered(list(live.controls.values()), [live.state], states.MOST_STATES)
    shape = [len(values) for values in saved["values"]]
    assert shape == [10, 3, 2, 2] and saved["note"] == ""
    for number, setting in enumerate(settings(kept)):
        live.panel.state = setting
        shown = state_of(saved["states"], shape, number)
        assert (shown["text"], shown["is_error"]) == (live.text, live.status.is_error)
        if live.status.is_error:
            assert "drawing" not in shown and setting["factor"] == 9
        else:
            assert shown["drawing"]["data"][0]["y"] == [0, live.result]


def test_saving_changes_nothing():
    explorer = make().set(factor=4, sign="minus")
    before = explorer.state, explorer.text, explorer.result, explorer.figure.to_json()
    saved = explorer.saved()
    assert (explorer.state, explorer.text, explorer.result, explorer.figure.to_json()) == before
    assert saved["state"] == saved["initial"] == before[0]


def test_fewer_settings_are_saved_where_bytes_are_short_and_the_page_says_so(monkeypatch):
    whole = len(json.dumps(make().saved()["states"], separators=(",", ":")))
    monkeypatch.setattr(states, "MOST_BYTES", whole - 400)
    saved = make().saved()
    assert len(json.dumps(saved["states"], separators=(",", ":"))) <= whole - 400
    held = len(saved["values"][0])
    assert 2 in saved["values"][0] and 3 <= held < 10
    assert saved["specs"][0]["kind"] == "steps"
    assert saved["note"].startswith(f"This page holds {held} of 10 values of “Factor”")


def test_what_can_never_fit_is_refused(monkeypatch):
    monkeypatch.setattr(states, "MOST_BYTES", 100)
    with pytest.raises(ValueError, match="4 controls give more than"):
        make().saved()


def test_a_covered_explorer_names_its_question():
    guess = Prediction("How far?", unit="m")
    saved = make().behind(guess).saved()
    assert saved["covered_by"] == "How far?" and "Commit to your prediction" in saved["cover"]


def test_only_a_site_asks_for_it(monkeypatch):
    monkeypatch.setenv("TINYLAB_STILLS", "1")
    monkeypatch.setattr("tinylab.explore.widget.stills.png", lambda *_: b"")
    assert display.SAVED not in make()._repr_mimebundle_()[0]
    monkeypatch.setenv("TINYLAB_STATES", "1")
    assert make()._repr_mimebundle_()[0][display.SAVED]["kind"] == "explorer"


def test_a_verdict_holds_the_sentence_for_each_choice(tmp_path, monkeypatch):
    monkeypatch.setenv("TINYLAB_WORK", str(tmp_path))
    guess = Prediction("Which?", choices={"flash": "Flash is large.", "RAM": ""})
    saved = guess.reveal("RAM").saved()
    assert saved["sentences"] == {
        "flash": "Measured: RAM; you said flash. Flash is large.",
        "RAM": "Measured: RAM, as you said.",
    }
    assert saved["covered_by"] == guess.saved()["question"] == "Which?"
