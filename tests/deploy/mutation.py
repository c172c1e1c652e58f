"""Mutated model files: flipped bytes, overwritten words, cuts and copied blocks."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from tinylab.deploy.codegen import convert
from tinylab.graph import count, read_tflite
from tinylab.graph.evaluate import evaluate
from tinylab.graph.memory import plan
from tinylab.graph.passes import optimize
from tinylab.graph.writer import write_tflite

EXTREMES = (0, 1, -1, 2, 4, 7, 255, 65_536, 2**30, 2**31 - 1, -(2**31))
_LIMIT_S = 30


def mutants(content: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Damaged copies of a model file."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        damaged = bytearray(content)
        kind = rng.integers(4)
        if kind == 0:
            for _ in range(rng.integers(1, 7)):
                damaged[rng.integers(len(damaged))] = rng.integers(256)
        elif kind == 1:
            for _ in range(rng.integers(1, 4)):
                at = 4 * int(rng.integers(len(damaged) // 4))
                damaged[at : at + 4] = np.int32(rng.choice(EXTREMES)).tobytes()
        elif kind == 2:
            damaged = damaged[: rng.integers(len(damaged))]
        else:
            source, target, size = rng.integers(len(damaged), size=3)
            block = damaged[source : source + size % 64]
            damaged[target : target + len(block)] = block
        yield bytes(damaged)


@contextmanager
def _time_limit(seconds: int):
    """A hang becomes a TimeoutError."""

    def give_up(*_):
        raise TimeoutError(f"it takes more than {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def outcome(content: bytes) -> str:
    """What reading, counting, planning, compiling and evaluating end in: "run" or "refused".

    Anything but a ValueError with one line of text passes through.
    """
    with _time_limit(_LIMIT_S):
        try:
            graph = read_tflite(content)
        except ValueError as error:
            return _refusal(error)
        ending = "run"
        for step in (count, plan, optimize, write_tflite, _compile, _evaluate):
            try:
                step(graph)
            except ValueError as error:
                ending = _refusal(error)
    return ending


def _refusal(error: ValueError) -> str:
    assert str(error).strip() and len(str(error).splitlines()) == 1, repr(error)
    return "refused"


def _compile(graph) -> None:
    for kernels in ("plain", "dsp"):
        convert(graph, kernels=kernels)


def _evaluate(graph) -> None:
    if len(graph.inputs) != 1:
        return
    tensor = graph.tensors[graph.inputs[0]]
    if tensor.elements > 2**20 or tensor.dtype not in ("int8", "float32"):
        return
    evaluate(graph, np.zeros((1, *tensor.shape), tensor.dtype))
