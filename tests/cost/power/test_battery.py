"""Batteries that only the load empties."""

from dataclasses import replace

import pytest

from tinylab.cost import battery, battery_life
from tinylab.cost.power.battery import battery_days


def test_without_self_discharge_days_are_energy_over_power():
    cell = battery("cr2032")
    ideal = replace(cell, self_discharge=replace(cell.self_discharge, value=0.0))
    usable_J = cell.energy_J * 0.8 * 0.9
    life = battery_life(0.5, ideal)
    assert life.days == pytest.approx(usable_J / 0.5e-3 / 86_400)
    assert life.days == pytest.approx(life.days_without_self_discharge)
    assert battery_days(0.5, ideal) > battery_days(0.5, cell)
