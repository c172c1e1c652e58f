"""Wrong answers to the exercises of `anomaly_detection_energy`: the mistakes learners make."""

import numpy as np

from tests.course.wrong_answers import wrong_answer


@wrong_answer("scaled_power_mW", says="counts squared")
def takes_the_voltage_once(power_mW, clock_MHz, voltage_V, new_clock_MHz, new_voltage_V):
    return power_mW * new_clock_MHz / clock_MHz * new_voltage_V / voltage_V


@wrong_answer("scaled_power_mW", says="the voltage is missing")
def forgets_the_voltage(power_mW, clock_MHz, voltage_V, new_clock_MHz, new_voltage_V):
    return power_mW * new_clock_MHz / clock_MHz


@wrong_answer("scaled_power_mW", says="upside down")
def turns_the_ratios(power_mW, clock_MHz, voltage_V, new_clock_MHz, new_voltage_V):
    return power_mW * clock_MHz / new_clock_MHz * (voltage_V / new_voltage_V) ** 2


@wrong_answer("slowest_clock_MHz", says="the fastest clock")
def hurries(clocks_MHz, cycles, deadline_ms):
    if cycles > max(clocks_MHz) * 1000 * deadline_ms:
        raise ValueError("too slow")
    return float(max(clocks_MHz))


@wrong_answer("slowest_clock_MHz", says="need")
def takes_seconds(clocks_MHz, cycles, deadline_ms):
    fast = [clock for clock in clocks_MHz if cycles <= clock * 1e6 * deadline_ms]
    if not fast:
        raise ValueError("too slow")
    return float(min(fast))


@wrong_answer("slowest_clock_MHz", says="raise ValueError")
def comes_too_late(clocks_MHz, cycles, deadline_ms):
    fast = [clock for clock in clocks_MHz if cycles <= clock * 1e3 * deadline_ms]
    return float(min(fast or clocks_MHz))


@wrong_answer("slowest_clock_MHz", says="need not be sorted")
def trusts_the_order(clocks_MHz, cycles, deadline_ms):
    for clock in clocks_MHz:
        if cycles <= clock * 1e3 * deadline_ms:
            return float(clock)
    raise ValueError("too slow")


@wrong_answer("store_after", says="overflows")
def overflows(level, cost, harvest, capacity):
    return (level - cost if cost <= level else level) + harvest


@wrong_answer("store_after", says="below zero")
def goes_into_debt(level, cost, harvest, capacity):
    return min(level - cost + harvest, capacity)


@wrong_answer("store_after", says="costs nothing")
def empties_the_store(level, cost, harvest, capacity):
    return min(max(level - cost, 0) + harvest, capacity)


@wrong_answer("store_after", says="after the payment")
def spends_what_is_to_come(level, cost, harvest, capacity):
    left = level + harvest
    return min(left - cost if cost <= left else left, capacity)


@wrong_answer("store_after", says="exactly what is stored")
def keeps_the_last_drop(level, cost, harvest, capacity):
    return min((level - cost if cost < level else level) + harvest, capacity)


@wrong_answer("best_value", says="the future is missing")
def lives_for_the_day(rewards, next_levels, later):
    return rewards.max()


@wrong_answer("best_value", says="the reward of this slot is missing")
def only_saves(rewards, next_levels, later):
    return later[next_levels].max()


@wrong_answer("best_value", says="take the largest sum")
def is_greedy(rewards, next_levels, later):
    best = rewards.argmax()
    return rewards[best] + later[next_levels[best]]


@wrong_answer("q_update", says="not the mean")
def averages_the_future(old, reward, next_entries, rate, discount):
    return old + rate * (reward + discount * np.mean(next_entries) - old)


@wrong_answer("q_update", says="must be discounted")
def forgets_the_discount(old, reward, next_entries, rate, discount):
    return old + rate * (reward + np.max(next_entries) - old)


@wrong_answer("q_update", says="taken off the target")
def only_adds_up(old, reward, next_entries, rate, discount):
    return old + rate * (reward + discount * np.max(next_entries))


@wrong_answer("q_update", says="jumps all the way")
def believes_the_last_try(old, reward, next_entries, rate, discount):
    return reward + discount * np.max(next_entries)
