"""Exercises of notebooks/source/03_anomaly_detection/2_compress.py."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import (
    also_fixed,
    expect,
    expect_array,
    expect_close,
    expect_number,
)

__all__ = ["EXERCISES"]


def _layer(rng, units: int = 5, inputs: int = 7) -> dict:
    """A dense layer and its batch norm, with nothing zero."""
    return {
        "weights": rng.normal(size=(inputs, units)),
        "bias": rng.normal(0, 2, units),
        "gamma": rng.uniform(0.5, 2, units) * rng.choice([-1, 1], units),
        "beta": rng.normal(size=units),
        "mean": rng.normal(size=units),
        "variance": rng.uniform(0.2, 4, units),
        "epsilon": 1e-3,
    }


def _normed(x, layer: dict) -> np.ndarray:
    """The layer, and then the norm, as they stand."""
    y = x @ layer["weights"] + layer["bias"]
    y = (y - layer["mean"]) / np.sqrt(layer["variance"] + layer["epsilon"])
    return layer["gamma"] * y + layer["beta"]


def _folded(answer, layer: dict) -> tuple[np.ndarray, np.ndarray]:
    result = answer(**layer)
    expect(
        isinstance(result, (tuple, list)) and len(result) == 2,
        "return two arrays: the new weights and the new bias.",
    )
    shape = layer["weights"].shape
    weights = expect_array(result[0], shape=shape, name="the new weights")
    return weights, expect_array(result[1], shape=shape[1:], name="the new bias")


def folds_the_weights(answer, rng):
    """Without bias, mean and shift only the weights change."""
    for _ in range(3):
        layer = _layer(rng)
        for name in ("bias", "beta", "mean"):
            layer[name] = np.zeros_like(layer[name])
        weights, bias = _folded(answer, layer)
        scale = layer["gamma"] / np.sqrt(layer["variance"] + layer["epsilon"])
        expect_close(
            weights,
            layer["weights"] * scale,
            otherwise="the weights are not those of the layer and its norm together: which "
            "numbers of the norm multiply u?",
            likely={
                "divide by the square root of the variance, not by the variance.": (
                    layer["weights"] * layer["gamma"] / (layer["variance"] + layer["epsilon"])
                ),
                "gamma is missing.": layer["weights"]
                / np.sqrt(layer["variance"] + layer["epsilon"]),
                "epsilon is missing.": layer["weights"]
                * layer["gamma"]
                / np.sqrt(layer["variance"]),
                "the weights are unchanged; the norm's scale belongs to them.": layer["weights"],
            },
        )
        expect_close(bias, 0 * bias, otherwise="with no bias, mean or beta the new bias is zero.")


def keeps_the_layers_own_bias(answer, rng):
    """The bias passes through the norm like everything else."""
    for _ in range(3):
        layer = _layer(rng)
        _, bias = _folded(answer, layer)
        scale = layer["gamma"] / np.sqrt(layer["variance"] + layer["epsilon"])
        expect_close(
            bias,
            (layer["bias"] - layer["mean"]) * scale + layer["beta"],
            otherwise="the new bias is wrong: put u = 0 into both layers, and compare what is"
            " left.",
            likely={
                "the layer's own bias was dropped: the very mistake of the published converter.": (
                    -layer["mean"] * scale + layer["beta"]
                ),
                "the layer's own bias must be scaled too.": (
                    layer["bias"] - layer["mean"] * scale + layer["beta"]
                ),
                "beta is missing.": (layer["bias"] - layer["mean"]) * scale,
                "the mean is subtracted, not added.": (
                    (layer["bias"] + layer["mean"]) * scale + layer["beta"]
                ),
            },
        )


def computes_the_same(answer, rng):
    """The folded layer gives what layer and norm give, on random inputs."""
    for units, inputs in ((1, 1), (3, 20), (16, 2)):
        layer, x = _layer(rng, units, inputs), rng.normal(size=(6, inputs))
        weights, bias = _folded(answer, layer)
        expect_close(
            x @ weights + bias,
            _normed(x, layer),
            otherwise="x @ weights + bias differs from what the layer and its norm compute.",
            atol=1e-9,
        )


def _fixed(answer, real: float) -> tuple[int, int]:
    result = answer(real)
    expect(
        isinstance(result, (tuple, list)) and len(result) == 2,
        "return two ints: the mantissa and the shift.",
    )
    for value, name in zip(result, ("mantissa", "shift"), strict=True):
        expect(
            isinstance(value, (int, np.integer)) and not isinstance(value, bool),
            f"the {name} is {type(value).__name__}; a chip without floats needs an int.",
        )
    return int(result[0]), int(result[1])


def approximates_the_multiplier(answer, rng):
    """mantissa / 2**31 * 2**shift is the number, to 30 bits."""
    for real in 10.0 ** rng.uniform(-6, 2, 20):
        mantissa, shift = _fixed(answer, float(real))
        if shift:
            turned = mantissa * 2.0 ** (-shift - 31)
            expect(not np.isclose(turned, real, rtol=1e-8), "the shift has the wrong sign.")
        expect_close(
            mantissa * 2.0 ** (shift - 31),
            real,
            otherwise=f"mantissa * 2**(shift - 31) must be the number: for {real:.6g} it is"
            f" {mantissa * 2.0 ** (shift - 31):.6g}.",
            likely={"the mantissa counts in units of 2**-31, not of 2**-30.": real / 2},
            rtol=1e-8,
        )


def uses_all_bits(answer, rng):
    """The mantissa lies in 2**30..2**31, so that no precision is given away."""
    for real in 10.0 ** rng.uniform(-6, 2, 20):
        mantissa, _ = _fixed(answer, float(real))
        expect(
            mantissa >= 2**30,
            f"for {real:.4g} the mantissa is {mantissa}, below 2**30: double it until it is not,"
            " and lower the shift; every doubling is a bit of precision.",
        )
        expect(mantissa < 2**31, f"for {real:.4g} the mantissa {mantissa} does not fit into int32.")


def survives_rounding_up(answer, rng):
    """A number just below a power of two, whose mantissa rounds up to 2**31."""
    for real in (1 - 2.0**-40, 0.25 - 2.0**-45):
        mantissa, shift = _fixed(answer, real)
        expect(
            mantissa < 2**31,
            "just below a power of two the mantissa rounds up to 2**31, one too many for int32:"
            " halve it and raise the shift.",
        )
        expect_close(mantissa * 2.0 ** (shift - 31), real, otherwise="the value is off.", rtol=1e-8)


def _int8_case(rng, units: int = 4, inputs: int = 50) -> dict:
    return {
        "x": rng.integers(-128, 128, size=(3, inputs)).astype(np.int8),
        "x_zero_point": int(rng.integers(-40, 90)),
        "weights": rng.integers(-127, 128, size=(inputs, units)).astype(np.int8),
        "bias": rng.integers(-3000, 3000, size=units).astype(np.int32),
        "multipliers": rng.uniform(0.4, 1.6, size=units) * 1.3e-3,
        "y_zero_point": int(rng.integers(-30, 30)),
    }


def _sums(case: dict, zero_point: int | None = None) -> np.ndarray:
    x = case["x"].astype(np.int64) - (case["x_zero_point"] if zero_point is None else zero_point)
    return x @ case["weights"].astype(np.int64) + case["bias"]


def accumulates_in_wide_integers(answer, rng):
    """Random layers; every unit has a multiplier of its own."""
    for _ in range(3):
        case = _int8_case(rng)
        got = expect_array(answer(**case), shape=(3, 4), dtype=np.int8)

        def finished(sums, multipliers=case["multipliers"], zero=case["y_zero_point"]):
            return np.clip(np.rint(sums * multipliers) + zero, -128, 127)

        with np.errstate(over="ignore"):
            narrow = case["x"] - np.int8(case["x_zero_point"])
            overflowed = finished((narrow @ case["weights"]).astype(np.int64) + case["bias"])
        expect_close(
            got,
            finished(_sums(case)),
            otherwise="the integers are not those of the formula above: check the order of "
            "sum, multiplier, rounding, zero point and limits.",
            likely={
                "an int8 product overflows: cast x and the weights to int32 first.": overflowed,
                "the input's zero point must be subtracted before the product.": finished(
                    _sums(case, 0)
                ),
                "the output's zero point is added after rounding.": finished(_sums(case), zero=0),
                "each unit has a multiplier of its own.": finished(
                    _sums(case), multipliers=case["multipliers"][0]
                ),
                "the bias is missing.": finished(_sums({**case, "bias": 0 * case["bias"]})),
            },
            atol=1e-6,
        )


def saturates_the_result(answer, rng):
    """Results beyond int8 stay at its ends."""
    case = _int8_case(rng) | {"multipliers": np.full(4, 0.5)}
    got = expect_array(answer(**case), shape=(3, 4), dtype=np.int8)
    right = np.clip(np.rint(_sums(case) * 0.5) + case["y_zero_point"], -128, 127)
    expect(
        bool(np.array_equal(got, right)),
        "results beyond the range of int8 must stay at -128 or 127: clip before the cast.",
    )


def sums_squares(answer, rng):
    """Random int8 windows, in units of the scale."""
    for _ in range(4):
        x = rng.integers(-128, 128, size=640).astype(np.int8)
        y = np.clip(x + rng.integers(-9, 10, size=640), -128, 127).astype(np.int8)
        scale = float(rng.uniform(0.1, 0.5))
        difference = x.astype(np.int64) - y
        mean = np.mean(difference**2)
        expect_close(
            expect_number(answer(x, y, scale)),
            mean * scale**2,
            otherwise="that is not a mean squared error in dB squared: what does one step "
            "count, once it is squared?",
            likely={
                "an error of one step is `scale` dB, so a squared error is scale**2.": mean * scale,
                "the result is in squared steps; multiply by scale**2.": mean,
                "take the mean, not the sum.": mean * 640 * scale**2,
                "the squares overflow: cast to a wider integer first.": float(
                    np.mean((x - y) ** 2) * scale**2
                ),
            },
        )


def does_not_wrap(answer, rng):
    """The farthest apart that two int8 windows can be."""
    x, y = np.full(640, 127, np.int8), np.full(640, -128, np.int8)
    for a, b in ((x, y), (y, x)):
        expect_close(
            expect_number(answer(a, b, 0.25)),
            255**2 / 16,
            otherwise="127 and -128 are 255 steps apart.",
            likely={
                "127 - (-128) wraps around in int8: cast to a wider integer before you subtract.": 1
                / 16,
                "255 squared does not fit into int16: use int32.": (255**2 - 65536) / 16,
            },
        )


EXERCISES = (
    Exercise(
        id="folded_layer",
        title="Fold a batch norm into the layer before it",
        points=(
            Point("folds the weights", folds_the_weights),
            Point("keeps the layer's own bias", keeps_the_layers_own_bias),
            Point("computes the same", computes_the_same),
        ),
        forbidden=("tinylab.models.surgery.fold.folded_weights",),
    ),
    Exercise(
        id="fixed_point",
        title="A real multiplier without floats",
        points=(
            Point("approximates the multiplier", approximates_the_multiplier),
            Point("uses all bits", uses_all_bits),
            Point("survives rounding up", survives_rounding_up),
        ),
        forbidden=("tinylab.graph.core.fixed_point.quantize_multiplier",),
    ),
    Exercise(
        id="int8_dense",
        title="A dense layer in integers",
        points=(
            Point("accumulates in wide integers", also_fixed(accumulates_in_wide_integers, 4)),
            Point("saturates", also_fixed(saturates_the_result, 6)),
        ),
    ),
    Exercise(
        id="integer_score",
        title="The anomaly score in integers",
        points=(
            Point("sums squares", sums_squares),
            Point("does not wrap", does_not_wrap),
        ),
        forbidden=("tinylab.scoring.anomaly.window_errors",),
    ),
)
