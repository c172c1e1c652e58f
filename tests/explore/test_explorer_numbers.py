"""Explorers show the numbers of the rooms below them, not their own."""

from dataclasses import replace

import numpy as np
import pytest

from tinylab import cost
from tinylab.compress.quantization.clipping_noise import clipping_noise, noise_curve
from tinylab.cost.device.settings import PARTS
from tinylab.explore.train.detection import detection_explorer
from tinylab.graph.memory import plan
from tinylab.scoring import listening
from tinylab.scoring.background import Background
from tinylab.signal.mfcc import KWS, mfcc


def test_the_default_front_end_is_mlperf_tinys(make, inputs):
    explorer = make("spectrogram").set(picture="mfcc")
    assert "make 49 x 10 = 490 numbers" in explorer.text
    np.testing.assert_allclose(explorer.result.values, mfcc(inputs["word"], KWS))
    assert explorer.set(frame_ms=64).result.config.fft_length == 1024


def test_detection_counts_like_the_detector(make, inputs):
    scores, times_s, stream = inputs["recording"]
    explorer = make("detection").set(threshold=0.4, windows=2, quiet_s=0.5)
    detections = listening.detect(
        listening.smooth(scores, 2), times_s, threshold=0.4, keywords=range(10), refractory_s=0.5
    )
    expected = listening.score(detections, stream, keywords=range(10))
    assert explorer.result.score.misses == expected.misses
    assert explorer.result.score.false_accepts == expected.false_accepts > 0
    assert f"misses {expected.misses} of {expected.keywords} keywords" in explorer.text
    false = explorer.figure.data[4]
    assert len(false.x) == expected.false_accepts


def test_detection_counts_false_accepts_in_the_background(inputs):
    scores, times_s, stream = inputs["recording"]
    quiet = np.full((36_000, scores.shape[1]), 0.01)
    quiet[[7_000, 9_000], 3] = 0.9
    background = Background(quiet, "silence")
    explorer = detection_explorer(
        scores, times_s, stream, keywords=range(10), background=background
    ).set(threshold=0.4, windows=1)
    assert "fires 2 times for nothing in 60 minutes of silence: 2 false accepts an hour" in (
        explorer.text
    )
    assert explorer.figure.data[8].y == (2.0,)
    assert set(explorer.figure.data[7].y) == {0.0, 2.0}


def test_clipping_shows_measured_noise(make):
    explorer = make("clipping").set(bits=4, share=50)
    values = np.random.default_rng(2).laplace(0, 0.1, 5000)
    noise = clipping_noise(values, np.abs(values).max() / 2, 4)
    assert explorer.result.noise.total_error == pytest.approx(noise.total_error)
    best = noise_curve(values, 4).best_threshold
    assert explorer.result.curve.best_threshold == pytest.approx(best, rel=0.1)
    assert explorer.result.formula_threshold == pytest.approx(best, rel=0.15)
    assert len(explorer.result.levels) == 2**4 - 1


def test_clipping_refuses_zeros():
    from tinylab.explore.compress.clipping import clipping_explorer

    with pytest.raises(ValueError, match="not all zero"):
        clipping_explorer(np.zeros(10))


def test_bit_width_shows_the_row_with_its_interval(make, inputs):
    explorer = make("bit_width").set(bits=2, scheme="per channel")
    row = inputs["quantization_results"].row("per channel", 2)
    assert explorer.result.row is row
    assert f"accuracy {row.accuracy:.1%}" in explorer.text and "95% interval" in explorer.text
    assert "a clear loss" in explorer.text
    assert "no loss can be shown" in explorer.set(bits=8).text


def test_fine_tuning_shows_row_and_memory(make, inputs):
    explorer = make("finetune").set(scope="all", examples=10, batch_size=20, optimizer="adam")
    row = inputs["scope_results"].row("all", 10)
    needed = row.memory.with_settings(batch_size=20, optimizer="adam")
    assert explorer.result.row is row and explorer.result.cost == needed
    parts = [trace.x[2] for trace in explorer.figure.data[4:]]
    assert 1e3 * sum(parts) == pytest.approx(needed.total_bytes)


def test_one_example_count_needs_no_slider(inputs):
    from tinylab.adapt.fine_tuning.results import FineTuningResults
    from tinylab.explore.adapt.fine_tuning import finetune_explorer

    rows = tuple(row for row in inputs["scope_results"].rows if row.examples == 5)
    assert "examples" not in finetune_explorer(FineTuningResults(rows)).controls


def test_battery_life_equals_the_cost_models(make, inputs):
    explorer = make("battery").set(board="nucleo_l4r5zi_p", clock_percent=50, period_s=10)
    device = cost.Device(10.0, features_cycles=cost.front_end_cycles("keyword_spotting"))
    half = cost.board("nucleo_l4r5zi_p").clock_max.value / 2
    budget = cost.device_budget(inputs["graph"], "nucleo_l4r5zi_p", device, clock_MHz=half)
    assert explorer.result.chosen == budget
    assert f"{sum(part.power_mW for part in budget.parts):.3g}" in explorer.text
    bars = [trace.x[0] for trace in explorer.figure.data[4:]]
    assert sum(bars) == pytest.approx(budget.average_power_mW)


