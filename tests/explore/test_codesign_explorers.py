"""What the explorers of co-design show is what was measured, or what the cost model says."""

import numpy as np
import pytest

from tests.explore.frozen_inputs.codesign import beat_scores
from tinylab.explore.codesign.heartbeat import heartbeat_explorer
from tinylab.explore.codesign.heartbeat_alarms import THRESHOLDS, heartbeat_alarms_explorer
from tinylab.explore.codesign.heartbeat_price import heartbeat_price_explorer
from tinylab.scoring.heartbeat_results import measured_widths


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
