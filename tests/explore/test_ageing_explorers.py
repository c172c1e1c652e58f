"""The explorers of adapting and of harvested energy show the numbers of the rooms below them."""

import numpy as np
import pytest

from tinylab import cost
from tinylab.cost.power.dvfs import best_mix, dvfs_points, spending


def test_forgetting_shows_the_chosen_row_and_all_costs(make, inputs):
    results = inputs["continual_results"]
    explorer = make("forgetting").set(method="replay", windows=30, strength=3, after=2)
    row = results.row("replay", 30)
    assert explorer.result.chosen is row and explorer.result.auc == row.auc[1]
    assert f"RAM {row.cost.ram_bytes / 1e6:.2f} MB" in explorer.text
    assert "Backward transfer" not in explorer.text
    assert f"{row.backward_transfer:+.3f}" in explorer.set(after=3).text
    kept = explorer.figure.data[-1].x
    assert 1e6 * np.array(kept) == pytest.approx([0, 0, 0, 30 * 640, 2_000_000])


def test_federated_rounds_are_those_of_the_sweep(make, inputs):
    results = inputs["federated_sweep"]
    explorer = make("federated").set(number=2, mu=1, figure="worst")
    prox = results.row("FedProx", 1.0)
    assert f"FedProx {prox.worst(2):.3f}" in explorer.text
    assert "Sent so far by federated learning: 16.0 MB" in explorer.text
    assert tuple(explorer.figure.data[6].y) == prox.auc[2]


def test_dvfs_equals_the_cost_model(make, inputs):
    explorer = make("dvfs").set(
        board="nucleo_u575zi_q", regulator="switching", rest="sleep", slack=3, static_percent=20
    )
    cycles = 60 * cost.latency(inputs["graph"], "nucleo_u575zi_q").cycles
    deadline_ms = explorer.result.deadline_ms
    points = dvfs_points("nucleo_u575zi_q", static_share=0.2)
    expected = [spending(point, cycles, deadline_ms, "sleep").total_uJ for point in points]
    assert [shown.total_uJ for shown in explorer.result.spendings] == pytest.approx(
        expected, nan_ok=True
    )
    least = best_mix(points, cycles, deadline_ms, "sleep").total_uJ
    assert explorer.result.mix.total_uJ == pytest.approx(least)


def test_a_board_that_is_too_slow_says_so(make):
    explorer = make("dvfs")
    texts = [
        explorer.set(board=board, slack=1).text for board in explorer.controls["board"].options
    ]
    assert any("even at" in text for text in texts)


def test_the_governors_day_is_the_run(make, inputs):
    station, days, runs, bound = inputs["governed_days"]
    explorer = make("governor").set(policy="by the store", day=2)
    run = runs["by the store"]
    np.testing.assert_allclose(explorer.result.level_J, run.levels[1] * station.quantum_mJ / 1e3)
    np.testing.assert_array_equal(explorer.result.load, days.load[1])
    assert explorer.result.value.sum() == pytest.approx(run.values[1].sum())
    assert explorer.result.bound_value.sum() == pytest.approx(bound.values[1].sum())
    looks = np.array([action.looks for action in station.actions])[run.actions[1]]
    np.testing.assert_array_equal(explorer.figure.data[4].y, looks)
