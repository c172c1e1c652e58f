"""Horowitz, roofline and radio against hand-computed cases and published ranges."""

import numpy as np
import pytest

from tinylab.cost import horowitz, mac_pJ, published_mac_energies, radio, roofline, transmit
from tinylab.cost.power.radio import LoraModem, lora_time_on_air_ms
from tinylab.graph import Graph, Op, Tensor, read_tflite
from tinylab.models.checkpoints import REFERENCE


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


def test_roofs_by_hand():
    """At 100 MHz the flash of an STM32L4R5 waits 4 cycles for 8 bytes; 640 MACs read 680 bytes."""
    found = roofline(dense_graph(), "nucleo_l4r5zi_p", clock_MHz=100)
    assert found.peak_macs_per_s == 2 * 100e6 and found.port_bytes_per_s == 4 * 100e6
    assert found.wait_states == 4 and found.flash_bytes_per_s == pytest.approx(8 / 5 * 100e6)
    (point,) = found.points
    assert (point.flash_bytes, point.sram_bytes) == (640 + 40, 74)
    assert point.roofs_macs_per_s == pytest.approx(
        {
            "multiplier": 200e6,
            "data port": 640 / 754 * 400e6,
            "flash": 640 / 680 * 160e6,
            "issue slots": 100e6 / 2.34,
        }
    )
    assert point.bound_by == "issue slots" and not point.memory_bound
    assert 0 < point.modelled_macs_per_s < point.bound_macs_per_s


@pytest.mark.parametrize(("clock_MHz", "waits"), [(20, 0), (20.1, 1), (60, 2), (120, 5)])
def test_a_slow_clock_waits_less_for_its_flash(clock_MHz, waits):
    found = roofline(dense_graph(), "nucleo_l4r5zi_p", clock_MHz=clock_MHz)
    assert found.wait_states == waits


def test_which_roof_binds_depends_on_kernel_and_clock():
    """A perfect kernel waits for flash at a fast clock, for its multiplier at a slow one."""

    def bound(kernel, clock_MHz):
        found = roofline(dense_graph(), "nucleo_l4r5zi_p", kernel=kernel, clock_MHz=clock_MHz)
        return found.points[0].bound_by

    assert bound("multiplier", 120) == "flash" and bound("multiplier", 20) == "multiplier"
    assert bound("dsp", 120) == bound("plain", 120) == "issue slots"
    with pytest.raises(ValueError, match="kernel must be one of multiplier, dsp, plain"):
        roofline(dense_graph(), "nucleo_l4r5zi_p", kernel="magic")


@pytest.mark.parametrize("name", ["keyword_spotting", "visual_wake_words", "anomaly_detection"])
def test_every_application_has_a_layer_that_memory_holds_down(name):
    graph = read_tflite(REFERENCE / f"{name}_compress.tflite")
    found = roofline(graph, "nucleo_l4r5zi_p", kernel="multiplier")
    assert any(one.memory_bound for one in found.points)
    assert all(one.modelled_macs_per_s < one.bound_macs_per_s for one in found.points)


def test_an_unknown_flash_leaves_its_roof_out():
    found = roofline(dense_graph(), "ek_ra8d1")
    assert found.flash_bytes_per_s is None and "flash" not in found.points[0].roofs_macs_per_s
    assert found.kernel == "multiplier" and found.points[0].bound_by == "data port"


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
