"""The workbook's own test examples, stored as MLPerf Tiny stores its.

For readers without the benchmark's data. What is measured on them says how a model does on these
examples, and is no MLPerf Tiny accuracy.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tinylab.benchmark.rules import Task
from tinylab.data import machines, people, speech
from tinylab.signal.device_input import stored_features
from tinylab.signal.mfcc import mfcc

__all__ = ["BuiltIn", "built_in_examples"]


@dataclass(frozen=True)
class BuiltIn:
    """Examples of the built-in test split.

    Attributes
    ----------
    examples : array (n, ...) of task.file_dtype
        Of task.file_shape; recordings of machines have 64 frames where the benchmark has 200.
    labels : int64 array (n,)
    groups : array (n,)
        What repeats: the voice of a clip, the scene of a picture, the number of a recording.
    name : str
        What they are, for the report.
    """

    examples: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    name: str


def built_in_examples(task: Task, limit: int = 400) -> BuiltIn:
    """Examples of the built-in test split.

    Parameters
    ----------
    task : Task
    limit : int
        The most examples.

    Raises
    ------
    ValueError
        A benchmark that the workbook has no data for.
    """
    if task.id not in _MAKERS:
        raise ValueError(
            f"the workbook has no data for {task.title}: pass --data FOLDER, with the benchmark's"
        )
    return _MAKERS[task.id](limit)


def _named(count: int, what: str) -> str:
    return f"{count} of the workbook's own {what}, not MLPerf Tiny's set"


def _words(limit: int) -> BuiltIn:
    clips = speech.load("test", per_class=max(1, limit // len(speech.LABELS)), seed=11)
    stored = stored_features(mfcc(clips.waveforms))
    # Silence has no voice: each of its clips stands for itself.
    alone = [f"silence {number}" for number in range(len(clips))]
    voices = np.where(clips.voices == "", alone, clips.voices)
    return BuiltIn(stored, clips.labels, voices, _named(len(clips), "synthetic test clips"))


def _pictures(limit: int) -> BuiltIn:
    scenes = people.load("test", limit=limit)
    labels = scenes.labels.astype(np.int64)
    return BuiltIn(
        scenes.images, labels, scenes.scenes, _named(len(labels), "rendered test scenes")
    )


def _machines(limit: int) -> BuiltIn:
    recordings = machines.load("test")
    chosen = np.random.default_rng(11).permutation(len(recordings.labels))[:limit]
    labels = recordings.labels[chosen].astype(np.int64)
    name = _named(len(labels), "simulated test recordings of two seconds")
    return BuiltIn(recordings.log_mel[chosen], labels, chosen, name)


_MAKERS: Mapping[str, Callable[[int], BuiltIn]] = MappingProxyType(
    {"kws": _words, "vww": _pictures, "ad": _machines}
)
