"""Split computing and the two-chip pipeline: against whole models, brute force and a simulation."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.cost import (
    board,
    cut_bytes,
    device_budget,
    energy,
    latency,
    layer_costs,
    link,
    links,
    pipeline,
    radio,
    rest_power_mW,
    split,
    transmit,
)
from tinylab.cost.device.budget import budget_of
from tinylab.cost.device.settings import Device
from tinylab.cost.partition.split import WATCHING, Split
from tinylab.cost.partition.two_chips import Pipeline
from tinylab.cost.power.radio import upkeep_uJ
from tinylab.graph import Graph, Op, Tensor, read_tflite
from tinylab.models.checkpoints import REFERENCE

DEVICE, SERVER, BLE = "nucleo_l4r5zi_p", "raspberry_pi_4b", "ble_nrf52840"


@pytest.fixture(scope="module")
def graph() -> Graph:
    return read_tflite(REFERENCE / "keyword_spotting_compress.tflite")


def with_a_shortcut() -> Graph:
    """x -> a -> b; then a + b: while b is made, a has to be kept."""
    tensors = tuple(Tensor(name, (1, size), "int8") for name, size in zip("xabc", (7, 20, 20, 20)))
    ops = (Op("relu", (0,), (1,)), Op("relu", (1,), (2,)), Op("add", (1, 2), (3,)))
    return Graph("shortcut", tensors, ops, (0,), (3,))


@pytest.mark.parametrize("place", [DEVICE, "nucleo_h7a3zi_q", "ndp9120"])
def test_the_layers_add_up_to_the_model(graph, place):
    costs = layer_costs(graph, place)
    assert costs.latency_ms.sum() == pytest.approx(latency(graph, place).latency_ms)
    assert costs.power_mW == pytest.approx(energy(graph, place).power_mW)
    assert len(costs.latency_ms) == len(graph.ops)


def test_an_unpublished_power_stays_unknown(graph):
    costs = layer_costs(graph, SERVER)
    assert costs.power_mW is None


def test_a_cut_takes_along_what_is_needed_later():
    assert cut_bytes(with_a_shortcut()).tolist() == [7, 20, 40, 20]


def test_a_chain_sends_one_activation(graph):
    sizes = [graph.tensors[op.outputs[0]].stored_bytes for op in graph.ops]
    assert cut_bytes(graph).tolist() == [graph.tensors[graph.inputs[0]].stored_bytes, *sizes]


def watching(**changes) -> Device:
    """A camera that looks so seldom that everything fits, and the law is kept."""
    return replace(WATCHING, period_s=1e6, **changes)


def test_the_ends_of_a_split_are_all_there_and_all_here(graph):
    found = split(graph, DEVICE, SERVER, BLE)
    sent = transmit(490, BLE)
    assert found.latency_ms[0] == pytest.approx(sent.time_ms + latency(graph, SERVER).latency_ms)
    here = device_budget(graph, DEVICE, replace(WATCHING, radio=None))
    assert found.latency_ms[-1] == pytest.approx(latency(graph, DEVICE).latency_ms)
    assert found.energy_uJ[-1] == pytest.approx(here.energy_uJ)
    for part in here.parts:
        assert found.parts_uJ[part.name][-1] == pytest.approx(part.energy_uJ)


@pytest.mark.parametrize("delivery", [1.0, 0.4, 0.02])
@pytest.mark.parametrize("over", [BLE, "wifi_esp32s2", "lora_sf7"])
def test_the_best_split_by_brute_force(graph, delivery, over):
    """Every cut is a device of its own, with the budget that this device has."""
    device = watching(delivery=delivery)
    found = split(graph, DEVICE, SERVER, over, device=device)
    here, there = layer_costs(graph, DEVICE), layer_costs(graph, SERVER)
    times, energies = [], []
    for cut in range(len(graph.ops) + 1):
        sends = int(cut_bytes(graph)[cut]) if cut < len(graph.ops) else 0
        around = replace(device, radio=over if sends else None, answer_bytes=sends)
        cycles = sum(here.latency_ms[:cut]) * here.clock_MHz * 1e3
        budget = budget_of(board(DEVICE), cycles, around, "lipo_500", here.clock_MHz)
        energies.append(budget.energy_uJ)
        start = not radio(over).joins
        on_air = transmit(sends, over, start=start, delivery=delivery).time_ms if sends else 0.0
        times.append(sum(here.latency_ms[:cut]) + sum(there.latency_ms[cut:]) + on_air)
    np.testing.assert_allclose(found.latency_ms, times)
    np.testing.assert_allclose(found.energy_uJ, energies)
    assert found.best("latency") == int(np.argmin(times))
    assert found.best("energy") == int(np.argmin(energies))


def test_a_connection_is_made_once_however_bad_the_link(graph):
    made, kept = [
        split(graph, DEVICE, SERVER, "wifi_esp32s2", device=watching(delivery=0.1, connection=one))
        for one in ("made", "kept")
    ]
    wifi = radio("wifi_esp32s2")
    assert made.radio_ms[0] - kept.radio_ms[0] == pytest.approx(wifi.startup_time.value)
    waiting_uJ = rest_power_mW(DEVICE, "idle", made_clock()) * wifi.startup_time.value
    more = made.parts_uJ["radio"][0] - kept.parts_uJ["radio"][0]
    upkeep = upkeep_uJ("wifi_esp32s2", 1e6)
    assert more == pytest.approx(wifi.startup_energy.value + waiting_uJ - upkeep)


def made_clock() -> float:
    return board(DEVICE).clock_max.value


def test_what_does_not_fit_or_is_not_allowed_is_never_the_best(graph):
    """LoRa at 1 % of the time: 490 bytes may go out every 85 s, so every 10 s only few cuts may."""
    found = split(graph, DEVICE, SERVER, "lora_sf7")
    assert not found.possible[0] and found.possible[-1]
    assert found.possible[found.best("energy")]


@given(st.lists(st.floats(0.05, 1.0), min_size=2, max_size=6, unique=True))
@settings(max_examples=20)
def test_a_worse_link_never_sends_the_cut_to_more_bytes(shares):
    """Kang 2017: with less bandwidth, fewer bytes are worth sending."""
    graph = read_tflite(REFERENCE / "keyword_spotting_compress.tflite")
    costs = layer_costs(graph, DEVICE), layer_costs(graph, SERVER)
    sent = []
    for delivery in sorted(shares):
        found = split(graph, *costs, "wifi_esp32s2", device=watching(delivery=delivery))
        sent.append(found.radio_ms[found.best("latency")] * delivery)
    assert np.all(np.diff(sent) >= -1e-9)


def test_split_refuses_what_makes_no_sense(graph):
    with pytest.raises(ValueError, match="share above 0 and at most 1, not 0"):
        watching(delivery=0.0)
    with pytest.raises(ValueError, match="by must be one of latency, energy, not 'price'"):
        split(graph, DEVICE, SERVER, BLE).best("price")
    with pytest.raises(ValueError, match="power of raspberry_pi_4b is not published"):
        split(graph, SERVER, SERVER, BLE).best("energy")
    with pytest.raises(ValueError, match="do not belong to a model of 3"):
        split(with_a_shortcut(), layer_costs(graph, DEVICE), SERVER, BLE)


def simulate(stages_ms, overlap: bool, pictures: int = 60) -> tuple[float, float]:
    """Latency of the first picture and time between the last answers, event by event.

    Without overlap both chips are busy while the link is. A stage starts when its picture and all
    it needs are free, in the order of the pictures.
    """
    first, wire, second = stages_ms
    free = {"first": 0.0, "wire": 0.0, "second": 0.0}
    answers, begun = [], []
    for _ in range(pictures):
        begun.append(free["first"])
        free["first"] += first
        start = max(free["first"], free["wire"] if overlap else free["second"])
        free["wire"] = start + wire
        if not overlap:
            free["first"] = free["second"] = free["wire"]
        start = max(free["wire"], free["second"])
        free["second"] = start + second
        answers.append(free["second"])
    half = pictures // 2
    return answers[0] - begun[0], (answers[-1] - answers[half]) / (pictures - 1 - half)


@given(st.tuples(*[st.floats(0.1, 50)] * 3), st.booleans())
@settings(max_examples=100)
def test_rate_and_latency_are_those_of_a_simulated_pipeline(stages, overlap):
    one = [np.array([value]) for value in stages]
    blank = np.zeros(1)
    found = Pipeline(
        *one, blank, overlap, *[blank] * 4, blank == 0, blank, "a", "b", "wire", "modelled"
    )
    answered_ms, period_ms = simulate(stages, overlap)
    assert found.latency_ms[0] == pytest.approx(answered_ms)
    assert found.period_ms[0] == pytest.approx(period_ms)
    assert found.rate_per_s[0] == pytest.approx(1000 / period_ms)


@pytest.mark.parametrize("overlap", [True, False])
@pytest.mark.parametrize("wire", ["uart", "spi_fast"])
def test_the_best_cut_by_brute_force(graph, overlap, wire):
    found = pipeline(graph, DEVICE, "nucleo_u575zi_q", wire, overlap=overlap)
    one, two = layer_costs(graph, DEVICE), layer_costs(graph, "nucleo_u575zi_q")
    periods = []
    for cut in range(len(graph.ops) + 1):
        sent = cut_bytes(graph)[cut] if cut < len(graph.ops) else 0
        crossing = float(link(wire).time_ms(sent))
        a, b = sum(one.latency_ms[:cut]), sum(two.latency_ms[cut:])
        periods.append(max(a, crossing, b) if overlap else crossing + max(a, b))
    np.testing.assert_allclose(found.period_ms, periods)
    assert periods[found.best("rate")] == pytest.approx(min(periods))
    assert found.latency_ms[found.best("latency")] == pytest.approx(found.latency_ms.min())


def test_one_chip_alone_at_either_end(graph):
    found = pipeline(graph, DEVICE, "nucleo_u575zi_q", "spi")
    assert found.latency_ms[-1] == pytest.approx(latency(graph, DEVICE).latency_ms)
    assert found.energy_uJ[-1] == pytest.approx(energy(graph, DEVICE).energy_uJ)
    assert found.second_flash_bytes[-1] == found.first_flash_bytes[0] == 0
    assert found.second_ms[0] == pytest.approx(latency(graph, "nucleo_u575zi_q").latency_ms)
    whole = found.first_flash_bytes + found.second_flash_bytes
    assert np.all(whole == whole[0])


def test_a_cut_that_does_not_fit_is_not_chosen(graph):
    free = pipeline(graph, DEVICE, DEVICE, "spi")
    small = board(DEVICE)
    needed = int(free.first_flash_bytes[free.best("rate")])
    tight = replace(small, flash=replace(small.flash, value=(needed - 1) / 1024))
    found = pipeline(graph, tight, DEVICE, "spi")
    assert found.best("rate") < free.best("rate")
    assert found.first_flash_bytes[found.best("rate")] < needed
    none = replace(small, sram=replace(small.sram, value=0.1))
    with pytest.raises(ValueError, match="no cut of the model fits"):
        pipeline(graph, none, none, "spi").best("rate")


def test_bytes_on_the_wire():
    """1000 bytes: UART 8N1 sends 10,000 bits at 1 Mbit/s, I2C 9,000 at 0.4, SPI 8,000 at 8."""
    times = {name: float(link(name).time_ms(1000)) for name in links()}
    assert times == pytest.approx({"uart": 10.0, "i2c": 22.5, "spi": 1.0, "spi_fast": 0.25})
    with pytest.raises(ValueError, match="unknown link 'string'; known are uart"):
        link("string")


def test_results_are_plain_to_read(graph):
    found = split(graph, DEVICE, SERVER, BLE)
    assert isinstance(found, Split) and (found.device, found.kind) == (DEVICE, "modelled")
    assert found.payload_bytes[-1] == 0
