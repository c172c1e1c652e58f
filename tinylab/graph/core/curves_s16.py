"""Logistic and hyperbolic tangent on 16 bits, without tables or floating point.

In: int16 values with 15 - `integer_bits` bits behind the point. Out: int16 with 15. The arithmetic
is gemmlowp's, as LiteRT's integer LSTM uses it: exp() by a Taylor polynomial and products, division
by Newton's method (Jacob et al. 2018, appendix A.2).
"""

import numpy as np

_ONE = 2**15 - 1
_EXP_OF_POWERS = {
    -2: 1672461947,
    -1: 1302514674,
    0: 790015084,
    1: 290630308,
    2: 39332535,
    3: 720401,
    4: 242,
}
"""exp(-2**k) with 31 bits behind the point."""
_EXP_OF_EIGHTH, _THIRD = 1895147668, 715827883
_RATIO_48_17, _RATIO_32_17 = 1515870810, 1010580540


def _constant(bits31: int) -> int:
    """A 31-bit constant rounded to 15 bits."""
    return (bits31 + (1 << 15)) >> 16


def _wrapped(x: np.ndarray) -> np.ndarray:
    return x.astype(np.int16).astype(np.int64)


def _product(a, b) -> np.ndarray:
    """round(a * b / 2**15), halves up."""
    return np.minimum((np.asarray(a * b, np.int64) + (1 << 14)) >> 15, _ONE)


def _halved(x: np.ndarray, times: int) -> np.ndarray:
    """round(x / 2**times), halves away from zero."""
    half = (1 << times) >> 1
    return np.where(x < 0, -((-x + half) >> times), (x + half) >> times)


def _doubled(x: np.ndarray, times: int) -> np.ndarray:
    """x * 2**times, cut to 16 bits."""
    return np.clip(x << times, -(2**15), _ONE)


def _exp_of_quarter(a: np.ndarray) -> np.ndarray:
    """exp(a) for -1/4 <= a < 0: a Taylor polynomial about -1/8."""
    x = _wrapped(a + (1 << 12))
    square = _product(x, x)
    fourth = _halved(_product(square, square), 2)
    cubes = _product(_wrapped(fourth + _product(square, x)), _constant(_THIRD))
    rest = _wrapped(x + _halved(_wrapped(cubes + square), 1))
    start = _constant(_EXP_OF_EIGHTH)
    return np.clip(start + _product(start, rest), -(2**15), _ONE)


def _exp_of_negative(a: np.ndarray, integer_bits: int) -> np.ndarray:
    """exp(a) for a <= 0."""
    fraction = 15 - integer_bits
    quarter = 1 << (fraction - 2)
    rest = (a & (quarter - 1)) - quarter
    result = _exp_of_quarter(_doubled(rest, integer_bits))
    whole = rest - a
    for power, factor in _EXP_OF_POWERS.items():
        if integer_bits > power:
            taken = whole & (1 << (fraction + power)) != 0
            result = np.where(taken, _product(result, _constant(factor)), result)
    if integer_bits > 5:
        result = np.where(a < -32 * 2**fraction, 0, result)
    return np.where(a == 0, _ONE, result)


def _reciprocal(a: np.ndarray) -> np.ndarray:
    """2 / (1 + a) for a in 0 to 1, with 13 bits behind the point, by Newton's method."""
    total = a + _ONE
    half = (total + 1) >> 1
    x = _wrapped(_constant(_RATIO_48_17) + _product(half, -_constant(_RATIO_32_17)))
    for _ in range(3):
        error = _wrapped((1 << 13) - _product(half, x))
        x = _wrapped(x + _doubled(_product(x, error), 2))
    return x


def logistic_s16(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)) of int16 values with 12 bits behind the point.

    Parameters
    ----------
    x : ndarray of int

    Returns
    -------
    ndarray of int64, same shape
        With 15 bits behind the point.
    """
    x = np.asarray(x, np.int64)
    size = np.abs(x)
    result = _doubled(_reciprocal(_exp_of_negative(_wrapped(-size), 3)), 1)
    return np.where(x == 0, 1 << 14, np.where(x > 0, result, _ONE - result))


def tanh_s16(x: np.ndarray, integer_bits: int) -> np.ndarray:
    """The hyperbolic tangent of int16 values with 15 - `integer_bits` bits behind the point.

    Parameters
    ----------
    x : ndarray of int
    integer_bits : int
        0 to 6.

    Returns
    -------
    ndarray of int64, same shape
        With 15 bits behind the point.
    """
    x = np.asarray(x, np.int64)
    power = _exp_of_negative(np.where(x < 0, x, -x), integer_bits + 1)
    result = _doubled(_wrapped(_reciprocal(power) - (1 << 13)), 2)
    return np.where(x == 0, 0, np.where(x < 0, _wrapped(-result), result))
