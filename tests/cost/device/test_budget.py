"""The whole-device budget: sums by hand, parts left out, and what a coin cell can give."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab import cost
from tinylab.cost.device.pulse import DROOP_V, pulse
from tinylab.cost.device.settings import PARTS

KWS = cost.benchmarks()["kws"]
BOARD = cost.DEFAULT_BOARD
FEATURES = cost.front_end_cycles("keyword_spotting")
MINUTE = cost.Device(period_s=60.0, features_cycles=FEATURES)


def without(*parts):
    return cost.Device(period_s=60.0, features_cycles=FEATURES, without=frozenset(parts))


def test_the_parts_by_hand():
    """A look of 1 s at 120 MHz: 33.22 mW computing, 15.92 mW waiting, 1.17 mW of microphone."""
    found = cost.device_budget(KWS, BOARD, MINUTE)
    network_ms = cost.latency(KWS, BOARD).latency_ms
    assert found.part("sensor").energy_uJ == pytest.approx(0.65 * 1.8 * 1e3)
    assert found.part("waiting").energy_uJ == pytest.approx(15.918 * 1e3, rel=1e-3)
    assert found.part("network").energy_uJ == pytest.approx(33.22 * network_ms)
    assert found.part("front_end").energy_uJ == pytest.approx(33.22 * FEATURES / 120e3)
    assert found.part("radio").energy_uJ == 0
    counted = sum(one.energy_uJ for one in found.parts)
    assert found.energy_uJ == pytest.approx(counted)
    assert found.average_power_mW == pytest.approx(counted / 60e3)
    used = counted - found.part("regulator").energy_uJ
    assert used / counted == pytest.approx(0.9)


def test_a_device_that_hears_does_not_last_for_years():
    """Between 50 and 160 days, a fifth of what the network alone would promise."""
    whole = cost.device_budget(KWS, BOARD, MINUTE).life.days
    alone = cost.device_budget(KWS, BOARD, without("sensor", "waiting", "front_end")).life.days
    assert 50 < whole < 160 and alone > 5 * whole


@pytest.mark.parametrize("part", PARTS)
def test_each_part_can_be_left_out(part):
    whole = cost.device_budget(KWS, BOARD, MINUTE)
    fewer = cost.device_budget(KWS, BOARD, without(part))
    assert not fewer.part(part).counted and fewer.part(part).energy_uJ >= 0
    assert fewer.energy_uJ <= whole.energy_uJ
    if part != "regulator":
        saved = (whole.energy_uJ - fewer.energy_uJ) * 0.9
        assert saved == pytest.approx(whole.part(part).energy_uJ, abs=1e-9)


@settings(max_examples=50)
@given(
    st.floats(1, 1e5),
    st.sampled_from(["idle", "sleep"]),
    st.sampled_from([None, "ble_nrf52840", "lora_sf7"]),
    st.floats(0.3, 1.0),
)
def test_more_time_between_looks_never_costs_more(period_s, collecting, radio, share):
    options = {
        "features_cycles": FEATURES,
        "collecting": collecting,
        "radio": radio,
        "answer_bytes": 1 if radio else 0,
    }
    clock = share * cost.board(BOARD).clock_max.value
    powers = [
        cost.device_budget(KWS, BOARD, cost.Device(p, **options), clock_MHz=clock).average_power_mW
        for p in (period_s, 2 * period_s)
    ]
    assert 0 < powers[1] <= powers[0]


def test_a_coin_cell_needs_a_capacitor():
    """By hand: 33.22 + 1.17 mW at 0.9 and 3 V are 12.7 mA; the cell gives 6.8."""
    found = cost.device_budget(KWS, BOARD, MINUTE).pulse
    assert found.peak_mA == pytest.approx((33.22 + 1.17) / 0.9 / 3.0)
    assert found.limit_mA == 6.8 and not found.battery_alone
    expected = (found.peak_mA - 6.8) * found.duration_ms / DROOP_V
    assert found.capacitor_uF == pytest.approx(expected)
    assert cost.device_budget(KWS, BOARD, MINUTE, source="lipo_500").pulse.battery_alone
    assert pulse(3.0, 10.0, "cr2032").capacitor_uF == 0


def test_always_listening_is_too_much_for_a_coin_cell():
    always = cost.Device(period_s=1.0, features_cycles=FEATURES)
    assert cost.device_budget(KWS, BOARD, always).life is None
    assert cost.device_budget(KWS, BOARD, always, source="lipo_500").life.days > 1


def test_the_law_on_air_time_is_reported():
    device = cost.Device(3600.0, features_cycles=FEATURES, radio="lora_sf12", answer_bytes=20)
    assert cost.device_budget(KWS, BOARD, device).least_period_s > 100


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"period_s": 0.5}, "collect_s of 1 s must be at most period_s"),
        ({"period_s": 9.0, "sensor": "nose"}, "sensor must be one of microphone, camera"),
        ({"period_s": 9.0, "without": frozenset({"sun"})}, "without must be one of sensor"),
        ({"period_s": 9.0, "answer_bytes": 3}, "answer_bytes needs a radio"),
        ({"period_s": float("nan")}, "period_s must be a finite number above 0 s"),
        ({"period_s": 9.0, "efficiency": 1.5}, "efficiency must be a share"),
        (
            {"period_s": 9.0, "radio": "ble_nrf52840", "connection": "made"},
            "connection must be 'kept' with ble_nrf52840",
        ),
    ],
)
def test_devices_that_cannot_be(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        cost.Device(**wrong)


def test_keeping_wifi_connected_pays_for_short_periods_only():
    """Keeping it takes 2.03 mW, making it 331 mJ: equal near 163 s."""
    for period_s, cheaper in ((60.0, "kept"), (600.0, "made")):
        budgets = {
            how: cost.device_budget(
                KWS,
                BOARD,
                cost.Device(period_s, radio="wifi_esp32s2", answer_bytes=1, connection=how),
            ).part("radio")
            for how in ("kept", "made")
        }
        assert min(budgets, key=lambda how: budgets[how].energy_uJ) == cheaper


def test_work_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="do not fit into period_s of 0.03 s"):
        cost.device_budget(KWS, BOARD, cost.Device(0.03, collect_s=0.0))