def test_a_board_that_cannot_keep_up_says_so(make):
    explorer = make("battery").set(board="nucleo_l4r5zi_p", clock_percent=10, period_s=1)
    assert "do not fit into period_s" in explorer.text


def test_an_unpublished_power_is_not_guessed(make):
    explorer = make("battery")
    asleep = {key for key, board in cost.boards().items() if board.sleep}
    unknown = [key for key in explorer.controls["board"].options if key not in asleep]
    assert unknown
    for board in unknown:
        assert (
            "is published: give your own in boards.toml"
            in explorer.set(board=board, period_s=60).text
        )


def test_race_to_idle_equals_the_budget(make):
    explorer = make("clock").set(board="nucleo_l4r5zi_p", clock_percent=100, period_ms=100)
    features = cost.front_end_cycles("keyword_spotting", 5)
    for rest in ("sleep", "idle"):
        device = cost.Device(
            0.1, collect_s=0.1, features_cycles=features, rest=rest, collecting=rest
        )
        budget = cost.device_budget(
            cost.benchmarks()["sww"], "nucleo_l4r5zi_p", device, stack="X-CUBE-AI"
        )
        power = explorer.result.power_mW(rest)[explorer.result.clock]
        assert power == pytest.approx(budget.average_power_mW)
    stars, *bars = explorer.figure.data[4:]
    assert len(stars.x) == 2
    shown = [sum(trace.x[row] for trace in bars) for row in (0, 1)]
    assert shown == pytest.approx([explorer.result.power_mW(r)[-1] for r in ("sleep", "idle")])


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", ["battery", "clock", "radio", "split"])
def test_each_part_can_be_left_out_of_each_device(make, name, part):
    if part == "network":
        return
    explorer = make(name)
    whole = _energy(explorer.result)
    explorer.set(leave_out=part)
    assert _energy(explorer.result) <= whole
    assert _energy(explorer.set(leave_out="all but the network").result) < whole


def _energy(result) -> float:
    if hasattr(result, "budgets"):
        return result.chosen.energy_uJ
    return float(result.here_uJ if hasattr(result, "here_uJ") else result.power_mW("idle")[-1])


def test_board_choice_equals_the_estimates(make, inputs):
    explorer = make("board").set(board_id="nucleo_h7a3zi_q")
    taken = cost.energy(inputs["graph"], "nucleo_h7a3zi_q")
    at = explorer.result.chosen
    assert explorer.result.energy_uJ[at] == pytest.approx(taken.energy_uJ)
    assert explorer.result.latency_ms[at] == pytest.approx(taken.latency_ms)


def test_horowitz_bars_add_up(make, inputs):
    explorer = make("horowitz").set(precision="fp32", weights_in="dram", reuse=False)
    total = sum(sum(trace.y) for trace in explorer.figure.data)
    bare = cost.horowitz(inputs["graph"], precision="fp32", weights_in="dram", reuse=False)
    assert total == pytest.approx(bare.total_uJ)


def test_arena_boxes_are_the_plan(make, inputs):
    explorer = make("arena").set(strategy="greedy_by_size", in_place=False, op=2)
    expected = plan(inputs["graph"], strategy="greedy_by_size", in_place=False)
    boxes = explorer.figure.data[0]
    tops = np.array(boxes.base) + np.array(boxes.y)
    assert 1e3 * max(tops) == pytest.approx(expected.arena_bytes)
    assert explorer.result.live_bytes == expected.live_bytes()[2]


def test_validation_shows_the_tables_median(make, inputs):
    explorer, table = make("validation"), inputs["validation_table"]
    assert np.median(explorer.result.error_pct) == pytest.approx(table.median_pct("benchmark"))


def test_offloading_names_no_winner_inside_the_uncertainty_of_the_network(make):
    explorer, seen = make("radio"), set()
    for board_id in explorer.controls["board_id"].options:
        for payload_bytes in (1, 490, 9216):
            text = explorer.set(board_id=board_id, payload_bytes=payload_bytes).text
            result = explorer.result
            tie = result.here_low_uJ < result.sent_uJ < result.here_high_uJ
            assert ("too close to call" in text) == tie
            assert tie or "compute here" in text or "send it" in text
            seen.add(tie)
    assert seen == {True, False}


def test_offloading_compares_two_whole_devices(make, inputs):
    explorer = make("radio").set(payload_bytes=32000, board_id="nucleo_l4r5zi_p")
    features = cost.front_end_cycles("keyword_spotting")
    around = cost.Device(10.0, features_cycles=features, radio="ble_nrf52840", answer_bytes=1)
    here = cost.device_budget(inputs["graph"], "nucleo_l4r5zi_p", around)
    assert explorer.result.here_uJ == pytest.approx(here.energy_uJ)
    sends = replace(around, answer_bytes=32000)
    sent = cost.device_budget(inputs["graph"], "nucleo_l4r5zi_p", sends)
    network_uJ = sent.part("network").energy_uJ
    assert explorer.result.sent_uJ == pytest.approx(sent.energy_uJ - network_uJ / 0.9, rel=1e-3)
    assert explorer.result.sent["network"] == 0
    assert explorer.result.sent["radio"] == pytest.approx(sent.part("radio").energy_uJ)
    assert explorer.result.sent["front_end"] == here.part("front_end").energy_uJ
