"""No function of the package answers an exercise unless the exercise forbids it.

Every function of the rooms that could hold an answer, the judges' own and private ones included, is
tried as the answer, as it is, to every exercise whose calls it accepts. Functions that need their
arguments rearranged are not found in this way.
"""

import contextlib
import functools
import importlib
import inspect
import io
import pkgutil
import signal
from dataclasses import replace

import pytest

from tinylab.course.checking import score
from tinylab.course.exercises import all_exercises

PACKAGES = ("adapt", "compress", "cost", "course.exercises", "data", "graph", "models")
PACKAGES += ("scoring", "search", "security", "signal")
LEFT_OUT = ("sweep", "recipes", "checkpoints", "training", "download")  # they train, or write files
CALL_S = 1.0  # of this process's own time, so that a busy machine changes nothing


class TooLong(BaseException):
    """A function took too long to be an answer."""


def gives_data(function) -> bool:
    """False for what builds a network, which takes its time and is no answer: answers are data."""
    returned = function.__annotations__.get("return")
    return not getattr(returned, "__module__", "").startswith("keras.")


def library() -> dict:
    """The functions by dotted name, each once, where it is defined."""
    functions = {}
    for package in PACKAGES:
        root = importlib.import_module(f"tinylab.{package}")
        for info in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
            if any(word in info.name for word in LEFT_OUT):
                continue
            module = importlib.import_module(info.name)
            for name, member in vars(module).items():
                if (
                    inspect.isfunction(member)
                    and member.__module__ == info.name
                    and gives_data(member)
                ):
                    functions[f"{info.name}.{name}"] = member
    return functions


@pytest.fixture(scope="module")
def functions():
    return library()


@pytest.fixture
def limited(monkeypatch, tmp_path):
    """Run something quietly in an empty folder, for `CALL_S` seconds at most."""
    monkeypatch.chdir(tmp_path)

    def stop(*_):
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, stop)

    def run(function, *args):
        signal.setitimer(signal.ITIMER_VIRTUAL, CALL_S)
        try:
            with (
                contextlib.redirect_stdout(io.StringIO()),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                return function(*args)
        except TooLong:
            return None
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    yield run
    signal.signal(signal.SIGVTALRM, before)


def calls_of(exercise) -> list:
    """(arguments, keyword arguments) of the first call that each point makes."""
    seen = []

    def watched(*args, **kwargs):
        seen.append((args, kwargs))
        raise NotImplementedError

    score(exercise, watched)
    return seen


@functools.cache
def signature_of(function) -> inspect.Signature | None:
    """How a function is called, worked out once; None if it does not say."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def accepts(function, calls: list) -> bool:
    """True for a function that can be called in each of these ways."""
    signature = signature_of(function)
    if signature is None:
        return False
    try:
        for args, kwargs in calls:
            signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


@functools.cache
def remembered(function):
    """A function that works out once what it gives, or raises, when it is called without arguments.

    Twenty exercises are called so, and some functions validate a cost model or read every sound.
    """
    outcome = []

    def answer():
        if not outcome:
            try:
                outcome.append((function(), None))
            except (Exception, TooLong) as error:
                outcome.append((None, error))
        value, error = outcome[0]
        if error is not None:
            raise error
        return value

    return answer


def earns_every_point(exercise, function) -> bool:
    """Point by point, as most functions are wrong at the first."""
    return all(
        score(replace(exercise, points=(point,)), function).points for point in exercise.points
    )


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="interrupts functions the Unix way")
@pytest.mark.parametrize("exercise_id", sorted(all_exercises()))
def test_what_answers_is_forbidden(exercise_id, functions, limited):
    exercise = all_exercises()[exercise_id]
    calls = calls_of(exercise)
    assert calls
    asks_alike = all(call == ((), {}) for call in calls)
    answering = []
    for name, function in functions.items():
        if name not in exercise.forbidden and accepts(function, calls):
            tried = remembered(function) if asks_alike else function
            if limited(earns_every_point, exercise, tried):
                answering.append(name)
    assert answering == []
