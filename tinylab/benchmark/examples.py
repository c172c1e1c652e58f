"""`.bin` files of the runner into what a model takes: integers with their meaning, in its unit."""

import numpy as np

from tinylab.benchmark.labels import DataFolder
from tinylab.benchmark.rules import Task
from tinylab.deploy.litert import LiteRTModel, TensorDetails
from tinylab.signal.device_input import real_features

__all__ = ["model_inputs", "picture_range", "read_examples"]

STEPS = 255
LOUDEST_dB = 200.0  # no log-mel spectrogram is louder, or quieter by more


def read_examples(folder: DataFolder, task: Task) -> np.ndarray:
    """Every labelled example as it is stored, array (files, and `file_shape` of the task).

    Raises
    ------
    ValueError
        A file whose size is not that of the benchmark's examples; the message says what it has.
    """
    dtype = np.dtype(task.file_dtype)
    wanted = dtype.itemsize * int(np.prod(task.file_shape))
    examples = np.empty((len(folder.files), *task.file_shape), dtype)
    for row, one in enumerate(folder.files):
        content = (folder.path / one.name).read_bytes()
        if len(content) != wanted:
            shape = " x ".join(map(str, task.file_shape))
            raise ValueError(
                f"{one.name} holds {len(content):,} bytes, not the {wanted:,} of {shape} {dtype}:"
                f" is it a file of {task.title}?"
            )
        examples[row] = np.frombuffer(content, dtype).reshape(task.file_shape)
    if dtype.kind == "f":
        level = np.abs(examples).reshape(len(examples), -1).max(axis=1)
        bad = np.flatnonzero(~(level <= LOUDEST_dB))
        if bad.size:
            raise ValueError(
                f"{folder.files[bad[0]].name} holds numbers that are no decibels:"
                f" is it little-endian {dtype.name}?"
            )
    return examples


def picture_range(task: Task, details: TensorDetails) -> float:
    """The real value that the brightest pixel stands for at a model's input: 1 or 255.

    An integer input says it by its scale. A float input takes what the benchmark's reference model
    takes: 0 to 1 for visual wake words, 0 to 255 for image classification.
    """
    if details.scale:
        return 255.0 if details.scale * STEPS > 16 else 1.0
    return 255.0 if task.id == "ic" else 1.0


def model_inputs(examples: np.ndarray, task: Task, model: LiteRTModel) -> np.ndarray:
    """Stored examples (n, ...) as the model's input holds them, (n, and the input's shape)."""
    if task.id == "kws":
        real = real_features(examples)
    elif examples.dtype == np.uint8:
        real = examples * np.float32(picture_range(task, model.input_details) / STEPS)
    else:
        real = np.asarray(examples, np.float32)
    shape = model.input_details.shape[1:]
    return model.quantize_input(real.reshape(len(real), *shape))
