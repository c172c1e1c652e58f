"""One lever, or all: against every combination, tried by itself with the whole device's budget."""

import dataclasses
import itertools

import numpy as np
import pytest

from tests.search.joint.examples import made_up_results
from tinylab import cost
from tinylab.search.joint.costs import joint_costs
from tinylab.search.joint.levers import LEVERS, Limits, choose_levers, cycles_on
from tinylab.search.joint.settings import CLOCK_SHARES, RESTS

BOARD = "nucleo_l4r5zi_p"
DEVICE = cost.Device(period_s=5.0, features_cycles=1e6)
HURRIED = dataclasses.replace(DEVICE, period_s=1.035)
RESULTS = made_up_results()
COSTS = joint_costs(RESULTS)
CYCLES = cycles_on(RESULTS, COSTS, BOARD)
ALL = frozenset(LEVERS)
ALONE = [frozenset({name}) for name in LEVERS]


def chosen(floor: float, flash_bytes: int | None = None, device=DEVICE):
    return choose_levers(RESULTS, COSTS, CYCLES, device, Limits(floor, flash_bytes))


def days_of_everything(device) -> np.ndarray:
    """Days of (compression, exit, rest, clock); nan where the longest way does not fit."""
    shape, days = RESULTS.right.shape, []
    for rest in RESTS:
        there = dataclasses.replace(device, rest=rest)
        early, most = (
            cost.sweep(amounts.reshape(-1, 6), [BOARD], CLOCK_SHARES, device=there).battery_days
            for amounts in (COSTS.early, COSTS.most)
        )
        share = (RESULTS.early / RESULTS.subject.examples).reshape(-1, 1)
        rate = share / early[:, 0] + (1 - share) / most[:, 0]
        days.append((1 / rate).reshape(*shape, -1))
    return np.stack(days, axis=2)


@pytest.mark.parametrize(
    "device, floor, flash_bytes",
    [(DEVICE, 0.7, None), (DEVICE, 0.78, 10_000), (HURRIED, 0.72, 14_000)],
)
def test_the_best_of_each_set_of_levers_is_the_best_of_all_combinations(device, floor, flash_bytes):
    exits, subject = RESULTS.exits, RESULTS.subject
    days = days_of_everything(device)
    plain = np.flatnonzero(exits.after == 0)
    start = exits.network[plain[RESULTS.right[0, plain].argmax()]]
    best = dict.fromkeys(chosen(floor, flash_bytes, device), -np.inf)
    for kind, exit_, rest, clock in itertools.product(*map(range, days.shape)):
        one = subject.compressions[kind]
        pulled = {
            "network": exits.network[exit_] != start,
            "bits": one.bits != 8,
            "pruning": one.kept != 1,
            "exit": exits.after[exit_] > 0,
            "clock": clock != days.shape[3] - 1,
            "rest": RESTS[rest] != "idle",
        }
        fits = flash_bytes is None or COSTS.flash_bytes[kind, exit_] <= flash_bytes
        value = days[kind, exit_, rest, clock]
        if RESULTS.accuracy[kind, exit_] < floor or not fits or np.isnan(value):
            continue
        needed = {name for name, is_pulled in pulled.items() if is_pulled}
        for levers in best:
            if needed <= levers:
                best[levers] = max(best[levers], value)
    for levers, lever in chosen(floor, flash_bytes, device).items():
        assert (lever.days if lever else -np.inf) == pytest.approx(best[levers], rel=1e-6)


def test_days_with_an_exit_are_those_of_two_devices_in_their_shares():
    """Power of those that leave and of those that stay, each from the device's own budget."""
    lever = chosen(0.7)[ALL - {"network"}]
    assert lever.exit_after
    exits = RESULTS.exits
    kind = RESULTS.subject.compressions.index(lever.compression)
    number = RESULTS.subject.space.architectures.index(lever.architecture)
    where = (exits.network == number) & (exits.after == lever.exit_after)
    at = int(np.flatnonzero(where & (exits.threshold == lever.threshold))[0])
    device = dataclasses.replace(DEVICE, rest=lever.rest)
    lives = [
        cost.device_budget(
            cost.Workload("one", "int8", 1, amounts, amounts),
            BOARD,
            device,
            clock_MHz=lever.clock_MHz,
        ).life.days
        for amounts in (COSTS.early[kind, at], COSTS.most[kind, at])
    ]
    rate = lever.early / lives[0] + (1 - lever.early) / lives[1]
    assert lever.days == pytest.approx(1 / rate, rel=1e-6)


def test_more_freedom_is_never_worse_and_all_of_it_is_best():
    found = chosen(0.7)
    none, every = found[frozenset()], found[ALL]
    for one in ALONE:
        assert none.days <= found[one].days < every.days
        assert found[one].days <= found[ALL - {next(iter(one))}].days or one == {"rest"}
        assert found[ALL - one].days <= every.days
    assert (none.rest, every.rest) == ("idle", "sleep")


def test_the_limits_are_kept():
    for floor, flash_bytes in ((0.65, 5_000), (0.8, 12_000), (0.89, 30_000)):
        for one in chosen(floor, flash_bytes).values():
            assert one is None or (one.accuracy >= floor and one.flash_bytes <= flash_bytes)
    assert set(chosen(0.99).values()) == {None}


def test_a_lever_that_saves_only_flash_is_pulled_where_flash_is_short():
    free, short = chosen(0.78)[ALL], chosen(0.78, 10_000)[ALL]
    assert free.compression.bits == 8 and short.compression.bits == 4
    assert short.days < free.days
    assert chosen(0.78)[frozenset({"bits"})].compression.bits == 8
