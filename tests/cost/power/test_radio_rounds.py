"""Receiving, broadcasts, upkeep and the duty cycle, against arithmetic by hand and against laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylab.cost.power.radio import (
    duty_cycled_s,
    radio,
    radios,
    receive,
    receive_broadcast,
    time_on_air_ms,
    transmit,
    upkeep_uJ,
)

links = st.sampled_from(sorted(radios()))
payloads = st.integers(1, 100_000)


def test_a_model_of_1950_float_weights_over_ble_by_hand():
    """32 packets of 17 bytes overhead at 1 Mbit/s, and 380 us after each, at 6.26 mA and 3 V."""
    down = receive(7800, "ble_nrf52840", start=False)
    air_ms, gaps_ms = 8 * (7800 + 32 * 17) / 1000, 32 * 0.38
    assert down.packets == 32 and down.transmit_uJ == 0
    assert down.energy_uJ == pytest.approx((air_ms + gaps_ms) * 6.26 * 3)
    assert down.energy_uJ == pytest.approx(1482, abs=1)


@given(links, payloads)
def test_a_broadcast_costs_a_listener_less_than_a_message_of_its_own(link, payload):
    own, shared = (kind(payload, link) for kind in (receive, receive_broadcast))
    assert shared.energy_uJ < own.energy_uJ and shared.time_ms < own.time_ms
    assert shared.packets == own.packets == transmit(payload, link).packets
    assert shared.transmit_uJ == 0


def test_a_lora_device_asks_for_each_packet():
    link, down = radio("lora_sf12"), receive(500, "lora_sf12")
    asked_ms = down.packets * time_on_air_ms(link, 0)
    assert down.packets == 10
    assert down.transmit_uJ == pytest.approx(asked_ms * 41.54 * 3.3)


def test_one_percent_of_the_time():
    """A LoRaWAN device that was on the air for a second is silent for ninety-nine."""
    sent = transmit(7800, "lora_sf12")
    packets = [51] * 152 + [48]
    air_s = sum(time_on_air_ms(radio("lora_sf12"), size) for size in packets) / 1000
    assert duty_cycled_s(sent) == pytest.approx(100 * air_s)
    free = transmit(7800, "ble_nrf52840")
    assert duty_cycled_s(free) == pytest.approx(8 * (7800 + 32 * 17) / 1e6)


def test_upkeep_counts_events():
    link = radio("ble_nrf52840")
    event_uJ = (0.37 * 6.26 + 0.08 * 6.4) * 3
    assert link.upkeep_energy.value == pytest.approx(event_uJ, abs=0.01)
    assert upkeep_uJ(link, 3600) == pytest.approx(3600 * event_uJ, rel=1e-3)
    assert upkeep_uJ("lora_sf7", 3600) == 0
    with pytest.raises(ValueError, match="seconds must be a finite number of 0 s or more"):
        upkeep_uJ("ble_nrf52840", -1)


@pytest.mark.parametrize("kind", [transmit, receive, receive_broadcast])
def test_an_empty_message_is_refused(kind):
    with pytest.raises(ValueError, match="payload_bytes must be a whole number of 1"):
        kind(0, "ble_nrf52840")
