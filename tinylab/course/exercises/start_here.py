"""Exercises of notebooks/source/00_start_here.py."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import also_fixed, expect, expect_close, expect_number

__all__ = ["EXERCISES"]


def packs_whole_bytes(answer, rng):
    """Counts and widths that fill their bytes."""
    for _ in range(4):
        parameters, bits = 8 * int(rng.integers(1, 100_000)), int(rng.choice([2, 4, 16, 32]))
        expect_close(
            expect_number(answer(parameters, bits)),
            parameters * bits / 8,
            otherwise="count the bits first, and then the bytes that hold them.",
            likely={"that is the number of bits; a byte has 8 of them.": parameters * bits},
        )


def rounds_up(answer, rng):
    """A last byte that is partly filled still takes a byte."""
    for parameters, bits in [(1, 1), (3, 4), (9, 1), (5, 3), (22_603, 4), (0, 8)]:
        expect_close(
            expect_number(answer(parameters, bits)),
            (parameters * bits + 7) // 8,
            otherwise="a byte that is partly filled still takes a whole byte.",
            likely={
                "you round down: a byte that is partly filled still takes a whole byte.": (
                    parameters * bits // 8
                ),
                "that is a fraction of a byte: a byte that is partly filled takes a whole one.": (
                    parameters * bits / 8
                ),
                "round up once, at the end: the parameters lie bit to bit, not byte to byte.": (
                    parameters * ((bits + 7) // 8)
                ),
            },
        )


def is_an_integer(answer, rng):
    """Bytes are counted, so the type is int."""
    got = answer(int(rng.integers(10, 1000)), 8)
    expect(
        isinstance(got, (int, np.integer)) and not isinstance(got, bool),
        "bytes are whole: return an int, not a float.",
    )


def counts_a_convolution(answer, rng):
    """Any convolution: one multiply-accumulate per output value and kernel weight."""
    for _ in range(4):
        rows, columns, height, width, inputs, outputs = (int(n) for n in rng.integers(2, 30, 6))
        weights = height * width * inputs * outputs
        expect_close(
            expect_number(answer(rows, columns, height, width, inputs, outputs)),
            rows * columns * weights,
            otherwise="count the products of one output value first, and then the output values.",
            likely={
                "that counts the weights; they are used again at every output position.": weights,
                "the kernel spans all input channels: multiply by input_channels too.": (
                    rows * columns * height * width * outputs
                ),
                "there is one such sum for each output channel: multiply by output_channels.": (
                    rows * columns * height * width * inputs
                ),
                "a multiplication and an addition together are one MAC, not two operations.": (
                    2 * rows * columns * weights
                ),
            },
        )


def counts_published_layers(answer, rng):
    """Two layers of the keyword model as published: 1 x 1 from 64 to 64, and the first, 10 x 4."""
    expect_close(
        expect_number(answer(25, 5, 1, 1, 64, 64)),
        512_000,
        otherwise="a 1 x 1 convolution from 64 to 64 channels on 25 x 5 positions has 512,000"
        " MACs.",
    )
    expect_close(
        expect_number(answer(25, 5, 10, 4, 1, 64)),
        320_000,
        otherwise="a 10 x 4 convolution from 1 to 64 channels on 25 x 5 positions has 320,000"
        " MACs.",
    )


def multiplies_power_by_time(answer, rng):
    """Milliwatts times milliseconds are microjoules."""
    for _ in range(4):
        power, latency = rng.uniform(1, 200), rng.uniform(0.1, 300)
        expect_close(
            expect_number(answer(power, latency)),
            power * latency,
            otherwise="which unit is a milliwatt times a millisecond? A watt is a joule a second.",
            likely={
                "power is divided by time; energy is power times time.": power / latency,
                "that is in millijoules: mW times ms are already microjoules.": (
                    power * latency / 1000
                ),
                "mW times ms are already microjoules: no factor is needed.": (
                    power * latency * 1000
                ),
            },
        )


def doubles_with_latency(answer, rng):
    """Twice the time at one power is twice the energy; no time is none."""
    power, latency = rng.uniform(1, 100), rng.uniform(1, 100)
    once, twice = expect_number(answer(power, latency)), expect_number(answer(power, 2 * latency))
    expect_close(twice, 2 * once, otherwise="twice the time must cost twice the energy.")
    expect_close(
        expect_number(answer(power, 0.0)), 0.0, otherwise="an inference of 0 ms costs nothing."
    )


def lasts_capacity_over_power(answer, rng):
    """Capacity times voltage is energy; energy over power is time."""
    for _ in range(4):
        capacity, voltage, power = (
            rng.uniform(50, 3000),
            rng.uniform(1.2, 4.2),
            rng.uniform(0.05, 50),
        )
        hours = capacity * voltage / power
        expect_close(
            expect_number(answer(capacity, voltage, power)),
            hours / 24,
            otherwise="go step by step: from charge to energy, from energy to hours, from "
            "hours to days.",
            likely={
                "that is in hours; a day has 24.": hours,
                "mAh is charge, not energy: multiply by the voltage.": capacity / power / 24,
                "divide the battery's energy by the power.": capacity * voltage * power / 24,
                "that is in years; days are asked for.": hours / 24 / 365,
            },
        )


def halves_with_power(answer, rng):
    """Twice the power, half the life."""
    capacity, power = rng.uniform(100, 1000), rng.uniform(0.1, 10)
    once = expect_number(answer(capacity, 3.0, power))
    half = expect_number(answer(capacity, 3.0, 2 * power))
    expect_close(half, once / 2, otherwise="twice the power must halve the life.")


EXERCISES = (
    Exercise(
        id="weight_bytes",
        title="Flash for the weights",
        points=(
            Point("packs whole bytes", also_fixed(packs_whole_bytes, 2)),
            Point("rounds up", rounds_up),
            Point("is an integer", is_an_integer),
        ),
    ),
    Exercise(
        id="convolution_macs",
        title="Multiply-accumulates of a convolution",
        points=(
            Point("counts a convolution", counts_a_convolution),
            Point("counts published layers", counts_published_layers),
        ),
    ),
    Exercise(
        id="inference_energy_uJ",
        title="Energy of an inference",
        points=(
            Point("multiplies power by time", multiplies_power_by_time),
            Point("doubles with latency", doubles_with_latency),
        ),
    ),
    Exercise(
        id="battery_days",
        title="Days on a battery",
        points=(
            Point("lasts capacity over power", lasts_capacity_over_power),
            Point("halves with power", halves_with_power),
        ),
        forbidden=("tinylab.cost.battery_life", "tinylab.cost.power.battery.battery_days"),
    ),
)
