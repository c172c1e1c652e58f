"""Sweeps over scopes: measured once, then read from the work folder."""

import dataclasses
import json

import pytest

from tinylab.adapt.fine_tuning import study as module
from tinylab.adapt.fine_tuning.study import (
    FineTuningSettings,
    ScopeStudySettings,
    finetune,
    measure_scopes,
)


@pytest.fixture(scope="module")
def few(clips):
    x, y = clips
    return {"x": x[:8], "y": y[:8], "new": (x[8:40], y[8:40]), "old": (x[40:], y[40:])}


FAST = ScopeStudySettings(scopes=("last_layer", "last_1_block"), epochs=2, progress=False)


def test_rows_are_what_finetune_measures(small_cnn, few):
    results = measure_scopes(
        small_cnn, **few, settings=dataclasses.replace(FAST, examples=(4, 8), cache=False)
    )
    assert [(row.scope, row.examples) for row in results.rows] == [
        ("last_layer", 4),
        ("last_layer", 8),
        ("last_1_block", 4),
        ("last_1_block", 8),
    ]
    settings = FineTuningSettings(epochs=2, curve_points=5)
    alone = finetune(small_cnn, **few, scope="last_1_block", settings=settings)
    row = results.row("last_1_block")
    assert row.curve == alone.curve
    assert row.memory == alone.memory
    with pytest.raises(KeyError, match="'all' with 8 examples was not measured"):
        results.row("all")


def test_a_second_study_is_read_and_a_changed_one_measured(
    small_cnn, few, own_work_dir, monkeypatch
):
    first = measure_scopes(small_cnn, **few, settings=FAST)
    monkeypatch.setattr(module, "ScopeTrainer", None)
    assert measure_scopes(small_cnn, **few, settings=FAST) == first
    with pytest.raises(TypeError):
        measure_scopes(small_cnn, **{**few, "x": few["x"] + 1}, settings=FAST)
    with pytest.raises(TypeError):
        measure_scopes(small_cnn, **few, settings=dataclasses.replace(FAST, epochs=3))


@pytest.mark.parametrize("damage", ["", "{", '{"rows": [{}]}', "[1, 2]"])
def test_a_damaged_cache_is_measured_again(small_cnn, few, own_work_dir, damage):
    fast = dataclasses.replace(FAST, scopes=("last_layer",), epochs=1)
    first = measure_scopes(small_cnn, **few, settings=fast)
    (stored,) = (own_work_dir / "sweeps").glob("scopes-*.json")
    stored.write_text(damage)
    assert measure_scopes(small_cnn, **few, settings=fast) == first
    assert json.loads(stored.read_text())["rows"]


def test_more_examples_than_there_are(small_cnn, few):
    with pytest.raises(ValueError, match="pass numbers from 1 to 8"):
        measure_scopes(small_cnn, **few, settings=ScopeStudySettings(examples=(5, 9)))
