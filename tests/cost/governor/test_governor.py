"""The station's arithmetic, the offline optimum against brute force, and the policies."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylab.cost.governor.actions import (
    DEADLINES_S,
    SLEEP,
    Action,
    Variant,
    actions_for,
    listening,
    look_cost_mJ,
    value_of,
)
from tinylab.cost.governor.harvest import SLOT_S, trace
from tinylab.cost.governor.optimum import offline_optimum, plan
from tinylab.cost.governor.policies import Fixed, Threshold, best_fixed, best_threshold, worthwhile
from tinylab.cost.governor.station import Observation, Station, quanta, simulate, station
from tinylab.cost.power.dvfs import dvfs_points


def toy(capacity=4, sleep_cost=0) -> Station:
    cheap = Action("cheap", 1, None, 1.0, 1, (0.0, 1.0, 1.0, 1.0))
    rich = Action("rich", 2, None, 1.0, 3, (0.0, 1.5, 2.0, 5.0))
    return Station((SLEEP, cheap, rich), capacity, sleep_cost, 1.0)


@pytest.fixture(scope="module")
def real() -> Station:
    points = dvfs_points("nucleo_l4r5zi_p")
    found = actions_for(
        [Variant("full", 6e7, 0.6), Variant("narrow", 3e7, 0.4)], points, seconds=2.0
    )
    return station(found, store_J=0.6, sleep_mW=points[0].sleep_mW)


def test_a_slot_pays_first_and_harvests_afterwards():
    place = toy()
    assert place.step(3, 2, 1, 3) == (1, 5.0, False)
    assert place.step(2, 2, 1, 3) == (3, 0.0, True)
    assert place.step(4, 0, 9, 3) == (4, 0.0, False)
    assert toy(sleep_cost=2).step(1, 1, 3, 1) == (3, 1.0, False)


@given(st.integers(0, 4), st.integers(0, 2), st.integers(0, 9), st.integers(0, 3))
def test_energy_is_never_made(level, action, harvest, load):
    place = toy(sleep_cost=1)
    after, value, dark = place.step(level, action, harvest, load)
    assert 0 <= after <= min(place.capacity, level + harvest)
    assert value == 0 or not dark


@pytest.mark.parametrize("seed", range(6))
def test_the_plan_equals_brute_force(seed):
    rng = np.random.default_rng(seed)
    harvest, load = rng.integers(0, 3, 6), rng.integers(0, 4, 6)
    place = toy(sleep_cost=int(rng.integers(0, 2)))
    found = plan(place, harvest, load)
    for start in range(place.capacity + 1):
        best = 0.0
        for choice in itertools.product(range(3), repeat=6):
            level, total = start, 0.0
            for action, income, work in zip(choice, harvest, load):
                level, value, _ = place.step(level, action, int(income), int(work))
                total += value
            best = max(best, total)
        assert found.value[start] == pytest.approx(best)


def test_the_optimum_run_collects_what_the_plan_promises(real):
    days = trace(3, solar_cm2=0.06, seed=1)
    run = offline_optimum(real, days)
    start = int(0.5 * real.capacity)
    promised = plan(real, quanta(days, 1.0).ravel(), days.load.ravel()).value[start]
    assert run.values.sum() == pytest.approx(promised)
    assert run.brown_outs == 0


def test_no_policy_beats_the_optimum(real):
    days = trace(4, solar_cm2=0.06, vibration_cm3=0.5, seed=2)
    bound = offline_optimum(real, days).value_per_day
    fixed, _ = best_fixed(real, days)
    threshold, run = best_threshold(real, days, shares=(0.25, 0.75))
    for policy in (fixed, threshold, Fixed(0)):
        assert simulate(real, days, policy).value_per_day <= bound + 1e-9
    assert run.value_per_day == simulate(real, days, threshold).value_per_day
    assert simulate(real, days, Fixed(0)).value_per_day == 0


def test_a_threshold_policy_goes_by_the_level():
    policy = Threshold(0.25, 0.75, (1, 2, 3))
    chosen = [policy(Observation(level, 100, 0, 2, 0)) for level in (0, 24, 25, 74, 75, 100)]
    assert chosen == [1, 1, 2, 2, 3, 3]
    assert policy(Observation(100, 100, 0, 0, 0)) == 0


def test_worthwhile_actions_are_the_pareto_front(real):
    for load in range(4):
        kept = worthwhile(real, load)
        for action in real.actions:
            assert any(
                real.actions[one].cost <= action.cost
                and real.actions[one].values[load] >= action.values[load]
                for one in kept
            )
        costs = [real.actions[one].cost for one in kept]
        assert costs == sorted(set(costs))


def test_actions_cost_what_listening_and_computing_take(real):
    points = dvfs_points("nucleo_l4r5zi_p")
    each = look_cost_mJ(points[1], points[0], 6e7, listening(2.0, 8))
    computing = points[1].active_mW * 6e7 / (points[1].clock_MHz * 1e6)
    waiting = (points[0].idle_mW + 0.65 * 1.8) * 2.0
    assert each == pytest.approx((computing + waiting) / 0.9)
    action = next(
        one for one in real.actions if one.name == f"full, 8 looks, {points[1].clock_MHz:g} MHz"
    )
    assert action.cost == math.ceil(8 * each)


def test_a_look_that_does_not_fit_is_refused():
    points = dvfs_points("nucleo_l4r5zi_p")
    with pytest.raises(ValueError, match="take fewer looks"):
        actions_for([Variant("slow", 1e12, 0.6)], points, seconds=2.0)


def test_a_late_answer_is_worth_nothing():
    for load in (1, 2, 3):
        assert value_of(4, 0.5, load, DEADLINES_S[load]) > 0
        assert value_of(4, 0.5, load, DEADLINES_S[load] * 1.01) == 0
    assert value_of(0, 0.5, 3, 0.0) == value_of(9, 0.5, 0, 0.0) == 0
    gains = np.diff([value_of(looks, 0.5, 3, 0.0) for looks in range(1, 9)])
    assert np.all(gains > 0) and np.all(np.diff(gains) < 0)


def test_quanta_lose_less_than_one():
    days = trace(5, seed=3)
    stored = quanta(days, 7.0)
    behind = np.cumsum(days.harvest_mJ.ravel()) - 7.0 * np.cumsum(stored.ravel())
    assert stored.min() >= 0 and behind.min() > -1e-6 and behind.max() < 7.0 + 1e-6


def test_sleeping_is_charged(real):
    asleep_mW = dvfs_points("nucleo_l4r5zi_p")[0].sleep_mW
    assert real.sleep_cost == math.ceil(asleep_mW / 0.9 * SLOT_S)
    with pytest.raises(ValueError, match="free first action"):
        Station(real.actions[1:], 10, 0, 1.0)
