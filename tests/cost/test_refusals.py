"""Every public function refuses numbers that mean nothing, in one sentence with the name."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab import cost
from tinylab.cost.catalogue.measurements import Measurement
from tinylab.cost.governor.actions import Variant, actions_for
from tinylab.cost.governor.harvest import trace
from tinylab.cost.governor.station import station
from tinylab.cost.power.dvfs import best_mix, dvfs_point, dvfs_points, spending
from tinylab.cost.power.radio import receive, receive_broadcast, upkeep_uJ
from tinylab.early_exit.threshold import at_threshold, choose_threshold, entropy_bits, exit_record

BOARD = cost.DEFAULT_BOARD
KWS = cost.benchmarks()["kws"]
POINTS = dvfs_points(BOARD)
ACTIONS = actions_for((Variant("a", 1e6, 0.7),), POINTS, seconds=1.0)
RECORD = exit_record([[[0.5, 0.5], [0.9, 0.1]], [[0.1, 0.9], [0.8, 0.2]]], [1, 0], [10, 20])

CASES = {
    cost.latency: ({"model": KWS, "on": BOARD}, {"clock_MHz": 80.0}),
    cost.energy: ({"model": KWS, "on": BOARD}, {"clock_MHz": 80.0, "power_mW": 5.0}),
    cost.active_power_mW: ({"on": BOARD}, {"clock_MHz": 80.0, "static_share": 0.1}),
    cost.power_curve: ({"on": BOARD}, {"static_share": 0.1}),
    cost.rest_power_mW: ({"on": BOARD, "rest": "idle"}, {"clock_MHz": 80.0, "static_share": 0.1}),
    cost.average_power: (
        {},
        {"active_mW": 1.0, "rest_mW": 0.1, "latency_ms": 1.0, "period_ms": 9.0},
    ),
    cost.race_to_idle: (
        {"model": KWS, "on": BOARD, "device": cost.Device(60.0)},
        {"static_share": 0.1},
    ),
    cost.battery_life: (
        {},
        {"average_power_mW": 1.0, "usable_share": 0.8, "converter_efficiency": 0.9},
    ),
    cost.transmit: ({"over": "ble_nrf52840"}, {"payload_bytes": 20, "delivery": 0.5}),
    receive: ({"over": "ble_nrf52840"}, {"payload_bytes": 20}),
    receive_broadcast: ({"over": "ble_nrf52840"}, {"payload_bytes": 20}),
    upkeep_uJ: ({"over": "ble_nrf52840"}, {"seconds": 20.0}),
    cost.sweep: ({"models": [KWS], "on": [BOARD]}, {"clock_share": 0.5}),
    dvfs_points: ({"on": BOARD}, {"static_share": 0.1}),
    dvfs_point: ({"on": BOARD}, {"clock_MHz": 50.0, "static_share": 0.1}),
    spending: ({"point": POINTS[0]}, {"cycles": 1e6, "deadline_ms": 100.0}),
    best_mix: ({"points": POINTS}, {"cycles": 1e6, "deadline_ms": 100.0}),
    trace: ({}, {"days": 2, "solar_cm2": 1.0, "vibration_cm3": 1.0, "latitude_deg": 40.0}),
    Variant: ({"name": "a"}, {"cycles": 1e6, "detection": 0.5}),
    actions_for: (
        {"variants": (Variant("a", 1e6, 0.7),), "points": POINTS},
        {"seconds": 1.0, "quantum_mJ": 1.0},
    ),
    station: ({"actions": ACTIONS}, {"store_J": 0.5, "sleep_mW": 0.1, "quantum_mJ": 1.0}),
    at_threshold: ({"record": RECORD}, {"threshold_bits": 0.5}),
    choose_threshold: ({"record": RECORD}, {"max_loss": 0.1}),
    Measurement: (
        {"board": BOARD, "core": "Cortex-M4", "stack": "mine", "benchmark": "kws"},
        {"latency_ms": 9.0, "clock_MHz": 80.0, "energy_uJ": 90.0, "supply_V": 3.0},
    ),
}
CASES[cost.device_budget] = (
    {"model": KWS, "on": BOARD, "device": cost.Device(60.0)},
    {"clock_MHz": 80.0, "static_share": 0.1},
)
CASES[cost.Device] = (
    {},
    {"period_s": 60.0, "collect_s": 1.0, "features_cycles": 1e6}
    | {"efficiency": 0.9, "delivery": 0.5},
)
CASES[cost.choose_between] = (
    {},
    {"first": 1.0, "first_high": 2.0, "second": 1.0, "second_high": 2.0},
)
CASES[cost.modelled_power_trace] = (
    {"model": KWS, "on": BOARD},
    {"inferences": 2, "busy_share": 0.5, "samples_per_s": 500.0},
)
CASES[cost.front_end_cycles] = ({"application": "anomaly_detection"}, {"frames": 10})
NO_NUMBERS = {
    "always_on", "batteries", "battery", "benchmarks", "board", "boards", "calibrate", "cut_bytes",
    "default_board", "format_validation", "horowitz", "layer_costs", "link", "links", "mac_pJ",
    "measurements", "operation_energies", "pipeline", "published_mac_energies", "radio", "radios",
    "read_power_trace",     "roofline", "slow_clocks", "split", "stacks", "validate", "workload",
}  # fmt: skip
ARGUMENTS = [(call, name) for call, (_, numbers) in CASES.items() for name in numbers]


def test_every_public_function_is_tried():
    functions = {name for name in cost.__all__ if inspect.isfunction(getattr(cost, name))}
    cached = {n for n in cost.__all__ if hasattr(getattr(cost, n), "cache_info")}
    assert (functions | cached) - NO_NUMBERS == {call.__name__ for call in CASES} & (
        functions | cached
    )


@pytest.mark.parametrize("call", CASES, ids=lambda call: call.__name__)
def test_the_good_values_are_taken(call):
    fixed, numbers = CASES[call]
    call(**fixed, **numbers)


@pytest.mark.parametrize(("call", "name"), ARGUMENTS, ids=lambda x: getattr(x, "__name__", x))
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, -1e300, "fast", True], ids=repr)
def test_nonsense_is_refused_by_name(call, name, bad):
    fixed, numbers = CASES[call]
    with pytest.raises(ValueError, match=name.split("_")[0]) as refused:
        call(**fixed, **{**numbers, name: bad})
    assert len(str(refused.value).splitlines()) == 1 and "must be" in str(refused.value)


@settings(max_examples=60)
@given(st.sampled_from(ARGUMENTS), st.floats(max_value=-1e-9, allow_nan=False))
def test_negative_numbers_never_become_a_cost(argument, bad):
    call, name = argument
    if (call, name) == (trace, "latitude_deg"):
        bad -= 91
    fixed, numbers = CASES[call]
    with pytest.raises(ValueError):
        call(**fixed, **{**numbers, name: bad})


@pytest.mark.parametrize("bad", [[2.0, -1.0], [np.nan, 1.0], [0.0, 0.0]])
def test_entropy_wants_probabilities(bad):
    with pytest.raises(ValueError, match="probabilities must be"):
        entropy_bits(bad)


def test_an_empty_list_of_points_or_boards_is_refused():
    with pytest.raises(ValueError, match="points must hold"):
        best_mix((), 1e6, 100)
    with pytest.raises(ValueError, match="on must hold"):
        cost.sweep([KWS], [])
