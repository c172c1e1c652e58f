"""Modelled boards beside published rows: the cost model's figures, counted honestly."""

import numpy as np
import pytest

from tinylab import cost
from tinylab.benchmark.rules import TASKS
from tinylab.benchmark.standings import published_rows, standings
from tinylab.graph import read_tflite
from tinylab.models.checkpoints import REFERENCE

KWS = TASKS["kws"]


@pytest.fixture(scope="module")
def graph():
    return read_tflite(REFERENCE / "keyword_spotting_compress.tflite")


def test_figures_are_those_of_the_cost_model(graph):
    (one,) = standings(graph, KWS, ["nucleo_l4r5zi"])
    assert one.latency_ms == cost.latency(graph, "nucleo_l4r5zi").latency_ms
    assert one.energy_uJ == cost.energy(graph, "nucleo_l4r5zi").energy_uJ
    assert one.low_ms <= one.latency_ms <= one.high_ms and one.low_uJ < one.energy_uJ < one.high_uJ


def test_places_count_the_published_rows_that_are_faster(graph):
    for one in standings(graph, KWS):
        rows = [row.latency_ms for row in published_rows(KWS, one.core)]
        assert len(rows) == one.rows
        assert 1 <= one.best_rank <= one.rank <= one.worst_rank <= one.rows + 1
        if one.kind == "modelled":
            assert one.rank == 1 + np.sum(np.array(rows) < one.latency_ms)


def test_a_published_row_is_not_beaten_by_itself(graph):
    own = [one for one in standings(graph, KWS) if one.kind == "published" and one.rows]
    assert own
    for one in own:
        assert one.best_rank == one.worst_rank <= one.rows


def test_published_rows_are_counted_once():
    for task in ("kws", "vww", "ic", "ad"):
        rows = published_rows(TASKS[task])
        assert 60 < len(rows) and not any(row.note.startswith("repeats") for row in rows)
        assert [row.latency_ms for row in rows] == sorted(row.latency_ms for row in rows)
    assert not published_rows(TASKS["sww"])


def test_a_board_asked_for_by_name_is_never_left_out(graph):
    with pytest.raises(ValueError, match="nothing_of_the_kind"):
        standings(graph, KWS, ["nothing_of_the_kind"])


def test_a_core_without_rows_says_so(graph):
    texts = [str(one) for one in standings(graph, KWS) if not one.rows]
    assert texts and all("no row is published for this core" in text for text in texts)
