"""The stated accuracy of the latency model."""

import numpy as np
import pytest

from tinylab.cost import format_validation, validate
from tinylab.cost.catalogue.measurements import comparable
from tinylab.cost.timing.model_zoo import zoo_results


@pytest.fixture(scope="module")
def table():
    return validate()


def test_a_benchmark_left_out_is_predicted_within_the_target(table):
    assert table.median_pct("benchmark") <= 12.0


def test_an_unseen_board_is_predicted_within_the_target(table):
    assert table.median_pct("board") <= 25.0


@pytest.mark.parametrize("left_out", ["benchmark", "board", "network"])
def test_intervals_hold_what_they_promise(table, left_out):
    """90 %, give or take 5: wider ones would hold more and say less."""
    inside = [one.inside for one in table.predictions if one.left_out == left_out]
    assert 0.85 <= np.mean(inside) <= 0.95


def test_networks_that_nobody_calibrated_on_are_predicted_within_the_target(table):
    """Seven families of ST's model zoo: half of the predictions are within 8 %."""
    strangers = [one for one in table.predictions if one.left_out == "network"]
    assert len(strangers) == len(zoo_results()) == 36
    assert table.median_pct("network") <= 8.0
    assert len({one.measurement.benchmark for one in strangers}) == 7
    stacks = {f"{one.measurement.stack} {one.measurement.version}" for one in strangers}
    assert stacks == {one.stack for one in zoo_results()}


def test_no_network_of_the_zoo_is_calibrated_on(table):
    known = {one.benchmark for one in comparable()}
    assert not known & {one.family for one in zoo_results()}


def test_every_measurement_of_a_shared_stack_is_predicted(table):
    boards_of = {}
    for one in comparable():
        boards_of.setdefault((one.core, one.stack_name, one.precision), set()).add(one.board)
    expected = sum(
        len(boards_of[one.core, one.stack_name, one.precision]) > 1 for one in comparable()
    )
    assert sum(one.left_out == "board" for one in table.predictions) == expected


def test_rows_follow_from_the_predictions(table):
    row = next(one for one in table.rows if (one.left_out, one.core) == ("benchmark", "RXv2"))
    errors = [
        100 * abs(one.predicted_ms / one.published_ms - 1)
        for one in table.predictions
        if one.left_out == "benchmark" and one.measurement.core == "RXv2"
    ]
    assert row.predictions == 4
    assert row.median_pct == pytest.approx(np.median(errors))
    assert row.worst_pct == pytest.approx(max(errors))


def test_the_text_shows_every_row(table):
    text = format_validation(table)
    assert len(text.splitlines()) >= len(table.rows) + len(table.summary)
    assert "X-CUBE-AI 9.0" in text and "Cortex-M" in text
