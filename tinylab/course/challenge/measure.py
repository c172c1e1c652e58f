"""Measure a handed-in program on hidden patients: what the notebook, a grader and the class use.

In: the bytes of a `.tflite`. Out: a `ChallengeResult`. The file is read by our own reader, and run
by LiteRT's reference kernels in a process of its own: the same answers on every computer, and a
damaged or hostile file is a ValueError.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from math import prod

import numpy as np

from tinylab import cost
from tinylab.course.challenge.score import BOARD, BUDGET, ScoreParts, score_of
from tinylab.data import heartbeats
from tinylab.data.heartbeats.inputs import INPUTS
from tinylab.deploy.apart import predict_apart
from tinylab.graph import Graph, UnsupportedOperatorError, count, read_tflite
from tinylab.graph.memory import plan
from tinylab.scoring.f1 import class_scores, macro_f1_interval

__all__ = ["ChallengeResult", "measure_program"]

PATIENTS = 30
MOST_MACS = 200_000  # ten times what the energy allows; more would only take long


@dataclass(frozen=True)
class ChallengeResult:
    """What a program reaches on hidden patients, and what it costs on the challenge's board.

    Parameters
    ----------
    sha256 : str
        Of the file.
    seed, patients, beats : int
        Which hidden patients, how many, and how many of their beats.
    accuracy, macro_f1, low, high : float
        0 to 1; the interval of the macro F1 (95 %) is over patients.
    recall, precision : tuple of float
        In the order of `heartbeats.CLASSES`.
    flash_bytes, arena_bytes, macs : int
    latency_ms, energy_uJ : float
        Of one beat, modelled.
    score : ScoreParts
    """

    sha256: str
    seed: int
    patients: int
    beats: int
    accuracy: float
    macro_f1: float
    low: float
    high: float
    recall: tuple[float, ...]
    precision: tuple[float, ...]
    flash_bytes: int
    arena_bytes: int
    macs: int
    latency_ms: float
    energy_uJ: float
    score: ScoreParts

    def __str__(self) -> str:
        names = heartbeats.CLASSES
        each = "; ".join(
            f"{name} {recall:.1%}, {precision:.1%}"
            for name, recall, precision in zip(names, self.recall, self.precision, strict=True)
        )
        return (
            f"{self.beats:,} beats of {self.patients} hidden patients: macro F1"
            f" {self.macro_f1:.3f} ({self.low:.3f} to {self.high:.3f}), accuracy"
            f" {self.accuracy:.1%}\n"
            f"recall and precision: {each}\n"
            f"{self.flash_bytes:,} bytes of flash (at most {BUDGET.flash_bytes:,}),"
            f" {self.arena_bytes:,} bytes of arena ({BUDGET.arena_bytes:,}),"
            f" {self.energy_uJ:.1f} uJ a beat ({BUDGET.energy_uJ:g}, modelled)\n"
            f"{self.score}"
        )


def measure_program(program: bytes, *, seed: int | None = None) -> ChallengeResult:
    """Run a program on hidden patients and work out its score.

    Parameters
    ----------
    program : bytes
        A `.tflite` with int8 input and output: the 104 numbers of `beat_inputs` in any shape, one
        value for each class out.
    seed : int, optional
        Which patients are hidden; a teacher passes one of her own.

    Raises
    ------
    ValueError
        The file is no such program, or far beyond the budget.
    """
    seed = heartbeats.HIDDEN_SEED if seed is None else seed
    return _measure(bytes(program), int(seed))


@lru_cache(maxsize=16)
def _measure(program: bytes, seed: int) -> ChallengeResult:
    graph = _checked(program)
    beats = heartbeats.beat_inputs(heartbeats.load("hidden", patients=PATIENTS, seed=seed))
    answers = predict_apart(program, beats.x).argmax(axis=1)
    scores = class_scores(beats.labels, answers, len(heartbeats.CLASSES))
    low, high = macro_f1_interval(beats.labels, answers, beats.patients, len(heartbeats.CLASSES))
    spent = cost.energy(graph, BOARD)
    arena_bytes = plan(graph).arena_bytes
    recall = dict(zip(heartbeats.CLASSES, scores.recall, strict=True))
    return ChallengeResult(
        sha256=hashlib.sha256(program).hexdigest(),
        seed=seed,
        patients=len(np.unique(beats.patients)),
        beats=len(beats),
        accuracy=float(np.mean(beats.labels == answers)),
        macro_f1=scores.macro_f1,
        low=low,
        high=high,
        recall=scores.recall,
        precision=scores.precision,
        flash_bytes=len(program),
        arena_bytes=arena_bytes,
        macs=count(graph).macs,
        latency_ms=spent.latency_ms,
        energy_uJ=spent.energy_uJ,
        score=score_of(scores.macro_f1, recall, len(program), arena_bytes, spent.energy_uJ),
    )


def _checked(program: bytes) -> Graph:
    if len(program) > 20 * BUDGET.flash_bytes:
        raise ValueError(f"the file has {len(program):,} bytes; {BUDGET.flash_bytes:,} are allowed")
    try:
        graph = read_tflite(program)
        cost.energy(graph, BOARD)
    except UnsupportedOperatorError as error:
        raise ValueError(f"the program has an operator that cannot be measured: {error}") from error
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise ValueError("the program must have one input and one output")
    given, answer = (graph.tensors[ends[0]] for ends in (graph.inputs, graph.outputs))
    if (given.dtype, answer.dtype) != ("int8", "int8"):
        raise ValueError(
            f"input and output must be int8, not {given.dtype} and {answer.dtype}: convert with"
            ' litert.convert(model, "int8", representative_dataset=...)'
        )
    if prod(given.shape) != INPUTS or prod(answer.shape) != len(heartbeats.CLASSES):
        raise ValueError(
            f"the program must take {INPUTS} numbers and give {len(heartbeats.CLASSES)}, not"
            f" {given.shape} and {answer.shape}"
        )
    if count(graph).macs > MOST_MACS:
        raise ValueError(
            f"the program takes {count(graph).macs:,} multiply-accumulates a beat; no program of"
            f" more than {MOST_MACS:,} comes near the budget"
        )
    return graph
