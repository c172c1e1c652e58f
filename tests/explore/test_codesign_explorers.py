"""What the explorers of co-design show is what was measured, or what the cost model says."""

import numpy as np
import pytest
from scipy import stats
from scipy.stats import binomtest

from tests.explore.frozen_inputs.codesign import beat_scores, race_results
from tests.search.joint.examples import made_up_results
from tinylab import cost
from tinylab.explore.codesign.faults import faults_explorer
from tinylab.explore.codesign.heartbeat import heartbeat_explorer
from tinylab.explore.codesign.heartbeat_alarms import THRESHOLDS, heartbeat_alarms_explorer
from tinylab.explore.codesign.heartbeat_price import heartbeat_price_explorer
from tinylab.explore.codesign.search_front import search_front_explorer
from tinylab.explore.codesign.search_guesses import search_guesses_explorer
from tinylab.explore.codesign.search_levers import search_levers_explorer
from tinylab.explore.codesign.search_picker import network_picker_explorer
from tinylab.explore.codesign.search_race import search_race_explorer
from tinylab.scoring.heartbeat_results import measured_widths
from tinylab.search.results import bundled_results
from tinylab.search.space import Architecture, as_rows, costs_of
from tinylab.security.results import bundled_results as security_results


def test_the_picked_network_has_its_row_of_the_table():
    results = bundled_results()
    explorer = network_picker_explorer(results)
    explorer.set(place="nucleo_l4r5zi", stride=3, depth=2, width0=16, width1=64, width2=32)
    one, found = Architecture(3, (16, 64, 32)), explorer.result
    assert found.architecture == one and found.accuracy == results.table()[one]
    costs = costs_of(as_rows([one]))
    load = cost.Workload("one", "int8", int(costs.macs[0]), *[costs.amounts[0]] * 2)
    assert found.latency_ms == pytest.approx(cost.latency(load, "nucleo_l4r5zi").latency_ms)
    assert found.energy_uJ == pytest.approx(cost.energy(load, "nucleo_l4r5zi").energy_uJ)
    assert (found.arena_bytes, found.weight_bytes) == (costs.arena_bytes[0], costs.weight_bytes[0])


def test_the_smallest_network_is_beaten_by_none_that_is_faster():
    explorer = network_picker_explorer(bundled_results())
    explorer.set(stride=4, depth=1, width0=16, width1=16)
    assert explorer.result.better == 0 and "Nothing beats it" in explorer.text


def test_widths_of_blocks_that_are_not_there_change_nothing():
    explorer = network_picker_explorer(bundled_results())
    once = explorer.set(depth=1, width4=16).result
    assert explorer.set(width4=64).result.accuracy == once.accuracy


def test_the_best_within_limits_keeps_them_and_nothing_allowed_is_better():
    results = bundled_results()
    explorer = search_front_explorer(results).set(share=20, arena_kB=4)
    found, accuracy = explorer.result, np.array(results.accuracy)
    costs = costs_of(as_rows([found.best]))
    assert costs.arena_bytes[0] <= 4000 and accuracy[found.best_at] == accuracy[found.allowed].max()
    assert np.all(np.diff(found.energy_uJ) >= 0) and np.all(np.diff(found.accuracy) >= 0)


def test_guesses_are_compared_where_they_are_known():
    explorer = search_guesses_explorer(bundled_results())
    counted = explorer.set(name="weights", low_ms=10).result
    assert counted.equal.items == len(counted.guessed) > 30
    assert explorer.set(name="naswot").result.equal is None
    assert explorer.result.whole.items == len(bundled_results().alone)


def test_a_race_is_won_beyond_the_seeds_or_by_nobody():
    explorer = search_race_explorer(race_results())
    assert "clever has found more" in explorer.set(evaluations=50).text
    assert "nobody has won" in explorer.set(evaluations=10).text
    assert "itself" in explorer.set(other="clever").text
    mean = 100 * race_results().of("clever").mean(axis=0)
    np.testing.assert_allclose(explorer.figure.data[1].y, mean)


