"""Figures of the recipes: every bundled file reads back, and is written as it was."""

import json

import pytest

from tinylab.cache import read_results
from tinylab.models.checkpoints import REFERENCE
from tinylab.recipes import figures

BUNDLED = {
    "keyword_spotting_early": figures.KeywordFigures,
    "keyword_spotting_train": figures.KeywordFigures,
    "keyword_spotting_compress": figures.Int8Figures,
    "visual_wake_words_train": figures.PersonFigures,
    "visual_wake_words_compress": figures.Int8Figures,
    "visual_wake_words_adapt": figures.FewShotFigures,
    "visual_wake_words_deep_compression": figures.DeepCompressionFigures,
    "heartbeat_train": figures.HeartbeatFigures,
    "heartbeat_compress": figures.HeartbeatFigures,
    "anomaly_detection_train": figures.AnomalyFigures,
    "anomaly_detection_compress": figures.AnomalyFigures,
}
OF_THE_HEADS = {"network", "cuts", "temperatures"}  # written by `save_exits` beside the figures


@pytest.mark.parametrize("name", sorted(BUNDLED))
def test_bundled_figures_read_back_and_are_written_alike(name):
    stored = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))
    assert figures.plain(read_results(stored, BUNDLED[name])) == stored


def test_bundled_figures_of_the_exits():
    stored = json.loads((REFERENCE / "visual_wake_words_exits.json").read_text(encoding="utf-8"))
    stored = {key: value for key, value in stored.items() if key not in OF_THE_HEADS}
    assert figures.plain(read_results(stored, figures.ExitsFigures)) == stored


def test_a_figure_too_many_is_refused():
    stored = {"accuracy": 0.9, "examples": 10, "flash_bytes": 100}
    with pytest.raises(ValueError, match="Int8Figures"):
        read_results({**stored, "speed": 3}, figures.Int8Figures)
    with pytest.raises(ValueError, match="Int8Figures"):
        read_results({**stored, "examples": "ten"}, figures.Int8Figures)
