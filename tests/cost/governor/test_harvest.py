"""Traces: repeatable, in their bounds, and of the shape that nature gives them."""

import numpy as np
import pytest

from tinylab.cost.governor.harvest import (
    SLOTS_PER_DAY,
    density_mW,
    machine_loads,
    trace,
    vibration_mW,
)


def test_a_seed_repeats_and_another_differs():
    one, same, other = trace(3, seed=1), trace(3, seed=1), trace(3, seed=2)
    assert np.array_equal(one.harvest_mJ, same.harvest_mJ) and np.array_equal(one.load, same.load)
    assert not np.array_equal(one.harvest_mJ, other.harvest_mJ)


def test_the_sun_shines_by_day_and_never_above_the_published_density():
    days = trace(40, solar_cm2=2.0, first_day=172, seed=3)
    assert days.solar_mW.shape == (40, SLOTS_PER_DAY)
    assert days.solar_mW.min() >= 0
    assert days.solar_mW.max() <= 2 * density_mW("solar_outdoors")
    midnight, noon = days.solar_mW[:, [0, -1]], days.solar_mW[:, SLOTS_PER_DAY // 2]
    assert not midnight.any() and (noon > 0).all()


def test_summer_gives_more_than_winter_and_the_equator_more_than_here():
    def total(**where):
        return trace(30, seed=4, **where).solar_mW.sum()

    assert total(first_day=172) > 2 * total(first_day=355)
    assert total(latitude_deg=0) > total(latitude_deg=50)


def test_an_equinox_day_is_twelve_hours_long():
    lit = trace(1, first_day=80, seed=5).solar_mW[0] > 0
    assert lit.sum() == pytest.approx(SLOTS_PER_DAY / 2, abs=1)


def test_vibration_follows_the_square_of_the_acceleration():
    power = vibration_mW(np.arange(4), 3.0)
    assert power[0] == 0 and power[3] == pytest.approx(3 * density_mW("vibration"))
    assert np.all(np.diff(power) > 0)


def test_the_machine_works_in_shifts():
    loads = machine_loads(200, np.random.default_rng(6))
    running = (loads > 0).mean(axis=0)
    morning, night = SLOTS_PER_DAY * 7 // 24, SLOTS_PER_DAY * 2 // 24
    assert running[morning] == 1
    assert 0.3 < running[night] < 0.7
    assert loads[:, night].max() == 2 and loads.max() == 3
    changes = np.abs(
        np.diff(loads[:, SLOTS_PER_DAY * 7 // 24 : SLOTS_PER_DAY * 8 // 24].astype(int))
    )
    assert changes.max() <= 1


def test_bad_sizes_are_refused():
    with pytest.raises(ValueError, match="days must be a whole number of 1"):
        trace(0)
    with pytest.raises(ValueError, match="solar_cm2 must be|vibration_cm3 must be"):
        trace(1, solar_cm2=-1)