def test_levers_together_beat_each_alone_and_what_does_not_fit_is_said():
    explorer = search_levers_explorer(made_up_results())
    result = explorer.set(period_s=10, floor=75).result
    single = [one.days for one in result.alone.values()]
    assert result.none.days <= min(single) and max(single) < result.every.days
    assert result.every.days == max(one.days for one in result.without.values())
    assert result.every.accuracy >= 0.75 and explorer.figure.data[1].x[-1] == result.every.days
    short = explorer.set(flash_kB=10).result
    assert short.none is None and "does not fit as it is" in explorer.text
    assert short.every.flash_bytes <= 10_000 and short.every.days < result.every.days
    assert "nothing fits" in explorer.set(flash_kB=5, floor=85).text
    hurried = explorer.set(period_s=1, flash_kB=30, floor=75)
    assert hurried.result.none is None and "does not fit as it is" in hurried.text


def test_an_early_beat_is_as_early_and_as_wide_as_it_is_drawn():
    explorer = heartbeat_explorer()
    atrial = explorer.set(earliness=0.6, early="normal").result
    assert atrial.ratio == pytest.approx(0.6)
    ventricular = explorer.set(early="ventricular").result
    assert ventricular.width_ms > 1.5 * atrial.width_ms
    pause = np.diff(ventricular.peaks_s)
    assert pause[6] > pause[0] > pause[5]
    assert "No beat is early" in explorer.set(early="none").text


def test_alarms_are_counted_at_the_threshold():
    scores, labels, patients, names = beat_scores()
    explorer = heartbeat_alarms_explorer(scores, labels, patients, names)
    found = explorer.set(name="atrial", threshold=0.4).result
    above = scores[:, 1] >= THRESHOLDS[found.at]
    assert found.recall[found.at] == pytest.approx(above[labels == 1].mean())
    assert found.false_alarms[found.at] == pytest.approx(1000 * above[labels != 1].mean())
    own = [above[(patients == one) & (labels == 1)].mean() for one in np.unique(patients)]
    assert found.worst == pytest.approx(min(own))


def test_free_energy_favours_large_monitors_and_dear_energy_small_ones():
    explorer = heartbeat_price_explorer(measured_widths())
    sizes = [row.width for row in measured_widths().rows]
    free, dear = (explorer.set(price=price).result for price in (0.0, 10.0))
    assert sizes[dear.best] == min(sizes) < sizes[free.best]
    row = measured_widths().rows[0]
    expected = 100 * np.mean(row.macro_f1) - 10 * np.log2(dear.energy_uJ[0] / 10)
    assert dear.score[0] == pytest.approx(expected)


def test_a_monitor_wins_only_where_the_seeds_say_so():
    """Against the t test of scipy, with as many comparisons as there are rivals."""
    explorer = heartbeat_price_explorer(measured_widths())
    f1 = 100 * np.array([row.macro_f1 for row in measured_widths().rows])
    won = []
    for price in (0.0, 1.0, 3.0, 5.0, 10.0):
        explorer.set(price=price)
        found = explorer.result
        scores = f1 - price * np.log2(found.energy_uJ / 10)[:, np.newaxis]
        others = [at for at in range(len(f1)) if at != found.best]
        p = [stats.ttest_rel(scores[found.best], scores[at]).pvalue for at in others]
        assert set(found.ties) == {at for at, one in zip(others, p) if one > 0.05 / len(others)}
        assert ("wins" in explorer.text) == (not found.ties)
        won.append(not found.ties)
    assert won[-1] and not won[0]


def test_a_protection_helps_only_where_the_repeats_say_so():
    results = security_results()
    names = dict.fromkeys((row.protection for row in results.protections), 0.1)
    explorer, seen = faults_explorer(results, names), set()
    for protection in names:
        for level in range(1, 5):
            found = explorer.set(protection=protection, by="chance", level=level).result
            rows = [
                [
                    row.accuracy
                    for row in results.protections
                    if (row.protection, row.chosen) == (name, False)
                    and row.flips == found.flips[level - 1]
                ]
                for name in (protection, "nothing")
            ]
            clear = protection != "nothing" and stats.ttest_rel(*rows).pvalue < 0.05
            assert (found.gain.outcome != "tie") == clear
            seen.add(found.gain.outcome)
    assert {"better", "tie"} <= seen


def test_how_many_others_may_be_as_good_is_said():
    results = bundled_results()
    explorer = search_front_explorer(results).set(share=100, arena_kB=16)
    share = max(results.accuracy)
    low = binomtest(round(share * results.examples), results.examples).proportion_ci(
        method="wilson"
    )[0]
    others = sum(one >= low for one in results.accuracy) - 1
    assert others > 3 and f"{others} others lie in it, too" in explorer.text
