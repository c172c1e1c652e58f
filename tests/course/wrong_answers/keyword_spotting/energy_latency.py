"""Wrong answers to the exercises of `keyword_spotting_energy`: the mistakes learners make."""

import numpy as np

from tests.course.wrong_answers import wrong_answer


@wrong_answer("latency_from_cycles", says="divide by 1000 more")
def takes_megahertz_for_kilohertz(macs, cycles_per_mac, overhead_cycles, clock_MHz):
    return (macs * cycles_per_mac + overhead_cycles) / clock_MHz


@wrong_answer("latency_from_cycles", says="in seconds")
def answers_in_seconds(macs, cycles_per_mac, overhead_cycles, clock_MHz):
    return (macs * cycles_per_mac + overhead_cycles) / (clock_MHz * 1e6)


@wrong_answer("latency_from_cycles", says="the overhead is missing")
def forgets_the_overhead(macs, cycles_per_mac, overhead_cycles, clock_MHz):
    return macs * cycles_per_mac / clock_MHz / 1000


@wrong_answer("fit_cycles_per_mac", says="negative")
def lets_costs_be_negative(macs, cycles):
    return np.linalg.lstsq(macs, cycles, rcond=None)[0]


@wrong_answer("fit_cycles_per_mac", says="cutting off a negative cost")
def cuts_negative_costs_off(macs, cycles):
    return np.maximum(np.linalg.lstsq(macs, cycles, rcond=None)[0], 0)


@wrong_answer("fit_cycles_per_mac", says="the true costs must come out")
def takes_one_cost_for_all(macs, cycles):
    return np.full(macs.shape[1], cycles.sum() / macs.sum())


@wrong_answer("duty_cycle_power_mW", says="only for the rest")
def sleeps_all_the_time(active_power_mW, sleep_power_mW, active_ms, period_ms):
    _check(active_ms, period_ms)
    return active_power_mW * active_ms / period_ms + sleep_power_mW


@wrong_answer("duty_cycle_power_mW", says="sleeping costs power too")
def sleeps_for_nothing(active_power_mW, sleep_power_mW, active_ms, period_ms):
    _check(active_ms, period_ms)
    return active_power_mW * active_ms / period_ms


@wrong_answer("duty_cycle_power_mW", says="Raise ValueError")
def does_the_impossible(active_power_mW, sleep_power_mW, active_ms, period_ms):
    share = active_ms / period_ms
    return share * active_power_mW + (1 - share) * sleep_power_mW


def _check(active_ms, period_ms):
    if active_ms > period_ms:
        raise ValueError("the work does not fit into the period")


@wrong_answer("battery_life_days", says="self-discharge is missing")
def forgets_the_leak(capacity_mAh, voltage_V, average_power_mW, self_discharge_per_year):
    return capacity_mAh * voltage_V / average_power_mW / 24


@wrong_answer("battery_life_days", says="not a smaller battery")
def shrinks_the_battery(capacity_mAh, voltage_V, average_power_mW, self_discharge_per_year):
    return capacity_mAh * voltage_V * (1 - self_discharge_per_year) / average_power_mW / 24


@wrong_answer("battery_life_days", says="in hours")
def answers_in_hours_with_leak(capacity_mAh, voltage_V, average_power_mW, self_discharge_per_year):
    energy = capacity_mAh * voltage_V
    return energy / (average_power_mW + energy * self_discharge_per_year / 8760)


@wrong_answer("power_line", says="a and b are swapped")
def swaps_slope_and_intercept(clocks_MHz, powers_mW):
    b, a = np.polyfit(clocks_MHz, powers_mW, 1)
    return b, a


@wrong_answer("power_line", says="not at the lowest clock")
def takes_the_lowest_power(clocks_MHz, powers_mW):
    b, _ = np.polyfit(clocks_MHz, powers_mW, 1)
    return powers_mW[0], b


@wrong_answer("power_line", says="need not go through the origin")
def goes_through_the_origin(clocks_MHz, powers_mW):
    return 0.0, float(np.mean(powers_mW / clocks_MHz))


@wrong_answer("power_line", says="what is left at a clock of 0")
def takes_the_first_and_the_last_point(clocks_MHz, powers_mW):
    slope = (powers_mW[-1] - powers_mW[0]) / (clocks_MHz[-1] - clocks_MHz[0])
    return powers_mW[0] - slope * clocks_MHz[0], slope


def _trapezia(time_ms, power_mW):
    return float(np.sum(np.diff(time_ms) * (power_mW[1:] + power_mW[:-1]) / 2))


@wrong_answer("trace_energy_uJ", says="that is the whole trace")
def integrates_everything(time_ms, power_mW, first_ms, last_ms):
    return _trapezia(time_ms, power_mW)


@wrong_answer("trace_energy_uJ", says="multiply by their distance")
def adds_samples_up(time_ms, power_mW, first_ms, last_ms):
    return float(power_mW[(time_ms >= first_ms) & (time_ms <= last_ms)].sum())


@wrong_answer("trace_energy_uJ", says="nothing to divide")
def divides_by_a_thousand(time_ms, power_mW, first_ms, last_ms):
    inside = (time_ms >= first_ms) & (time_ms <= last_ms)
    return _trapezia(time_ms[inside], power_mW[inside]) / 1000


@wrong_answer("trace_energy_uJ", says="count, too")
def leaves_the_ends_out(time_ms, power_mW, first_ms, last_ms):
    inside = (time_ms > first_ms) & (time_ms < last_ms)
    return _trapezia(time_ms[inside], power_mW[inside])
