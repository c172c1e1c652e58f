"""Laws of affine quantization."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.compress.quantization.quantize import (
    QuantizationParameters,
    dequantize,
    fake_quantize,
    mean_squared_error,
    quantization_parameters,
    quantize,
    sqnr_dB,
)

LAW = settings(max_examples=60)
ENDS = st.floats(-1e4, 1e4, allow_subnormal=False)
BITS = st.integers(2, 16)


@st.composite
def cases(draw):
    """Parameters of any kind, and values within their range."""
    low, high = sorted((draw(ENDS), draw(ENDS)))
    parameters = quantization_parameters(
        low, high, bits=draw(BITS), symmetric=draw(st.booleans()), signed=True
    )
    shares = draw(st.lists(st.floats(0, 1), min_size=1, max_size=20))
    low, high = min(low, 0.0), max(high, 0.0)
    return parameters, np.array([low + share * (high - low) for share in shares])


@LAW
@given(cases())
def test_round_trip_error_is_at_most_half_a_step(case):
    parameters, x = case
    limit = parameters.scale / 2 * (1 + 1e-9) + 1e-6 * np.abs(x)
    assert np.all(np.abs(fake_quantize(x, parameters) - x) <= limit)


@LAW
@given(cases())
def test_order_is_kept(case):
    parameters, x = case
    assert np.all(np.diff(quantize(np.sort(x), parameters).astype(int)) >= 0)


@LAW
@given(cases())
def test_a_second_round_trip_changes_nothing(case):
    parameters, x = case
    once = fake_quantize(x, parameters)
    np.testing.assert_array_equal(fake_quantize(once, parameters), once)


@LAW
@given(cases())
def test_zero_is_exact(case):
    parameters, _ = case
    assert quantize(np.zeros(1), parameters)[0] == parameters.zero_point
    assert fake_quantize(np.zeros(1), parameters)[0] == 0


@LAW
@given(cases())
def test_integers_stay_in_range_whatever_comes(case):
    parameters, x = case
    integers = quantize(np.concatenate([x * 1e3, [-np.inf, np.inf]]), parameters)
    assert integers.min() >= parameters.minimum and integers.max() <= parameters.maximum
    assert integers.dtype == parameters.dtype


def test_textbook_example():
    parameters = quantization_parameters(-1.0, 3.0, bits=8)
    assert parameters.scale == pytest.approx(4 / 255)
    assert parameters.zero_point == -64
    assert quantize(np.array([-1.0, 0.0, 3.0]), parameters).tolist() == [-128, -64, 127]


def test_symmetric_leaves_the_lowest_integer_out():
    parameters = quantization_parameters(-2.0, 1.0, bits=4, symmetric=True)
    assert (parameters.minimum, parameters.maximum, parameters.zero_point) == (-7, 7, 0)
    assert (parameters.low, parameters.high) == pytest.approx((-2.0, 2.0))


def test_parameters_use_every_integer_by_default():
    plain = QuantizationParameters(np.array(0.5), np.array(0), bits=4)
    assert (plain.minimum, plain.maximum, plain.low, plain.high) == (-8, 7, -4.0, 3.5)


def test_unsigned():
    parameters = quantization_parameters(0.0, 6.0, bits=8, signed=False)
    assert quantize(np.array([0.0, 6.0]), parameters).tolist() == [0, 255]
    assert parameters.dtype == np.uint8


def test_range_is_widened_to_hold_zero():
    parameters = quantization_parameters(2.0, 3.0)
    assert (parameters.low, parameters.high) == pytest.approx((0.0, 3.0))


def test_empty_range_still_stores_zero():
    parameters = quantization_parameters(0.0, 0.0)
    assert fake_quantize(np.zeros(3), parameters).tolist() == [0, 0, 0]


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_per_channel_is_per_tensor_channel_by_channel(axis):
    x = np.random.default_rng(0).normal(size=(4, 4, 4)) * np.array([0.1, 1, 10, 100])
    rows = np.moveaxis(x, axis, 0).reshape(4, -1)
    low, high = rows.min(axis=1), rows.max(axis=1)
    whole = fake_quantize(x, quantization_parameters(low, high, bits=5, axis=axis))
    for channel in range(4):
        alone = quantization_parameters(low[channel], high[channel], bits=5)
        np.testing.assert_array_equal(
            np.take(whole, channel, axis), fake_quantize(np.take(x, channel, axis), alone)
        )


def test_bits_of_its_own_for_each_channel():
    x = np.tile(np.linspace(-1, 1, 201), (2, 1))
    parameters = quantization_parameters(
        -np.ones(2), np.ones(2), bits=np.array([2, 6]), symmetric=True, axis=0
    )
    integers = quantize(x, parameters)
    assert [len(np.unique(row)) for row in integers] == [3, 63]
    assert dequantize(integers, parameters).dtype == np.float32


def test_one_more_bit_is_worth_six_decibels():
    x = np.random.default_rng(0).uniform(-1, 1, 100_000)
    ratios = [
        sqnr_dB(x, fake_quantize(x, quantization_parameters(-1, 1, bits=bits)))
        for bits in (6, 7, 8)
    ]
    assert np.diff(ratios) == pytest.approx([6.02, 6.02], abs=0.15)


def test_noise_measures():
    assert mean_squared_error(np.array([1.0, 2.0]), np.array([1.0, 4.0])) == 2
    assert sqnr_dB(np.ones(3), np.ones(3)) == np.inf
    assert sqnr_dB(np.zeros(3), np.ones(3)) == -np.inf


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((1.0, -1.0), {}, "above"),
        ((-1.0, np.nan), {}, "finite"),
        ((-1.0, 1.0), {"bits": 1}, "2 to 16"),
        ((-1.0, 1.0), {"bits": 17}, "2 to 16"),
        ((-1.0, 1.0), {"bits": 8.0}, "whole numbers"),
        ((-np.ones(2), np.ones(2)), {"axis": 0, "bits": np.array([4, 40])}, "2 to 16"),
        ((-1.0, 1.0), {"symmetric": True, "signed": False}, "unsigned"),
        ((-1.0, 1.0), {"axis": 0}, "axis"),
        ((-np.ones(3), np.ones(3)), {}, "axis"),
        ((-np.ones(3), np.ones(2)), {"axis": 0}, "one shape"),
        ((-np.ones(3), np.ones(3)), {"axis": 0, "bits": np.array([4, 4])}, "one per channel"),
    ],
)
def test_wrong_parameters_are_refused(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        quantization_parameters(*arguments, **options)


def test_wrong_arrays_are_refused():
    parameters = quantization_parameters(-np.ones(3), np.ones(3), axis=-1)
    with pytest.raises(ValueError, match="3 channels"):
        quantize(np.zeros((2, 4)), parameters)
    with pytest.raises(ValueError, match="not a number"):
        quantize(np.array([0.0, np.nan, 0.0]), parameters)
