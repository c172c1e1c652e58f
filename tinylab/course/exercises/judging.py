"""Questions a point asks about what an answer returned; each raises a `Mistake` that names it."""

import functools
from collections.abc import Callable, Mapping
from numbers import Number

import numpy as np

from tinylab.course.answers.exercise import Mistake

__all__ = [
    "also_fixed",
    "expect",
    "expect_array",
    "expect_close",
    "expect_number",
    "expect_two_arrays",
]


def also_fixed(judge: Callable, draws: int) -> Callable:
    """A judge that tries some fixed draws of its inputs before those of the seed.

    A mistake that shows on some inputs only then costs the point whatever the seed: `draws` are as
    many as it takes for every marked wrong answer to meet an input that shows it.
    """

    @functools.wraps(judge)
    def judged(answer, rng):
        for number in range(draws):
            judge(answer, np.random.default_rng([number, draws]))
        judge(answer, rng)

    return judged


def expect(condition: bool, sentence: str) -> None:
    """Raise `Mistake(sentence)` unless `condition` holds."""
    if not condition:
        raise Mistake(sentence)


def expect_number(value, name: str = "the result") -> float:
    """The value as a float; a `Mistake` if it is not one finite number."""
    if isinstance(value, (Number, np.ndarray, np.generic)) and np.size(value) == 1:
        array = np.asarray(value)
        if array.dtype.kind in "iuf":
            expect(bool(np.all(np.isfinite(array))), f"{name} is {array.item()}, not finite.")
            return float(array.item())
    raise Mistake(f"{name} must be one number, not {_describe(value)}.")


def expect_array(
    value, *, shape: tuple[int, ...] | None = None, dtype=None, name: str = "the result"
) -> np.ndarray:
    """The value as a finite numeric array; a `Mistake` if shape, dtype or content is not as asked.

    Parameters
    ----------
    value : array_like
        What the answer returned.
    shape : tuple of int, optional
        The shape it must have.
    dtype : numpy dtype, optional
        The dtype it must have exactly; without it any real number type will do.
    name : str
        What to call it in the sentence.
    """
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        raise Mistake(f"{name} must be an array, not {_describe(value)}.") from None
    expect(array.dtype.kind in "iufb", f"{name} must hold numbers, not {_describe(value)}.")
    if shape is not None:
        expect(array.shape == shape, f"{name} has shape {array.shape} where {shape} is expected.")
    if dtype is not None:
        wanted = np.dtype(dtype)
        expect(array.dtype == wanted, f"{name} is {array.dtype} where {wanted} is expected.")
    expect(bool(np.all(np.isfinite(array))), f"{name} has NaN or infinite values.")
    return array


def expect_two_arrays(
    value, first: str, second: str, *, shape: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Two finite arrays of one shape, called `first` and `second`; a `Mistake` otherwise."""
    expect(
        isinstance(value, (tuple, list)) and len(value) == 2,
        f"return two arrays: {first} and {second}.",
    )
    return (
        expect_array(value[0], shape=shape, name=first),
        expect_array(value[1], shape=shape, name=second),
    )


def expect_close(
    actual,
    expected,
    otherwise: str,
    likely: Mapping[str, object] | None = None,
    *,
    rtol: float = 1e-5,
    atol: float = 1e-8,
) -> None:
    """A `Mistake` unless `actual` equals `expected` within the tolerances.

    Parameters
    ----------
    actual, expected : array_like
        Numbers or arrays of the same shape. Whole numbers are compared exactly: where `expected`
        holds integers (bytes, counts, indices), the tolerances are not used.
    otherwise : str
        The sentence for a difference that is not recognised.
    likely : mapping of str to array_like, optional
        Known mistakes: the sentence, and the wrong value that the mistake gives.
    """
    if _close(actual, expected, rtol, atol):
        return
    for sentence, wrong in (likely or {}).items():
        if _close(actual, wrong, rtol, atol):
            raise Mistake(sentence)
    raise Mistake(otherwise)


def _close(actual, expected, rtol: float, atol: float) -> bool:
    """True when both have one shape and agree: exactly for integers, else within the tolerances."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    if actual.shape != expected.shape or actual.dtype.kind not in "iufb":
        return False
    if expected.dtype.kind in "iu":
        return bool(np.array_equal(actual, expected))
    return bool(np.allclose(actual.astype(float), expected.astype(float), rtol=rtol, atol=atol))


def _describe(value) -> str:
    """A short name for a value of the wrong kind."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and type {value.dtype}"
    if isinstance(value, (str, Number, type(None))):
        return repr(value)[:60]
    return f"a {type(value).__name__}"
