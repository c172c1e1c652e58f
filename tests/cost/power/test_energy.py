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
    energy,
    latency,
    rest_power_mW,
    slow_clocks,
)
from tinylab.cost.catalogue.measurements import comparable
from tinylab.cost.power.battery import battery_days
from tinylab.cost.power.clocked import PowerCurve, power_curve
from tinylab.cost.power.inference import power_error

KWS = benchmarks()["kws"]


def test_energy_is_power_times_time():
    found = energy(KWS, "nucleo_l4r5zi_p", clock_MHz=80)
    time = latency(KWS, "nucleo_l4r5zi_p", clock_MHz=80)
    power = power_curve("nucleo_l4r5zi_p").power_mW(80)
    assert found.power_mW == pytest.approx(power)
    assert found.energy_uJ == pytest.approx(power * time.latency_ms)
    assert "MLPerf Tiny v1.3" in found.source and "70 and 120 MHz" in found.source


def test_published_energies_lie_within_the_interval():
    inside = []
    for one in comparable():
        known = one.board in boards() and one.core.startswith("Cortex-M")
        if one.power_mW and known and board(one.board).operating_points:
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
    assert 0.2 < power_error() < 0.3


def test_a_slow_clock_costs_more_or_less_for_each_cycle():
    """Published pairs, by hand from the streaming results: +20 %, +11 % and -3 % for a cycle."""
    ratios = {name: one.cycle_ratio for name, one in slow_clocks().items()}
    expected = {"nucleo_l4r5zi_p": 1.20, "nucleo_u575zi_q": 1.11, "nucleo_h7a3zi_q": 0.97}
    assert ratios == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("one", always_on(), ids=lambda one: f"{one.board} {one.clock_MHz:g}")
def test_the_curve_and_the_idle_share_give_the_published_averages_back(one):
    active = float(active_power_mW(one.board, one.clock_MHz))
    idle = float(rest_power_mW(one.board, "idle", one.clock_MHz))
    average = one.duty * active + (1 - one.duty) * idle
    assert average == pytest.approx(one.average_power_mW, rel=1e-3)


@pytest.mark.parametrize("one", always_on(), ids=lambda one: f"{one.board} {one.clock_MHz:g}")
def test_what_is_derived_comes_from_one_variant(one):
    """Two boards were once mixed under one name: chip, supply and regulator must agree."""
    place = board(one.board)
    point = place.operating_points[-1]
    assert (one.soc, one.regulator) == (place.soc, point.regulator)
    assert one.supply_V == point.supply.value
    assert one.active_power_mW in (None, point.active_power.value)
    if place.sleep:
        assert place.sleep.supply.value == point.supply.value


@pytest.mark.parametrize("place", boards().values(), ids=lambda one: one.id)
def test_rest_and_work_are_fed_with_one_supply(place):
    supplies = {point.supply.value for point in place.operating_points if point.supply}
    if place.sleep and place.operating_points:
        assert supplies == {place.sleep.supply.value}
        assert place.sleep.retains and place.sleep.wakeup.value > 0
    assert all(point.regulator for point in place.operating_points)
    assert all(point.scope in ("board", "chip") for point in place.operating_points)


def test_idle_power_of_the_board_with_the_switching_regulator():
    """15.9 mW, by hand: (25.622 - 0.56085 x 33.22) / (1 - 0.56085)."""
    assert rest_power_mW("nucleo_l4r5zi_p", "idle", 120) == pytest.approx(15.92, abs=0.01)


def test_power_between_operating_points_is_interpolated():
    low, high = board("gap9_evk").operating_points
    middle = (low.clock_MHz + high.clock_MHz) / 2
    expected = (low.active_power.value + high.active_power.value) / 2
    assert active_power_mW("gap9_evk", middle) == pytest.approx(expected)


def test_above_the_highest_known_clock_the_last_slope_goes_on():
    curve = PowerCurve("made up", (10.0, 20.0, 40.0), (5.0, 20.0, 30.0), 1.0, "modelled", "", "")
    np.testing.assert_allclose(curve.power_mW([0.0, 15.0, 40.0, 50.0]), [1.0, 12.5, 30.0, 35.0])
    assert [curve.extrapolates(clock) for clock in (9.0, 10.0, 40.0, 41.0)] == [1, 0, 0, 1]


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
        rest_power_mW("nucleo_l4r5zi_p", "nap", 100)


def test_average_power_by_hand():
    assert average_power(40.0, 0.002, 50.0, 1000.0) == pytest.approx(0.05 * 40 + 0.95 * 0.002)
    with pytest.raises(ValueError, match="longer than the period"):
        average_power(40.0, 0.002, 50.0, 40.0)


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
    with pytest.raises(ValueError, match="average_power_mW must be .* above 0 mW, not 0"):
        battery_life(0)
    with pytest.raises(ValueError, match="usable_share must be a share .* not 1.5"):
        battery_life(1.0, usable_share=1.5)
    with pytest.raises(ValueError, match=r"more than a CR2032 coin cell can give \(6.8 mA\)"):
        battery_life(42.0, "cr2032")


@settings(max_examples=50)
@given(st.lists(st.floats(1e-4, 18), min_size=1, max_size=5))
def test_battery_arrays_equal_single_values(powers):
    cell = battery("cr2032")
    np.testing.assert_allclose(
        battery_days(np.array(powers), cell), [battery_life(p, cell).days for p in powers]
    )
