"""A cascade's budget: all stages always on is a plain device, and each gate saves its share."""

from dataclasses import replace

import pytest

from tinylab import cost
from tinylab.cost.device.cascade import Cascade, cascade_budget

BOARD = cost.DEFAULT_BOARD
ALWAYS = Cascade(hop_s=0.5, windows=100, frames=2500, detected=100, recognized=100)


def budget(work, **options):
    return cascade_budget(BOARD, work, detector_cycles=2e3, network_cycles=5e6, **options)


def test_always_on_by_hand():
    """80,000 cycles a second for the level, 25 frames a hop, detector and network in each."""
    found = budget(ALWAYS)
    active = float(cost.active_power_mW(BOARD, 120))
    features_ms = (40e3 + 25 * 200_200) / 120e3
    assert found.part("front_end").energy_uJ == pytest.approx(active * features_ms)
    assert found.part("network").energy_uJ == pytest.approx(active * 5.002e6 / 120e3)
    assert found.part("sensor").power_mW == pytest.approx(0.65 * 1.8)


def test_each_gate_saves_what_lies_behind_it():
    quiet = budget(replace(ALWAYS, recognized=10))
    assert quiet.part("network").energy_uJ == pytest.approx(
        budget(ALWAYS).part("network").energy_uJ * (0.1 * 5e6 + 2e3) / 5.002e6
    )
    assert quiet.part("front_end").energy_uJ == budget(ALWAYS).part("front_end").energy_uJ
    silent = budget(Cascade(0.5, 100, 0, 0, 0))
    assert silent.part("network").energy_uJ == 0
    assert silent.average_power_mW < quiet.average_power_mW < budget(ALWAYS).average_power_mW


def test_a_chip_that_cannot_record_asleep_saves_less():
    awake = cost.Device(1.0, collecting="idle")
    silent = Cascade(0.5, 100, 0, 0, 0)
    assert budget(silent, device=awake).average_power_mW > 5 * budget(silent).average_power_mW


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="do not fit into period_s of 0.1 s"):
        budget(Cascade(0.1, 100, 4900, 100, 100))
    with pytest.raises(ValueError, match="windows must be a whole number of 1"):
        Cascade(0.1, 0, 0, 0, 0)
