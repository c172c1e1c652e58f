"""The environment by Gymnasium's own checker, and Q-learning against value iteration."""

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from tinylab.cost.governor.actions import SLEEP, Action, Variant, actions_for
from tinylab.cost.governor.environment import GovernorEnv
from tinylab.cost.governor.harvest import SLOTS_PER_DAY, Trace, trace
from tinylab.cost.governor.optimum import offline_optimum
from tinylab.cost.governor.policies import best_fixed
from tinylab.cost.governor.q_learning import LearningSettings, Tiles, learn
from tinylab.cost.governor.station import Observation, Station, simulate, station
from tinylab.cost.power.dvfs import dvfs_points

SMALL = Station(
    (
        SLEEP,
        Action("cheap", 1, None, 1.0, 1, (0.0, 1.0, 1.0, 1.0)),
        Action("rich", 2, None, 1.0, 3, (0.0, 4.0, 4.0, 4.0)),
    ),
    capacity=4,
    sleep_cost=0,
    quantum_mJ=1.0,
)


def steady(days: int, income_mJ: float) -> Trace:
    """A machine that always runs, and a sun that always shines."""
    load = np.ones((days, SLOTS_PER_DAY), np.int8)
    power = np.full(load.shape, income_mJ / 1800)
    return Trace(load, power, 0 * power, 0)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_gymnasium_accepts_the_environment():
    check_env(GovernorEnv(SMALL, steady(3, 1.0), days_per_episode=1), skip_render_check=True)


def test_the_environment_is_the_simulation():
    days = steady(2, 1.0)
    env = GovernorEnv(SMALL, days, days_per_episode=2)
    seen, _ = env.reset(options={"day": 0, "level": 2})
    total, cut = 0.0, False
    while not cut:
        seen, reward, ended, cut, _ = env.step(2)
        total += reward
        assert not ended
    run = simulate(SMALL, days, lambda observation: 2)
    assert total == run.values.sum()
    with pytest.raises(ValueError, match="days_per_episode"):
        GovernorEnv(SMALL, days, days_per_episode=3)


def value_iteration(place: Station, income: int, load: int, discount: float) -> np.ndarray:
    """Optimal values of entries (level, action) of a world that never changes."""
    table = np.zeros((place.capacity + 1, len(place.actions)))
    for _ in range(2000):
        best = table.max(axis=1)
        for level in range(place.capacity + 1):
            for action in range(len(place.actions)):
                after, value, _ = place.step(level, action, income, load)
                table[level, action] = value + discount * best[after]
    return table


def test_q_learning_converges_to_the_optimal_values():
    tiles = Tiles(levels=5, dayparts=1, harvests=())
    env = GovernorEnv(SMALL, steady(30, 1.0), days_per_episode=2)
    # With capacity 4 and five parts, every level but the last two is a state of its own.
    learned = learn(
        env,
        SMALL,
        tiles=tiles,
        settings=LearningSettings(400, 0.8, (1.0, 1.0), rate_exponent=0.6, slowest_rate=0.0),
        seed=1,
    )
    exact = value_iteration(SMALL, 1, 1, 0.8)
    for level in range(5):
        state = tiles.state(level, 4, 0, 1, 1)
        assert np.allclose(learned.table[state], exact[level], atol=0.05), level
        seen = Observation(level, 4, 0, 1, 1)
        assert exact[level, learned(seen)] == pytest.approx(exact[level].max())
    assert learned.visited == pytest.approx(5 / tiles.states)


def test_tiles_number_every_state_once():
    tiles = Tiles(levels=3, dayparts=4, harvests=(5,))
    every = {
        tiles.state(level, 9, slot, load, harvest)
        for level in range(10)
        for slot in range(SLOTS_PER_DAY)
        for load in range(4)
        for harvest in (0, 5)
    }
    assert every == set(range(tiles.states))
    assert tiles.load(tiles.state(9, 9, 0, 3, 0)) == 3


def test_a_seed_repeats_the_learning():
    env = GovernorEnv(SMALL, steady(5, 1.0), days_per_episode=1)
    first, second = (learn(env, SMALL, settings=LearningSettings(5), seed=3) for _ in range(2))
    assert np.array_equal(first.table, second.table) and np.array_equal(first.curve, second.curve)


def test_learning_comes_near_the_bound_on_days_it_never_saw():
    """The notebook's claim, with detection rates given instead of measured."""
    points = dvfs_points("nucleo_l4r5zi_p")
    variants = [Variant("full", 5.8e7, 0.7), Variant("narrow", 2.8e7, 0.5)]
    found = actions_for(variants, points, seconds=2.0)
    place = station(found, store_J=0.6, sleep_mW=points[0].sleep_mW)
    sizes = {"solar_cm2": 0.06, "vibration_cm3": 0.5}
    held_out = trace(30, seed=2, **sizes)
    governor = learn(GovernorEnv(place, trace(300, seed=1, **sizes)), place)
    learned = simulate(place, held_out, governor).value_per_day
    assert learned >= 0.9 * offline_optimum(place, held_out).value_per_day
    assert learned > best_fixed(place, held_out)[1].value_per_day
