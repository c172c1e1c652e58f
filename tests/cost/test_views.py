"""Horowitz, roofline and radio against hand-computed cases and published ranges."""

import numpy as np
import pytest

from tinylab.cost import horowitz, mac_pJ, published_mac_energies, radio, roofline, transmit
from tinylab.cost.partition.radio import LoraModem, lora_time_on_air_ms
from tinylab.graph import Graph, Op, Tensor


def dense_graph(inputs=64, outputs=10) -> Graph:
    tensors = (
        Tensor("x", (1, inputs), "int8"),
        Tensor("w", (outputs, inputs), "int8", data=np.zeros((outputs, inputs), np.int8)),
        Tensor("b", (outputs,), "int32", data=np.zeros(outputs, np.int32)),
        Tensor("y", (1, outputs), "int8"),
    )
    return Graph("dense", tensors, (Op("fully_connected", (0, 1, 2), (3,)),), (0,), (3,))


def test_multiply_accumulate_energies():
    assert mac_pJ("int8") == pytest.approx(0.23)
    assert mac_pJ("fp16") == pytest.approx(1.5)
    assert mac_pJ("fp32") == pytest.approx(4.6)
    with pytest.raises(ValueError, match="unknown precision 'int3'; known are int8"):
        mac_pJ("int3")


def test_horowitz_by_hand():
    """640 MACs; 650 parameters and 74 activations of a byte at 5 pJ / 4 B; weights at 640 / 4."""
    found = horowitz(dense_graph())
    assert found.arithmetic_uJ == pytest.approx(640 * 0.23e-6)
    assert found.weights_uJ == pytest.approx(650 * 1.25e-6)
    assert found.activations_uJ == pytest.approx(74 * 1.25e-6)
    assert found.total_uJ == pytest.approx(sum(op.total_uJ for op in found.per_op))
    in_dram = horowitz(dense_graph(), weights_in="dram")
    assert in_dram.weights_uJ == pytest.approx(650 * 160e-6)
    fetched = horowitz(dense_graph(), reuse=False)
    assert fetched.weights_uJ == pytest.approx(640 * 1.25e-6)
    assert fetched.activations_uJ == pytest.approx(650 * 1.25e-6)
    assert horowitz(dense_graph(), precision="fp32").weights_uJ == pytest.approx(650 * 5e-6)
    with pytest.raises(ValueError, match="'sram' or 'dram', not 'tape'"):
        horowitz(dense_graph(), weights_in="tape")


def test_microcontrollers_spend_hundreds_to_thousands_of_times_the_arithmetic():
    def ratios(*cores):
        return [one.ratio for one in published_mac_energies() if one.core in cores]

    plain = ratios("Cortex-M4", "Cortex-M33", "Cortex-M7")
    assert 700 < min(plain) < 900 and 13_000 < max(plain) < 15_000
    assert 400 < min(ratios("Cortex-M33 + MVP")) < 450
    assert 9 < min(ratios("GAP9 + NE16", "Syntiant Core 2")) < 11


def test_roofline_by_hand():
    found = roofline(dense_graph(), "nucleo_l4r5zi_p", clock_MHz=100)
    assert found.peak_macs_per_s == 2 * 100e6
    assert found.bandwidth_bytes_per_s == 4 * 100e6
    assert found.ridge_macs_per_byte == 0.5
    (point,) = found.points
    assert point.bytes_moved == 640 + 40 + 74
    assert point.intensity == pytest.approx(640 / 754)
    assert point.bound_by == "compute" and point.bound_macs_per_s == found.peak_macs_per_s
    assert 0 < point.modelled_macs_per_s < point.bound_macs_per_s


def test_roofline_of_an_undocumented_core_says_so():
    with pytest.raises(ValueError, match="no peak rate of GAP9.*known are Cortex-M0"):
        roofline(dense_graph(), "gap9_evk")


@pytest.mark.parametrize(
    ("modem", "size", "expected_ms"),
    [
        (LoraModem(9, 125, 1, 8, 0), 12, 144.384),
        (LoraModem(7, 125, 1, 8, 0), 33, 71.936),
        (LoraModem(12, 125, 1, 8, 0), 64, 2793.472),
    ],
)
def test_lora_time_on_air_matches_published_calculators(modem, size, expected_ms):
    assert lora_time_on_air_ms(modem, size) == pytest.approx(expected_ms)


def test_ble_by_hand():
    """20 bytes with 17 of overhead at 1 Mbit/s: 296 us on air at 6.4 mA and 3 V."""
    found = transmit(20, "ble_nrf52840", start=False)
    assert found.packets == 1
    assert found.transmit_uJ == pytest.approx(0.296 * 6.4 * 3)
    assert found.receive_uJ == pytest.approx(0.380 * 6.26 * 3)
    assert found.energy_per_bit_nJ == pytest.approx(found.energy_uJ * 1e3 / 160)


def test_long_messages_are_split():
    link = radio("ble_nrf52840")
    largest = int(link.packet_payload.value)
    one, two = transmit(largest, link, start=False), transmit(largest + 1, link, start=False)
    assert (one.packets, two.packets) == (1, 2)
    assert two.energy_uJ > one.energy_uJ
    twice = transmit(2 * largest, link, start=False)
    assert twice.energy_uJ == pytest.approx(2 * one.energy_uJ)


def test_starting_wifi_dwarfs_a_short_message():
    cold, warm = transmit(20, "wifi_esp32s2"), transmit(20, "wifi_esp32s2", start=False)
    assert cold.energy_uJ > 1000 * warm.energy_uJ
    assert cold.energy_uJ - warm.energy_uJ == pytest.approx(cold.startup_uJ)


def test_radio_refuses_nonsense():
    with pytest.raises(ValueError, match="unknown radio 'pigeon'; known are ble_nrf52840"):
        transmit(10, "pigeon")
    with pytest.raises(
        ValueError, match="payload_bytes must be a whole number of 1 or more, not 0"
    ):
        transmit(0, "lora_sf7")
