"""Exercises of notebooks/source/01_keyword_spotting/4_energy_latency.py."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Mistake, Point
from tinylab.course.exercises.judging import expect, expect_array, expect_close, expect_number

__all__ = ["EXERCISES"]


def turns_cycles_into_time(answer, rng):
    """MACs times cycles per MAC, plus the overhead, over the clock."""
    for _ in range(4):
        macs, per_mac = float(rng.integers(10_000, 10_000_000)), rng.uniform(0.5, 15)
        overhead, clock = rng.uniform(1e4, 1e5), rng.uniform(16, 500)
        cycles = macs * per_mac + overhead
        expect_close(
            expect_number(answer(macs, per_mac, overhead, clock)),
            cycles / clock / 1000,
            otherwise="count all cycles first; then ask how long they take at that clock.",
            likely={
                "1 MHz is a thousand cycles each millisecond: divide by 1000 more.": cycles / clock,
                "that is in seconds; milliseconds are asked for.": cycles / clock / 1e6,
                "the overhead is missing: it takes its cycles whatever the model does.": (
                    macs * per_mac / clock / 1000
                ),
                "the overhead is there once, not for every cycle per MAC.": (
                    (macs + overhead) * per_mac / clock / 1000
                ),
                "cycles per MAC multiply the MACs.": (macs / per_mac + overhead) / clock / 1000,
            },
        )


def halves_with_the_clock(answer, rng):
    """Twice the clock, half the time; no MACs leave the overhead."""
    once = expect_number(answer(2e6, 3.0, 5e4, 80.0))
    twice = expect_number(answer(2e6, 3.0, 5e4, 160.0))
    expect_close(twice, once / 2, otherwise="twice the clock must halve the time.")
    expect_close(
        expect_number(answer(0, 3.0, 64_000.0, 64.0)),
        1.0,
        otherwise="without MACs the overhead is left: 64,000 cycles at 64 MHz take 1 ms.",
    )


def weighs_by_time(answer, rng):
    """Active power for the active share of the period, sleep power for the rest."""
    for _ in range(4):
        active, sleep = rng.uniform(5, 100), rng.uniform(0.001, 2)
        period = rng.uniform(100, 5000)
        busy = rng.uniform(0.05, 0.9) * period
        share = busy / period
        expect_close(
            expect_number(answer(active, sleep, busy, period)),
            share * active + (1 - share) * sleep,
            otherwise="weigh each power by the share of the period it lasts.",
            likely={
                "the device sleeps only for the rest of the period.": share * active + sleep,
                "sleeping costs power too, for the rest of the period.": share * active,
                "that is the mean of two powers; weigh them by time.": (active + sleep) / 2,
                "that is the energy of a period in uJ; divide it by the period.": (
                    busy * active + (period - busy) * sleep
                ),
            },
        )


def knows_both_ends(answer, rng):
    """Never awake: sleep power; always awake: active power."""
    active, sleep = rng.uniform(5, 50), rng.uniform(0.01, 1)
    expect_close(
        expect_number(answer(active, sleep, 0.0, 1000.0)),
        sleep,
        otherwise="a device that never wakes draws its sleep power.",
    )
    expect_close(
        expect_number(answer(active, sleep, 1000.0, 1000.0)),
        active,
        otherwise="a device that never sleeps draws its active power.",
    )


def refuses_the_impossible(answer, rng):
    """An inference longer than the period cannot be done each period."""
    try:
        result = answer(20.0, 0.1, 1200.0, 1000.0)
    except Mistake as mistake:
        expect(
            "ValueError" in str(mistake),
            "an inference that outlasts its period must raise ValueError, with a sentence.",
        )
        return
    expect(
        False,
        f"1200 ms of work do not fit into 1000 ms; your answer is {result!r}. Raise ValueError.",
    )


def finds_the_costs(answer, rng):
    """Exact data give the true costs back."""
    for benchmarks, kinds in [(4, 2), (6, 3)]:
        macs = rng.uniform(0.1, 5, size=(benchmarks, kinds))
        costs = rng.uniform(0.5, 8, size=kinds)
        got = expect_array(answer(macs, macs @ costs), shape=(kinds,))
        expect_close(
            got, costs, otherwise="with exact measurements the true costs must come out.", rtol=1e-4
        )


def stays_positive(answer, rng):
    """No operator takes a negative number of cycles."""
    macs = np.array([[1.0, 1.0], [2.0, 1.9], [3.0, 3.2], [4.0, 3.9]])
    cycles = np.array([2.0, 4.1, 5.7, 8.1])
    got = expect_array(answer(macs, cycles), shape=(2,))
    expect(
        bool(np.all(got >= -1e-9)),
        "a cost came out negative: no operator gives cycles back. Least squares must not be"
        " negative.",
    )
    left = np.sum((macs @ got - cycles) ** 2)
    alone = min(
        np.sum((np.outer(macs[:, k], 1) @ [_slope(macs[:, k], cycles)] - cycles) ** 2)
        for k in (0, 1)
    )
    expect(
        left <= alone * 1.001,
        "a better fit exists: cutting off a negative cost is not the same as a non-negative fit.",
    )


def _slope(x, y) -> float:
    return float(x @ y / (x @ x))


def counts_the_leak(answer, rng):
    """Self-discharge drains beside the device."""
    for _ in range(4):
        capacity, voltage = rng.uniform(100, 3000), rng.uniform(1.5, 3.7)
        power, leak = rng.uniform(0.01, 3), rng.uniform(0.01, 0.3)
        energy_mWh = capacity * voltage
        leak_mW = energy_mWh * leak / (365 * 24)
        expect_close(
            expect_number(answer(capacity, voltage, power, leak)),
            energy_mWh / (power + leak_mW) / 24,
            otherwise="the cell also empties itself: bring what it loses in a year to a power"
            " first.",
            likely={
                "self-discharge is missing.": energy_mWh / power / 24,
                "the leak goes on every year: it is a power, not a smaller battery.": (
                    energy_mWh * (1 - leak) / power / 24
                ),
                "a year has 365 * 24 hours: the leak is an energy per year, you took it per day.": (
                    energy_mWh / (power + energy_mWh * leak / 24) / 24
                ),
                "that is in hours.": energy_mWh / (power + leak_mW),
            },
            rtol=2e-3,
        )


def never_outlives_the_leak(answer, rng):
    """A device that draws almost nothing still loses its battery."""
    days = expect_number(answer(225.0, 3.0, 1e-9, 0.1))
    expect_close(
        days,
        3650.0,
        otherwise="at 10 % a year even an idle device's battery is empty after ten years.",
        rtol=2e-3,
    )


def fits_the_line(answer, rng):
    """Intercept and slope of exact points, and of points that scatter."""
    for points in (2, 2, 5):
        a, b = rng.uniform(1, 20), rng.uniform(0.05, 0.5)
        clocks = np.sort(rng.uniform(20, 200, points))
        powers = a + b * clocks + (rng.normal(0, 1, points) if points > 2 else 0)
        slope, intercept = np.polyfit(clocks, powers, 1)
        got = answer(clocks, powers)
        expect(isinstance(got, tuple | list) and len(got) == 2, "return two numbers: a, then b.")
        got_a, got_b = (expect_number(number, name) for number, name in zip(got, "ab"))
        swapped = abs(got_a - slope) < 1e-6 and abs(got_b - intercept) < 1e-6
        expect(not swapped, "a and b are swapped: the part that no clock saves comes first.")
        likely = {
            "a is the power at a clock of 0, not at the lowest clock.": float(powers[0]),
            "the line need not go through the origin.": 0.0,
        }
        sentence = "b is the slope over the clock, and a what is left at a clock of 0."
        expect_close(got_a, intercept, otherwise=sentence, likely=likely, rtol=1e-6)
        expect_close(got_b, slope, otherwise=sentence, rtol=1e-6)


def integrates_the_trace(answer, rng):
    """The area between two moments, whatever the samples' distance."""
    for _ in range(4):
        time = np.cumsum(rng.uniform(0.5, 1.5, 40))
        power = rng.uniform(5, 50, 40)
        first, last = time[5] - 0.1, time[30] + 0.1
        t, p = time[5:31], power[5:31]
        area = float(np.sum(np.diff(t) * (p[1:] + p[:-1]) / 2))
        expect_close(
            expect_number(answer(time, power, first, last)),
            area,
            otherwise="add up width times mean power between each two samples.",
            likely={
                "that is the whole trace: only samples between both moments count.": float(
                    np.sum(np.diff(time) * (power[1:] + power[:-1]) / 2)
                ),
                "the samples are not one millisecond apart: multiply by their distance.": float(
                    p.sum()
                ),
                "that is the mean power; energy is power times time.": float(p.mean()),
                "a milliwatt for a millisecond is a microjoule: nothing to divide.": area / 1000,
            },
            rtol=1e-6,
        )


