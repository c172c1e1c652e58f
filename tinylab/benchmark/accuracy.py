"""Accuracy mode: a model on a data set in the runner's layout, judged as the benchmark judges.

Of anomaly detection only the AUC is quality: the runner also prints a "Top 1 %", which is the best
mean of precision and recall over a hundred thresholds, no accuracy, and is left out here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.benchmark import wake_word
from tinylab.benchmark.examples import model_inputs, read_examples
from tinylab.benchmark.labels import DataFolder
from tinylab.benchmark.quality import Quality, auc_interval, judge
from tinylab.benchmark.rules import Task
from tinylab.deploy.litert import LiteRTModel
from tinylab.scoring.anomaly import score_recordings
from tinylab.scoring.classification import predicted_classes
from tinylab.scoring.intervals import share_interval

__all__ = ["Measured", "kernels_of", "measure_stored", "measure_wake_word", "quality_of_folder"]

SWAP_POINTS = 0.05
"""So much more accuracy with red and blue exchanged is no accident."""


@dataclass(frozen=True)
class Measured:
    """What accuracy mode gave.

    Attributes
    ----------
    quality : Quality or None
        None where the data cannot give one, which `notes` explains.
    kernels : str
        What executed the model.
    notes : tuple of str
        What the reader has to know: files that did not count, a suspicion.
    scores : tuple of float
        Anomaly scores, in the order of the labels; empty for other benchmarks.
    """

    quality: Quality | None
    kernels: str
    notes: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()


def kernels_of(model: LiteRTModel) -> str:
    """The kernels that execute a model on this computer."""
    return "LiteRT reference kernels" if model.exact else "LiteRT fast kernels (XNNPACK)"


def quality_of_folder(model: LiteRTModel, folder: DataFolder, task: Task) -> Measured:
    """Accuracy mode on a folder of the runner.

    Raises
    ------
    ValueError
        A file of the wrong size or type, or classes that are not the model's.
    """
    notes = ()
    if folder.unlabelled:
        notes = (f"{folder.unlabelled} .bin files without a label were not counted",)
    classes = {one.classes for one in folder.files}
    expected = 2 if task.id == "ad" else max(task.outputs)
    if classes != {expected}:
        raise ValueError(
            f"the labels count {', '.join(map(str, sorted(classes)))} classes,"
            f" {task.title} has {expected}"
        )
    measured = measure_stored(model, read_examples(folder, task), folder.labels, task)
    return Measured(measured.quality, measured.kernels, (*notes, *measured.notes), measured.scores)


def measure_stored(
    model: LiteRTModel,
    examples: np.ndarray,
    labels: np.ndarray,
    task: Task,
    groups: Sequence | None = None,
) -> Measured:
    """The quality of a model on examples as their files hold them.

    Parameters
    ----------
    model : LiteRTModel
    examples : array (n, and `file_shape` of the task) of its `file_dtype`
    labels : int array (n,)
    task : Task
        Not the streaming one; see `measure_wake_word`.
    groups : sequence (n,), optional
        What repeats, such as the voice: the interval of an accuracy counts them instead of
        examples. A folder of the runner does not say.
    """
    if task.metric == "AUC":
        return _anomalies(model, examples, labels, task)
    right = _right(model, examples, labels, task)
    interval = share_interval(right, groups)
    repeats = len(right) if groups is None else interval.repeats
    quality = judge(
        "accuracy", interval.mean, (interval.low, interval.high), len(right), task.target, repeats
    )
    notes = ()
    if examples.dtype == np.uint8:
        swapped = float(_right(model, examples[..., ::-1], labels, task).mean())
        if swapped > quality.value + SWAP_POINTS:
            notes = (
                f"with red and blue exchanged it answers {swapped:.1%}: the pictures, or those it"
                " was trained on, are BGR; store them as RGB",
            )
    return Measured(quality, kernels_of(model), notes)


def _right(model: LiteRTModel, examples, labels, task: Task) -> np.ndarray:
    answers = model.predict_quantized(model_inputs(examples, task, model))
    if answers.shape[1] == 1:
        answers = model.dequantize_output(answers)
    return predicted_classes(answers) == labels


def _anomalies(model: LiteRTModel, spectrograms, labels, task: Task) -> Measured:
    scores = score_recordings(model.predict, spectrograms)
    kept = tuple(scores.tolist())
    counts = np.bincount(labels, minlength=2)
    if counts.min() < 2:
        note = (
            f"{counts[0]} normal and {counts[1]} anomalous recordings give scores, but no AUC:"
            " it needs two or more of each"
        )
        return Measured(None, kernels_of(model), (note,), kept)
    area, interval = auc_interval(labels, scores)
    quality = judge("AUC", area, interval, len(labels), task.target)
    return Measured(quality, kernels_of(model), (), kept)


def measure_wake_word(
    model: LiteRTModel, recording: wake_word.WakeWordRecording, task: Task
) -> wake_word.WakeWordScore:
    """Run a detector over a recording, a step of 32 ms at a time.

    Raises
    ------
    ValueError
        The recording is shorter than one input.
    """
    frames = wake_word.features(recording.waveform)
    shape, (length, _) = model.input_details.shape[1:], task.input_shape
    if len(frames) < length:
        raise ValueError(f"the recording has {len(frames)} frames, a window needs {length}")
    inputs = wake_word.windows_of(frames, length).reshape(-1, *shape)
    fired = model.predict(inputs)[:, 0] > wake_word.THRESHOLD
    return wake_word.score_detections(fired, recording)
