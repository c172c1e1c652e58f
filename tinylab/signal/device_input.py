"""The integers in which a device is given keyword features: MLPerf Tiny's int8 input.

One step of that grid, a *least significant bit* (LSB), is 1/256 of the range it can hold. Features
outside -123.4 to 25.7 saturate.

Source: Banbury et al., "MLPerf Tiny Benchmark" (2021): the input of the reference model.
"""

import numpy as np

__all__ = [
    "INPUT_HIGH",
    "INPUT_LOW",
    "INPUT_SCALE",
    "INPUT_ZERO_POINT",
    "as_the_device_sees_it",
    "real_features",
    "stored_features",
]

INPUT_SCALE = 0.5847029089927673
INPUT_ZERO_POINT = 83
INPUT_LOW = (-128 - INPUT_ZERO_POINT) * INPUT_SCALE
INPUT_HIGH = (127 - INPUT_ZERO_POINT) * INPUT_SCALE


def stored_features(x: np.ndarray) -> np.ndarray:
    """MFCC of any shape as int8: rounded to the grid, saturated at its ends."""
    steps = np.round(np.asarray(x) / INPUT_SCALE) + INPUT_ZERO_POINT
    return np.clip(steps, -128, 127).astype(np.int8)


def real_features(stored: np.ndarray) -> np.ndarray:
    """What int8 features stand for, float32 of the same shape."""
    return (np.asarray(stored, np.float32) - INPUT_ZERO_POINT) * np.float32(INPUT_SCALE)


def as_the_device_sees_it(x: np.ndarray) -> np.ndarray:
    """Features rounded and saturated as an int8 input would have them, still in their own unit."""
    return real_features(stored_features(x))