def both_ends_belong(answer, rng):
    """Samples at the very ends count; a single sample has no width."""
    time, power = np.array([0.0, 1.0, 2.0, 3.0]), np.array([10.0, 20.0, 20.0, 90.0])
    expect_close(
        expect_number(answer(time, power, 0.0, 2.0)),
        35.0,
        otherwise="samples at first_ms and at last_ms count, too.",
    )
    expect_close(
        expect_number(answer(time, power, 1.0, 1.0)),
        0.0,
        otherwise="between a moment and itself lies no energy.",
    )


EXERCISES = (
    Exercise(
        id="latency_from_cycles",
        title="Cycles into milliseconds",
        points=(
            Point("turns cycles into time", turns_cycles_into_time),
            Point("halves with the clock", halves_with_the_clock),
        ),
    ),
    Exercise(
        id="fit_cycles_per_mac",
        title="Learn a core from its benchmarks",
        points=(
            Point("finds the costs", finds_the_costs),
            Point("stays positive", stays_positive),
        ),
    ),
    Exercise(
        id="duty_cycle_power_mW",
        title="Power of a device that mostly sleeps",
        points=(
            Point("weighs by time", weighs_by_time),
            Point("knows both ends", knows_both_ends),
            Point("refuses the impossible", refuses_the_impossible),
        ),
        forbidden=("tinylab.cost.average_power", "tinylab.cost.power.duty_cycle.average_power"),
    ),
    Exercise(
        id="power_line",
        title="The part that no clock saves",
        points=(Point("fits the line", fits_the_line),),
    ),
    Exercise(
        id="trace_energy_uJ",
        title="Energy in a power trace",
        points=(
            Point("integrates the trace", integrates_the_trace),
            Point("knows both ends", both_ends_belong),
        ),
    ),
    Exercise(
        id="battery_life_days",
        title="Days on a battery that leaks",
        points=(
            Point("counts the leak", counts_the_leak),
            Point("never outlives the leak", never_outlives_the_leak),
        ),
        forbidden=("tinylab.cost.battery_life", "tinylab.cost.power.battery.battery_days"),
    ),
)
