"""Exercises of notebooks/source/03_anomaly_detection/4_energy_latency.py."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Mistake, Point
from tinylab.course.exercises.judging import also_fixed, expect, expect_close, expect_number

__all__ = ["EXERCISES"]


def scales_the_power(answer, rng):
    """Power goes with clock and voltage squared."""
    for _ in range(4):
        power, low = rng.uniform(5, 60), rng.uniform(0.8, 1.0)
        high = low + rng.uniform(0.1, 0.4)
        slow, fast = rng.uniform(10, 60), rng.uniform(80, 200)
        expect_close(
            expect_number(answer(power, fast, high, slow, low)),
            power * slow / fast * (low / high) ** 2,
            otherwise="the power does not follow clock and voltage: by how much does each "
            "change, and how often does each enter?",
            likely={
                "the voltage counts squared: less charge, moved through less voltage.": (
                    power * slow / fast * low / high
                ),
                "the ratio of the clocks is missing.": power * (low / high) ** 2,
                "the voltage is missing: a slow clock alone saves no energy.": power * slow / fast,
                "the ratios are upside down: the slower clock takes less power.": (
                    power * fast / slow * (high / low) ** 2
                ),
            },
        )


def same_point_same_power(answer, rng):
    """The same clock and voltage leave the power alone."""
    expect_close(
        expect_number(answer(42.0, 120.0, 1.2, 120.0, 1.2)),
        42.0,
        otherwise="at the same clock and voltage the power is the same.",
    )


def finds_the_slowest(answer, rng):
    """The lowest clock that is in time."""
    fixed = [16.0, 48.0, 80.0, 160.0]
    drawn = np.sort(rng.choice(np.arange(10, 300), 5, replace=False)).astype(float).tolist()
    for clocks, cycles, deadline_ms, right in (
        (fixed, 1e6, 100.0, 16.0),
        (fixed, 1e6, 20.0, 80.0),
        (fixed, 3.2e6, 20.0, 160.0),
        (drawn, 1e4 * (drawn[1] + 0.5), 10.0, drawn[2]),
        (drawn, 1e4 * (drawn[2] - 0.5), 10.0, drawn[2]),
    ):
        got = expect_number(answer(np.array(clocks), cycles, deadline_ms))
        if got == clocks[-1] > right:
            raise Mistake("that is the fastest clock: a slower one is in time, at a lower voltage.")
        expect(
            got == right,
            f"{cycles:g} cycles within {deadline_ms:g} ms need {cycles / deadline_ms / 1e3:g} MHz;"
            f" the lowest of the clocks that gives them is {right:g}, not {got:g}.",
        )


def takes_any_order(answer, rng):
    """The clocks may come in any order."""
    got = expect_number(answer(np.array([80.0, 16.0, 160.0, 48.0]), 1e6, 30.0))
    expect(got == 48.0, "the clocks need not be sorted: take the lowest of those that are in time.")


def refuses_what_is_too_late(answer, rng):
    """No clock is fast enough."""
    try:
        result = answer(np.array([16.0, 48.0]), 1e7, 10.0)
    except Mistake as mistake:
        expect(
            "ValueError" in str(mistake),
            "if no clock is in time, raise ValueError with a sentence.",
        )
        return
    expect(
        False,
        f"no clock does 10 million cycles within 10 ms here; raise ValueError, not {result!r}.",
    )


def keeps_the_books(answer, rng):
    """Pay, then harvest, up to the capacity."""
    for _ in range(6):
        capacity = float(rng.integers(50, 100))
        level, cost = float(rng.integers(20, 50)), float(rng.integers(1, 20))
        harvest = float(rng.integers(0, 30))
        expect_close(
            expect_number(answer(level, cost, harvest, capacity)),
            min(level - cost + harvest, capacity),
            otherwise="the level afterwards is wrong: ask what goes out, what comes in, and "
            "what happens when the store is full.",
            likely={
                "the store overflows: not more than the capacity fits in.": level - cost + harvest,
            },
        )
    full = expect_number(answer(90.0, 10.0, 50.0, 100.0))
    expect(full <= 100.0, "the store overflows: not more than the capacity fits in.")


def cannot_overspend(answer, rng):
    """What is not there cannot be paid: the device sleeps."""
    got = expect_number(answer(5.0, 8.0, 2.0, 100.0))
    if got == -1.0:
        raise Mistake("the store went below zero: an action that cannot be paid is not done.")
    if got == 2.0:
        raise Mistake(
            "an action that cannot be paid costs nothing: the device sleeps and keeps its 5."
        )
    expect(got == 7.0, f"with 5 stored a cost of 8 cannot be paid, so 5 + 2 are left, not {got:g}.")
    exact = expect_number(answer(8.0, 8.0, 2.0, 100.0))
    expect(exact == 2.0, "a cost of exactly what is stored can be paid: it leaves an empty store.")
    early = expect_number(answer(5.0, 8.0, 10.0, 100.0))
    expect(
        early == 15.0,
        "the harvest comes after the payment: what is not stored yet cannot be spent in the same"
        " slot.",
    )


def looks_one_step_ahead(answer, rng):
    """The best of reward now plus value of what is left."""
    for _ in range(5):
        levels, actions = 6, 4
        rewards = rng.uniform(0, 5, actions)
        following = rng.integers(0, levels, actions)
        later = rng.uniform(0, 9, levels)
        totals = rewards + later[following]
        likely = {
            "the future is missing: that is the best reward of this slot alone.": rewards.max(),
            "the reward of this slot is missing.": later[following].max(),
            "that is the value of the most rewarding action; take the largest sum.": (
                totals[rewards.argmax()]
            ),
            "take the best action, not the mean over them.": totals.mean(),
        }
        expect_close(
            expect_number(answer(rewards.copy(), following.copy(), later.copy())),
            totals.max(),
            otherwise="for each action add its reward and the value of the level it leads to; take"
            " the best.",
            likely=likely,
        )


def saves_when_later_is_worth_more(answer, rng):
    """Giving up a small reward for a larger one later."""
    got = expect_number(answer(np.array([0.0, 1.0]), np.array([5, 0]), np.arange(6.0)))
    expect_close(
        got,
        5.0,
        otherwise="sleeping now keeps level 5, which is worth 5: more than 1 now.",
        likely={"that is the value of the most rewarding action; take the largest sum.": 1.0},
    )


def moves_towards_the_target(answer, rng):
    """old + rate * (reward + discount * best - old)."""
    for _ in range(5):
        old, reward = rng.uniform(0, 5), rng.uniform(1, 3)
        ahead = rng.uniform(0, 5, 4)
        rate, discount = rng.uniform(0.05, 0.5), rng.uniform(0.7, 0.95)
        target = reward + discount * ahead.max()
        expect_close(
            expect_number(answer(old, reward, ahead.copy(), rate, discount)),
            old + rate * (target - old),
            otherwise="the entry must move a part of the way from what it was to what this "
            "step has shown.",
            likely={
                "take the largest entry of the next state, not the mean.": (
                    old + rate * (reward + discount * ahead.mean() - old)
                ),
                "the future must be discounted.": old + rate * (reward + ahead.max() - old),
                "the old entry must be taken off the target before the rate is applied.": (
                    old + rate * target
                ),
                "that jumps all the way; move by the rate only.": target,
                "the reward is missing.": old + rate * (discount * ahead.max() - old),
            },
        )


def knows_the_extreme_rates(answer, rng):
    """Rate 0 learns nothing; rate 1 believes the last try."""
    ahead = np.array([1.0, 4.0])
    expect_close(
        expect_number(answer(2.0, 1.0, ahead, 0.0, 0.5)),
        2.0,
        otherwise="at rate 0 nothing is learned.",
    )
    expect_close(
        expect_number(answer(2.0, 1.0, ahead, 1.0, 0.5)),
        3.0,
        otherwise="at rate 1 nothing is left of the old entry: what this step has shown takes its"
        " place.",
    )


EXERCISES = (
    Exercise(
        id="scaled_power_mW",
        title="Power at another voltage and clock",
        points=(
            Point("scales the power", scales_the_power),
            Point("same point, same power", same_point_same_power),
        ),
    ),
    Exercise(
        id="slowest_clock_MHz",
        title="As slow as the deadline allows",
        points=(
            Point("finds the slowest", finds_the_slowest),
            Point("takes any order", takes_any_order),
            Point("refuses what is too late", refuses_what_is_too_late),
        ),
    ),
    Exercise(
        id="store_after",
        title="The books of a small store",
        points=(
            Point("keeps the books", keeps_the_books),
            Point("cannot overspend", cannot_overspend),
        ),
    ),
    Exercise(
        id="best_value",
        title="One step of dynamic programming",
        points=(
            Point("looks one step ahead", also_fixed(looks_one_step_ahead, 1)),
            Point("saves when later is worth more", saves_when_later_is_worth_more),
        ),
    ),
    Exercise(
        id="q_update",
        title="One step of Q-learning",
        points=(
            Point("moves towards the target", moves_towards_the_target),
            Point("knows the extreme rates", knows_the_extreme_rates),
        ),
    ),
)
