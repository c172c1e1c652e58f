"""The int8 grid of the features against its definition: real = scale * (stored - zero point)."""

import numpy as np
import pytest

from tinylab.signal.device_input import (
    INPUT_HIGH,
    INPUT_LOW,
    INPUT_SCALE,
    INPUT_ZERO_POINT,
    as_the_device_sees_it,
    real_features,
    stored_features,
)


def test_features_are_what_an_int8_input_can_hold():
    x = np.linspace(-200, 100, 1000).astype(np.float32)
    seen = as_the_device_sees_it(x)
    quantized = seen / INPUT_SCALE + INPUT_ZERO_POINT
    np.testing.assert_allclose(quantized, np.round(quantized), atol=1e-3)
    assert (quantized.min(), quantized.max()) == pytest.approx((-128, 127))
    assert (seen.min(), seen.max()) == pytest.approx((INPUT_LOW, INPUT_HIGH), rel=1e-5)
    inside = (x > -123) & (x < 25)
    assert np.abs(seen - x)[inside].max() <= INPUT_SCALE / 2 + 1e-3


def test_every_integer_comes_back():
    every = np.arange(-128, 128, dtype=np.int8)
    np.testing.assert_array_equal(stored_features(real_features(every)), every)


def test_less_than_half_a_step_is_erased():
    x = real_features(np.arange(-100, 100, dtype=np.int8))
    for lsb in (-0.45, 0.25, 0.45):
        np.testing.assert_array_equal(as_the_device_sees_it(x + lsb * INPUT_SCALE), x)


def test_the_reference_model_is_given_this_grid(real_data):
    clips = np.load(real_data / "real_clips" / "kws01_dev400.npz")
    assert float(clips["scale"]) == pytest.approx(INPUT_SCALE, rel=1e-6)
    assert int(clips["zero_point"]) == INPUT_ZERO_POINT
