"""Energy, duty cycle and battery life against published figures and arithmetic by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.cost import (
    active_power_mW,
    always_on,
    average_power,
    battery,
    battery_life,
    benchmarks,
    board,
    boards,
    duty_cycle,
    energy,
    idle_share,
    latency,
    race_to_idle,
    rest_power_mW,
    sweep,
)
from tinylab.cost.catalogue.measurements import comparable
from tinylab.cost.power.battery import battery_days
from tinylab.cost.power.inference import power_spread

KWS = benchmarks()["kws"]


def test_energy_is_power_times_time():
    found = energy(KWS, "nucleo_l4r5zi", clock_MHz=80)
    time = latency(KWS, "nucleo_l4r5zi", clock_MHz=80)
    power = board("nucleo_l4r5zi").operating_points[0].active_power.value * 80 / 120
    assert found.power_mW == pytest.approx(power)
    assert found.energy_uJ == pytest.approx(power * time.latency_ms)
    assert "MLPerf Tiny v1.2" in found.source


def test_published_energies_lie_within_the_interval():
    inside = []
    for one in comparable():
        if one.power_mW and one.board in boards() and one.core.startswith("Cortex-M"):
            supply = board(one.board).operating_points[-1].supply.value
            if one.supply_V == supply:
                found = energy(
                    KWS if one.benchmark == "kws" else benchmarks()[one.benchmark],
                    one.board,
                    stack=one.stack_name,
                )
                inside.append(found.low_uJ <= one.energy_uJ <= found.high_uJ)
    assert len(inside) > 50
    assert np.mean(inside) >= 0.9


def test_power_hardly_depends_on_the_model():
    """The finding on which energy = power x time rests, on plain microcontrollers."""
    submissions = {}
    for one in comparable():
        if one.power_mW and one.core in ("Cortex-M4", "Cortex-M33", "Cortex-M7", "RXv2"):
            key = (one.round, one.submitter, one.board, one.stack_name)
            submissions.setdefault(key, []).append(one.power_mW)
    spreads = [(max(powers) - min(powers)) / np.mean(powers) for powers in submissions.values()]
    assert len(spreads) > 15
    assert np.mean(spreads) < 0.10
    assert power_spread() < 0.15


def test_slow_clocks_match_the_published_always_on_figures():
    """Power in proportion to the clock predicts the figures at the low clock, left out."""
    slow = [one for one in always_on() if one.clock_MHz < 100]
    assert len(slow) == 3
    for one in slow:
        active = float(active_power_mW(one.board, one.clock_MHz))
        average = one.duty * active + (1 - one.duty) * idle_share(one.board) * active
        assert average == pytest.approx(one.average_power_mW, rel=0.12)


def test_power_between_operating_points_is_interpolated():
    low, high = board("gap9_evk").operating_points
    middle = (low.clock_MHz + high.clock_MHz) / 2
    expected = (low.active_power.value + high.active_power.value) / 2
    assert active_power_mW("gap9_evk", middle) == pytest.approx(expected)


def test_boards_without_power_say_so():
    with pytest.raises(ValueError, match="no power of disco_f746ng is published.*nucleo_l4r5zi"):
        energy(KWS, "disco_f746ng")
    found = energy(KWS, "disco_f746ng", power_mW=200)
    assert found.energy_uJ == pytest.approx(200 * found.latency_ms)
    assert found.source == "given by the caller"
    with pytest.raises(ValueError, match="no sleep power of nucleo_h7a3zi_q.*nucleo_l4r5zi"):
        rest_power_mW("nucleo_h7a3zi_q", "sleep", 280)
    with pytest.raises(ValueError, match="no idle power of ek_ra6m4.*nucleo_u575zi_q"):
        rest_power_mW("ek_ra6m4", "idle", 200)
    with pytest.raises(ValueError, match="'sleep' or 'idle', not 'nap'"):
        rest_power_mW("nucleo_l4r5zi", "nap", 100)


def test_average_power_by_hand():
    assert average_power(40.0, 0.002, 50.0, 1000.0) == pytest.approx(0.05 * 40 + 0.95 * 0.002)
    with pytest.raises(ValueError, match="longer than the period"):
        average_power(40.0, 0.002, 50.0, 40.0)


def test_duty_cycle_adds_up():
    found = duty_cycle(KWS, "nucleo_l4r5zi", 500, wakeup_ms=2)
    assert found.duty == pytest.approx((found.latency_ms + 2) / 500)
    assert found.average_power_mW == pytest.approx(found.active_mW + found.rest_mW)
    assert found.rest_power_mW == pytest.approx(1.2e-3 * 1.8)


def test_race_to_idle_depends_on_what_the_clock_cannot_save():
    slow_wins = race_to_idle(KWS, "nucleo_u575zi_q", 100, rest="idle")
    assert slow_wins.better == "slow" and slow_wins.saving_pct > 10
    assert slow_wins.slow.duty == pytest.approx(1.0)
    fast_wins = race_to_idle(KWS, "nucleo_u575zi_q", 1000, rest="sleep", static_share=0.2)
    assert fast_wins.better == "fast" and fast_wins.saving_pct > 10


def test_battery_life_by_hand():
    """A CR2032 of 225 mAh and 3 V holds 2430 J; at 1 mW, 80 % of it at 90 % lasts 20.25 days."""
    found = battery_life(1.0, "cr2032")
    assert battery("cr2032").energy_J == pytest.approx(2430)
    assert found.days_without_self_discharge == pytest.approx(2430 * 0.72 / 86.4)
    assert found.days == pytest.approx(20.25, rel=1e-3)
    assert found.days < found.days_without_self_discharge
    assert found.years == pytest.approx(found.days / 365.25)


def test_self_discharge_alone_takes_the_stated_share():
    """Integrated numerically, day by day: the load and the decay together empty the battery."""
    cell, power_mW = battery("lipo_500"), 0.3
    left, days, step = cell.energy_J * 0.72, 0.0, 0.25
    decay = (1 - cell.self_discharge.value / 100) ** (step / 365.25)
    while left > 0:
        left = left * decay - power_mW * 1e-3 * 86400 * step
        days += step
    assert battery_life(power_mW, cell).days == pytest.approx(days, rel=0.01)


def test_battery_refuses_nonsense():
    with pytest.raises(ValueError, match="must be positive, not 0"):
        battery_life(0)
    with pytest.raises(ValueError, match="usable_share must lie in"):
        battery_life(1.0, usable_share=1.5)


@settings(max_examples=50)
@given(st.lists(st.floats(1e-4, 1e3), min_size=1, max_size=5))
def test_battery_arrays_equal_single_values(powers):
    cell = battery("cr2032")
    np.testing.assert_allclose(
        battery_days(np.array(powers), cell), [battery_life(p, cell).days for p in powers]
    )


@settings(max_examples=40)
@given(
    st.sampled_from(["nucleo_l4r5zi", "nucleo_u575zi_q"]),
    st.floats(0.3, 1),
    st.floats(200, 1e5),
    st.sampled_from(["kws", "ad", "sww"]),
    st.sampled_from(["sleep", "idle"]),
)
def test_sweep_equals_single_duty_cycles(name, share, period_ms, model, rest):
    clock = share * board(name).clock_max.value
    single = duty_cycle(benchmarks()[model], name, period_ms, rest=rest, clock_MHz=clock)
    swept = sweep([benchmarks()[model]], [name], [share], period_ms=period_ms, rest=rest)
    assert swept.average_power_mW.item() == pytest.approx(single.average_power_mW, rel=1e-9)
    expected = battery_life(single.average_power_mW).days
    assert swept.battery_days.item() == pytest.approx(expected, rel=1e-9)
    used = energy(benchmarks()[model], name, clock_MHz=clock)
    assert swept.energy_uJ.item() == pytest.approx(used.energy_uJ, rel=1e-9)


def test_sweep_marks_what_is_unknown_or_impossible():
    swept = sweep([benchmarks()["ic"]], ["nucleo_l4r5zi", "disco_f746ng"], [0.1], period_ms=100)
    assert np.isnan(swept.average_power_mW).all()
    assert np.isfinite(swept.latency_ms).all()
    assert np.isfinite(swept.energy_uJ[0, 0, 0]) and np.isnan(swept.energy_uJ[0, 1, 0])
