"""Several levers at once: each choice against the cost model, and more freedom never costs."""

import dataclasses

import numpy as np
import pytest

from tinylab import cost
from tinylab.search.joint import LEVERS, choose_levers, days_of_all
from tinylab.search.results import SearchResults
from tinylab.search.space import Space, as_rows, costs_of

BOARD = "nucleo_l4r5zi_p"
SPACE = Space((2, 4), (16, 64))
DEVICE = cost.Device(period_s=5.0, features_cycles=1e6)


@pytest.fixture(scope="module")
def results() -> SearchResults:
    """Larger networks are more accurate here."""
    weights = costs_of(as_rows(SPACE.architectures)).weight_bytes
    accuracy = tuple((0.6 + 0.3 * weights / weights.max()).tolist())
    return SearchResults(SPACE.strides, SPACE.widths, accuracy, 100, 50, 0.95, (), (), {})


@pytest.fixture(scope="module")
def days(results):
    return days_of_all(results, BOARD, DEVICE)


def test_days_are_those_of_the_whole_device(results, days):
    all_days, clocks = days
    for network, rest, clock in ((0, 1, 3), (20, 0, -1)):
        costs = costs_of(as_rows([SPACE.architectures[network]]))
        device = dataclasses.replace(DEVICE, rest=("idle", "sleep")[rest])
        load = cost.Workload("one", "int8", int(costs.macs[0]), *[costs.amounts[0]] * 2)
        budget = cost.device_budget(load, BOARD, device, clock_MHz=float(clocks[clock]))
        assert all_days[network, rest, clock] == pytest.approx(budget.life.days, rel=1e-6)


def test_more_freedom_is_never_worse_and_all_of_it_is_best(results, days):
    none, network, clock, rest, every = choose_levers(results, *days, floor=0.7)
    assert [one.name for one in (none, network, clock, rest, every)] == list(LEVERS)
    assert none.days <= min(network.days, clock.days, rest.days)
    assert every.days > max(network.days, clock.days, rest.days)
    assert (none.rest, every.rest) == ("idle", "sleep")
    assert clock.architecture == rest.architecture == none.architecture


def test_the_floor_is_kept(results, days):
    for floor in (0.65, 0.8, 0.89):
        assert all(one.accuracy >= floor for one in choose_levers(results, *days, floor))
    with pytest.raises(ValueError, match="lower the floor"):
        choose_levers(results, *days, 0.99)


def test_nothing_that_does_not_fit_is_chosen(results):
    hurried = cost.Device(period_s=1.0, collect_s=0.99, features_cycles=5e6)
    found, _ = days_of_all(results, BOARD, hurried)
    assert np.isnan(found).any()
