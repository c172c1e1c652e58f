"""The workbook's own test examples, stored as MLPerf Tiny stores its.

For readers without the benchmark's data. What is measured on them says how a model does on these
examples, and is no MLPerf Tiny accuracy.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from tinylab.benchmark.rules import Task
from tinylab.data import machines, people, speech
from tinylab.signal.device_input import stored_features
from tinylab.signal.mfcc import mfcc

__all__ = ["built_in_examples"]


def built_in_examples(task: Task, limit: int = 400) -> tuple[np.ndarray, np.ndarray, str]:
    """Examples of the built-in test split.

    Parameters
    ----------
    task : Task
    limit : int
        The most examples.

    Returns
    -------
    examples : array (n, ...) of task.file_dtype
        Of task.file_shape; recordings of machines have 64 frames where the benchmark has 200.
    labels : int64 array (n,)
    name : str
        What they are, for the report.

    Raises
    ------
    ValueError
        A benchmark that the workbook has no data for.
    """
    if task.id not in _MAKERS:
        raise ValueError(
            f"the workbook has no data for {task.title}: pass --data FOLDER, with the benchmark's"
        )
    examples, labels, what = _MAKERS[task.id](limit)
    return examples, labels, f"{len(labels)} of the workbook's own {what}, not MLPerf Tiny's set"


def _words(limit: int) -> tuple[np.ndarray, np.ndarray, str]:
    clips = speech.load("test", per_class=max(1, limit // len(speech.LABELS)), seed=11)
    return stored_features(mfcc(clips.waveforms)), clips.labels, "synthetic test clips"


def _pictures(limit: int) -> tuple[np.ndarray, np.ndarray, str]:
    pictures = people.load("test", limit=limit)
    return pictures.images, pictures.labels.astype(np.int64), "rendered test scenes"


def _machines(limit: int) -> tuple[np.ndarray, np.ndarray, str]:
    found = machines.load("test")
    chosen = np.random.default_rng(11).permutation(len(found.labels))[:limit]
    labels = found.labels[chosen].astype(np.int64)
    return found.log_mel[chosen], labels, "simulated test recordings of two seconds"


_MAKERS: Mapping[str, Callable[[int], tuple[np.ndarray, np.ndarray, str]]] = MappingProxyType(
    {"kws": _words, "vww": _pictures, "ad": _machines}
)
