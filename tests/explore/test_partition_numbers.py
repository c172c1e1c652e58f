"""Explorers of early exit, split, pipeline and patches show the numbers of the rooms below them."""

from dataclasses import replace

import numpy as np
import pytest

from tinylab import cost
from tinylab.cost.partition.split import WATCHING
from tinylab.early_exit.threshold import at_threshold
from tinylab.graph.memory.patches import plan_patches

BOARD = "nucleo_l4r5zi_p"


def test_leaving_early_shows_the_measured_point(make, inputs):
    raw, calibrated, workloads, network = inputs["exits"]
    explorer = make("early_exit").set(threshold=0.25, board=BOARD)
    point = at_threshold(calibrated, 0.25)
    assert explorer.result.point.mean_macs == pytest.approx(point.mean_macs)
    assert f"Accuracy {point.accuracy:.1%}" in explorer.text
    np.testing.assert_allclose(explorer.figure.data[-1].y, 100 * point.exit_rates)
    spent = [cost.energy(workload, BOARD).energy_uJ for workload in workloads]
    assert explorer.result.energy_uJ == pytest.approx(float(point.exit_rates @ spent))
    assert explorer.result.whole_uJ == pytest.approx(cost.energy(network, BOARD).energy_uJ)
    raw_point = at_threshold(raw, 0.25)
    assert explorer.set(confidence="raw").result.point.accuracy == raw_point.accuracy


def test_nobody_leaving_costs_more_than_no_exits(make):
    explorer = make("early_exit").set(threshold=0)
    assert explorer.result.saved < 0 and "more than without exits" in explorer.text
    assert "nobody" in explorer.figure.data[-1].text


def test_the_star_is_the_best_split(make, inputs):
    explorer = make("split").set(
        board=BOARD, radio="ble_nrf52840", delivery_percent=30, by="latency"
    )
    device = replace(WATCHING, delivery=0.3)
    splits = cost.split(inputs["graph"], BOARD, "raspberry_pi_4b", "ble_nrf52840", device=device)
    assert explorer.result.best == splits.best("latency")
    assert explorer.figure.data[-1].x[0] == splits.best("latency")
    heights = sum(np.array(trace.y) for trace in explorer.figure.data[:3])
    np.testing.assert_allclose(heights, splits.latency_ms)
    energies = sum(np.array(trace.y) for trace in explorer.figure.data[3:11])
    np.testing.assert_allclose(energies, splits.energy_uJ)


def test_pipeline_shows_rate_and_latency_of_the_cut(make, inputs):
    explorer = make("pipeline").set(
        cut=4, first=BOARD, second="nucleo_u575zi_q", link="uart", overlap=False
    )
    pipeline = cost.pipeline(inputs["graph"], BOARD, "nucleo_u575zi_q", "uart", overlap=False)
    here = explorer.figure.data[3]
    assert list(here.y) == pytest.approx([pipeline.latency_ms[4], 1e3 / pipeline.rate_per_s[4]])
    assert explorer.text.startswith(f"Cut 4, before {inputs['graph'].ops[4].kind}")
    assert f"{pipeline.payload_bytes[4]:,} bytes cross" in explorer.text


def test_patches_show_the_plan(make, inputs):
    explorer = make("patches").set(depth=4, grid=2, resident=False)
    plan = plan_patches(inputs["graph"], depth=4, grid=2, input_resident=False)
    assert explorer.result.plan.peak_bytes == plan.peak_bytes
    assert f"at most {plan.peak_bytes:,} bytes" in explorer.text
    outlines = explorer.figure.data[0]
    assert list(outlines.x).count(None) == 4


def test_a_grid_finer_than_the_map_falls_back_to_the_finest(make, inputs):
    explorer = make("patches").set(depth=4, grid=4)
    finest = min(inputs["graph"].tensors[inputs["graph"].ops[3].outputs[0]].shape[1:3])
    assert explorer.result.plan.grid <= finest
