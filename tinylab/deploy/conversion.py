"""Convert a Keras model to the bytes of a `.tflite` program.

Use it as `tinylab.deploy.litert.convert`.

Needs TensorFlow, which is imported when a model is converted.
"""

import contextlib
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tinylab.deploy.interpreter import made_here

if TYPE_CHECKING:
    import keras

__all__ = ["PRECISIONS", "convert", "quiet_stderr"]

PRECISIONS = ("float32", "float16", "dynamic_range", "int8", "int16x8")


def convert(
    model: "keras.Model",
    precision: str = "float32",
    representative_dataset: np.ndarray | Iterable | Callable | None = None,
) -> bytes:
    """Turn a Keras model into a .tflite program for one example at a time.

    Parameters
    ----------
    model : keras.Model
        One input and one output; its batch size is fixed to 1.
    precision : str
        ``float32``; ``float16`` (weights stored as float16); ``dynamic_range`` (int8 weights, float
        activations); ``int8`` (all integers, input and output too); ``int16x8`` (int8 weights,
        int16 activations).
    representative_dataset : ndarray, shape (examples, ...), or iterable of examples, or None
        Inputs from which the ranges of the activations are measured; 100 or so are enough. `int8`
        and `int16x8` need it, except that a model from `tinylab.compress.quantization.qat` brings
        its own ranges for int8.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If the precision is unknown, or the representative data are missing or of the wrong shape.
    RuntimeError
        If TensorFlow's converter refuses the model; the text holds its reason.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, not {precision!r}")
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ValueError("convert takes models with one input and one output")
    examples = _examples(representative_dataset, tuple(model.inputs[0].shape[1:]))
    if _brings_ranges(model, precision):
        examples = None
    elif examples is None and precision in ("int8", "int16x8"):
        raise ValueError(
            f"{precision} needs representative_dataset: pass about 100 typical inputs, so that the "
            "ranges of the activations can be measured (or a quantization-aware model for int8)"
        )
    with quiet_stderr() as chatter:
        try:
            return made_here(_converter(model, precision, examples).convert())
        except Exception as error:
            raise RuntimeError(
                f"the converter refused model {model.name!r} at {precision}: "
                f"{_reason(error, chatter)}"
            ) from error


def _brings_ranges(model, precision: str) -> bool:
    """Whether the model is quantization-aware, and fit for an int8 program."""
    from tinylab.compress.quantization import qat

    if precision not in ("int8", "int16x8") or not qat.is_quantization_aware(model):
        return False
    if precision == "int16x8":
        raise ValueError("a quantization-aware model converts to int8, not to int16x8")
    qat.check_convertible(model)
    return True


def _examples(dataset, shape: tuple) -> np.ndarray | None:
    if dataset is None:
        return None
    dataset = dataset() if callable(dataset) else dataset
    examples = np.asarray(dataset if isinstance(dataset, np.ndarray) else list(dataset), np.float32)
    if examples.size == 0 or examples.shape[examples.ndim - len(shape) :] != shape:
        raise ValueError(
            f"representative_dataset must hold inputs of shape {shape}; its own is {examples.shape}"
        )
    return examples.reshape(-1, *shape)


def _converter(model, precision: str, examples: np.ndarray | None):
    """A TFLiteConverter over the frozen graph of `model` at batch size 1."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    source = model.inputs[0]
    signature = tf.TensorSpec((1, *source.shape[1:]), source.dtype)
    function = tf.function(lambda x: model(x, training=False)).get_concrete_function(signature)
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [convert_variables_to_constants_v2(function)]
    )
    if precision == "float32":
        return converter
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if precision in ("int8", "int16x8"):
        kinds, wide = tf.lite.OpsSet, precision == "int16x8"
        if examples is not None:
            wide_only = kinds.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
            converter.representative_dataset = lambda: ([example[None]] for example in examples)
            converter.target_spec.supported_ops = [
                wide_only if wide else kinds.TFLITE_BUILTINS_INT8
            ]
        kind = tf.int16 if wide else tf.int8
        converter.inference_input_type = converter.inference_output_type = kind
    return converter


@contextlib.contextmanager
def quiet_stderr() -> Iterator[Path]:
    """Keep warnings and logs back; the C++ libraries' standard error goes to the file yielded."""
    sys.stderr.flush()
    log_level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    handle, name = tempfile.mkstemp()
    saved = os.dup(2)
    os.dup2(handle, 2)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield Path(name)
    finally:
        logging.disable(log_level)
        os.dup2(saved, 2)
        os.close(saved)
        os.close(handle)
        Path(name).unlink(missing_ok=True)


def _reason(error: Exception, chatter: Path) -> str:
    """The first line that names an error, from the exception or else from the converter."""
    lines = [line.strip() for line in [*str(error).splitlines(), *chatter.read_text().splitlines()]]
    named = [line for line in lines if "error" in line.lower()]
    return next(iter([*named, *filter(None, lines)]), type(error).__name__)
