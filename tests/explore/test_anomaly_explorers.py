"""The numbers that the anomaly-detection explorers show are those of their inputs."""

import numpy as np
import pytest

from tinylab.scoring.alarm_cost import Economics, alarm_curve, cheapest, rates


def test_alarm_cost_shows_rates_and_cost_of_the_threshold(make, inputs):
    labels, scores, machines = inputs["alarms"]
    explorer = make("alarm_cost").set(threshold=14.0, ratio=100, prevalence_pct=3)
    alarmed, missed = rates(labels, scores, 14.0)
    cost = 1000 * (0.03 * missed * 100 + 0.97 * alarmed)
    assert f"{alarmed:.0%} of the healthy" in explorer.text
    assert f"as much as {cost:,.0f} false alarms" in explorer.text
    best = cheapest(alarm_curve(labels, scores), Economics(1, 100, 0.03))
    assert explorer.result.best == best
    assert explorer.result.best.cost_per_check <= explorer.result.chosen.cost_per_check
    healthy, faulty = explorer.figure.data[:2]
    assert sum(healthy.y) == sum(faulty.y) == 40


def test_alarm_cost_of_one_machine_uses_its_recordings_alone(make, inputs):
    labels, scores, machines = inputs["alarms"]
    explorer = make("alarm_cost").set(machine="2", threshold=12.0)
    of_machine_2 = machines == 2
    assert (explorer.result.chosen.false_alarm_rate, explorer.result.chosen.miss_rate) == rates(
        labels[of_machine_2], scores[of_machine_2], 12.0
    )


def test_machine_sound_finds_the_band_that_is_copied_worst(make, inputs):
    recordings, copies = inputs["machine_recordings"]
    explorer = make("machine_sound").set(machine="2", fault="rubbing", picture="error")
    errors = np.mean((recordings.log_mel[3] - copies[3]) ** 2, axis=0)
    assert explorer.result.error == pytest.approx(errors.mean(), rel=1e-4)
    assert int(np.argmax(explorer.result.band_errors)) == int(errors.argmax())
    np.testing.assert_allclose(
        explorer.figure.data[1].x, recordings.log_mel[3].mean(axis=0), rtol=1e-4
    )


def test_score_quantization_looks_its_row_up(make, inputs):
    results = inputs["score_results"]
    explorer = make("score_quantization").set(bits=4, scheme="per tensor")
    row = results.row("per tensor", 4)
    assert f"AUC {row.auc:.3f}" in explorer.text
    healthy = np.array(results.labels) == 0
    shift = np.mean(np.array(row.scores)[healthy] - np.array(results.float_scores)[healthy])
    assert explorer.result.shift == pytest.approx(shift)
    assert len(explorer.figure.data[0].x) == healthy.sum()
