"""What a handed-in model is judged by: the test inputs of its application, and a score.

In: the shape of a model's input. Out: a `Task`. The shape says which application a model is for,
and the inputs are those of the workbook's own test split, the same for everybody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

__all__ = ["SHAPES", "Task", "task_of"]

SHAPES = {
    (49, 10, 1): "keyword_spotting",
    (96, 96, 3): "visual_wake_words",
    (640,): "anomaly_detection",
    (104, 1, 1): "heartbeat",
}
PICTURES, RECORDINGS = 400, 20  # of the test split, so that a class is measured in minutes


@dataclass(frozen=True)
class Task:
    """One application's test.

    Attributes
    ----------
    application, score : str
        `score` is what it is judged by: "accuracy", "AUC" or "macro F1".
    inputs : ndarray of float32, shape (examples, ...)
    judge : callable
        Takes the outputs, an array of `examples` rows, and gives the score, 0 to 1.
    examples : int
        Clips, pictures, recordings or beats.
    """

    application: str
    score: str
    inputs: np.ndarray
    judge: Callable[[np.ndarray], float]
    examples: int


def task_of(shape: tuple[int, ...]) -> Task:
    """The test of models with inputs of that shape.

    Raises
    ------
    ValueError
        A shape of no application.
    """
    if shape not in SHAPES:
        known = ", ".join(map(str, SHAPES))
        raise ValueError(f"its input has shape {shape}; the board takes {known}")
    makers = {
        "keyword_spotting": _keywords,
        "visual_wake_words": _people,
        "anomaly_detection": _machines,
        "heartbeat": _heartbeats,
    }
    return _once(makers[SHAPES[shape]])


@cache
def _once(make: Callable[[], Task]) -> Task:
    return make()


def _share_right(labels: np.ndarray) -> Callable[[np.ndarray], float]:
    """A judge of classifiers."""
    from tinylab.scoring.classification import accuracy

    return lambda outputs: float(accuracy(labels, outputs))


def _keywords() -> Task:
    from tinylab.data import speech
    from tinylab.signal.mfcc import mfcc

    test = speech.load("test")
    inputs = np.asarray(mfcc(test.waveforms)[..., np.newaxis], np.float32)
    judge = _share_right(test.labels)
    return Task("keyword_spotting", "accuracy", inputs, judge, len(inputs))


def _people() -> Task:
    from tinylab.data import people
    from tinylab.data.pixels import inputs as as_inputs

    test = people.load("test", limit=PICTURES)
    inputs = np.asarray(as_inputs(test.images), np.float32)
    judge = _share_right(test.labels)
    return Task("visual_wake_words", "accuracy", inputs, judge, len(inputs))


def _machines() -> Task:
    from tinylab.data import machines
    from tinylab.scoring import anomaly

    test = machines.load("test", limit=RECORDINGS)
    windows = np.asarray(machines.flat_windows(test.log_mel), np.float32)

    def judge(outputs: np.ndarray) -> float:
        errors = np.mean((windows - outputs) ** 2, axis=1).reshape(len(test.labels), -1)
        return float(anomaly.report(test.labels, errors.mean(axis=1), test.machines).auc)

    return Task("anomaly_detection", "AUC", windows, judge, len(test.labels))


def _heartbeats() -> Task:
    from tinylab.data import heartbeats
    from tinylab.scoring.f1 import class_scores

    beats = heartbeats.beat_inputs(heartbeats.load("hidden"))

    def judge(outputs: np.ndarray) -> float:
        return class_scores(beats.labels, outputs, len(heartbeats.CLASSES)).macro_f1

    inputs = heartbeats.for_network(beats)
    return Task("heartbeat", "macro F1", inputs, judge, len(beats))
