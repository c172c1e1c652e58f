"""A participation adds up from the radio's own figures."""

import pytest

from tinylab.adapt.federated.traffic import participation
from tinylab.cost.power.radio import receive, transmit, upkeep_uJ


def test_the_head_over_ble_and_its_parts():
    """1,950 float32 weights both ways: 1.51 mJ up and 1.48 mJ down on an nRF52840."""
    both = participation(7800, 7800, "ble_nrf52840", training_s=5)
    assert both.up_uJ == pytest.approx(1509, abs=2) and both.down_uJ == pytest.approx(1485, abs=2)
    assert both.upkeep_uJ == pytest.approx(5 * upkeep_uJ("ble_nrf52840", 1))
    assert both.energy_uJ == both.up_uJ + both.down_uJ + both.upkeep_uJ
    assert both.down_uJ == receive(7800, "ble_nrf52840").energy_uJ
    assert both.up_uJ == transmit(7800, "ble_nrf52840", start=False).energy_uJ


def test_wifi_pays_for_the_start_and_lora_for_the_law():
    wifi = [participation(7800, size, "wifi_esp32s2").energy_uJ for size in (248, 7800)]
    assert wifi[1] / wifi[0] < 1.01
    slow = participation(7800, 7800, "lora_sf12")
    assert slow.air_limit_s > 14 * 3600
    assert participation(7800, 248, "lora_sf12").air_limit_s < slow.air_limit_s


def test_a_broadcast_needs_no_requests():
    own, shared = (participation(7800, 979, "lora_sf7", broadcast=b) for b in (False, True))
    assert shared.energy_uJ < own.energy_uJ and shared.air_limit_s < own.air_limit_s
