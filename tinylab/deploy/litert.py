"""LiteRT: convert a Keras model to a `.tflite` program, run it and evaluate it.

`convert` needs TensorFlow, which it imports when it is called; running a model needs LiteRT alone.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinylab.deploy import interpreter
from tinylab.deploy.conversion import PRECISIONS, convert, quiet_stderr
from tinylab.scoring.classification import accuracy, require_examples

__all__ = [
    "PRECISIONS",
    "Evaluation",
    "LiteRTModel",
    "TensorDetails",
    "convert",
    "evaluate",
    "quiet_stderr",
]

FILE_IDENTIFIER = b"TFL3"
_CHUNK = 100  # examples that are quantized at a time: of a thousand pictures it takes 400 MB


@dataclass(frozen=True)
class TensorDetails:
    """An input or output of a program: `scale` is 0.0 where it is not quantized."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    scale: float
    zero_point: int


class FastKernelsRefuse(Exception):
    """XNNPACK cannot compute a layer, whose scales it takes for nonsense; the reference can."""


class LiteRTModel:
    """A .tflite program with one input and one output, ready to run.

    A program that was not converted in this process runs in one of its own: a damaged file can
    crash LiteRT.

    Parameters
    ----------
    model : bytes, str or Path
        The program, or the file it is in.
    exact : bool
        False runs LiteRT's fast kernels (XNNPACK), which may differ from the reference kernels in
        the last place of an integer; where they do not take a program, a warning says that the
        reference kernels run it. True runs the reference kernels: some 50 times slower, and the
        ones to compare integer arithmetic with.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the bytes are not a whole .tflite program, or one with other than one input and one
        output of one example each.
    """

    def __init__(self, model: bytes | str | Path, *, exact: bool = False):
        self.content = _read(model)
        try:
            with quiet_stderr():
                self._interpreter = _interpreter(self.content, exact)
        except FastKernelsRefuse:
            warnings.warn(
                "LiteRT's fast kernels do not take this program, as where a layer always gives the "
                "same: the reference kernels run it, which are slower.",
                stacklevel=2,
            )
            exact = True
            with quiet_stderr():
                self._interpreter = _interpreter(self.content, exact)
        inputs, outputs = self._interpreter.ends
        if len(inputs) != 1 or len(outputs) != 1:
            raise ValueError(
                f"the program has {len(inputs)} inputs and {len(outputs)} outputs; "
                "LiteRTModel takes those with one of each"
            )
        if any(end["shape"][:1] != [1] for end in (*inputs, *outputs)):
            raise ValueError("the program must take and give one example at a time")
        self.exact = exact
        self.input_details = _details(inputs[0])
        self.output_details = _details(outputs[0])

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Outputs for a batch of real-valued inputs; quantizes and dequantizes at the boundary.

        Parameters
        ----------
        x : ndarray, shape (examples, ...)

        Returns
        -------
        ndarray of float32, shape (examples, ...)
        """
        x = self._checked(x)
        parts = [x[start : start + _CHUNK] for start in range(0, max(len(x), 1), _CHUNK)]
        answers = [self.predict_quantized(self.quantize_input(part)) for part in parts]
        return self.dequantize_output(np.concatenate(answers))

    def predict_quantized(self, x: np.ndarray) -> np.ndarray:
        """Outputs for a batch as the program stores both: int8 in, int8 out for an int8 program.

        Parameters
        ----------
        x : ndarray of the input's dtype, shape (examples, ...)

        Raises
        ------
        ValueError
            If the shape or the dtype is not the program's.
        """
        x = self._checked(x)
        if x.dtype != self.input_details.dtype:
            raise ValueError(
                f"the program takes {self.input_details.dtype}, not {x.dtype}; "
                "use predict for real values"
            )
        if not len(x):
            return np.empty((0, *self.output_details.shape[1:]), self.output_details.dtype)
        try:
            return self._interpreter.run(x)
        except interpreter.ProgramError as error:
            raise ValueError(f"LiteRT cannot run this program: {error}") from error

    def quantize_input(self, x: np.ndarray) -> np.ndarray:
        """Real values -> the input's integers (rounded, clipped); unchanged for a float program."""
        x, details = self._checked(x), self.input_details
        if not details.scale:
            return x.astype(details.dtype)
        limits = np.iinfo(details.dtype)
        integers = np.rint(x / np.float32(details.scale)) + details.zero_point
        return np.clip(integers, limits.min, limits.max).astype(details.dtype)

    def dequantize_output(self, y: np.ndarray) -> np.ndarray:
        """The output's integers -> real values (float32); unchanged for a float program."""
        details = self.output_details
        if not details.scale:
            return np.asarray(y, np.float32)
        return (y.astype(np.float32) - np.float32(details.zero_point)) * np.float32(details.scale)

    def _checked(self, x: np.ndarray) -> np.ndarray:
        x, shape = np.asarray(x), self.input_details.shape[1:]
        if x.shape[1:] != shape or x.ndim != len(shape) + 1:
            wanted = ", ".join(map(str, shape))
            raise ValueError(f"pass a batch of shape (examples, {wanted}), not {x.shape}")
        return x


@dataclass(frozen=True)
class Evaluation:
    """How well a classifier does: measured on `examples` inputs."""

    accuracy: float
    examples: int
    model_bytes: int


def evaluate(model: "LiteRTModel | bytes | str | Path", x: np.ndarray, y: np.ndarray) -> Evaluation:
    """Accuracy of a classifier on `x`, shape (examples, ...), with class indices `y`, shape
    (examples,).

    Raises
    ------
    ValueError
        If `x` and `y` disagree in length or are empty, or the answers are no classes
        (`tinylab.scoring.classification.predicted_classes`).
    """
    model = model if isinstance(model, LiteRTModel) else LiteRTModel(model)
    y = np.asarray(y)
    require_examples(x, y)
    return Evaluation(accuracy(y, model.predict(x)), len(y), len(model.content))


def _read(model: bytes | str | Path) -> bytes:
    if isinstance(model, (bytes, bytearray, memoryview)):
        content, name = bytes(model), "these bytes"
    else:
        path = Path(model)
        if not path.is_file():
            raise FileNotFoundError(f"there is no program at {path}")
        content, name = path.read_bytes(), str(path)
    if content[4:8] != FILE_IDENTIFIER:
        raise ValueError(f"{name}: not a .tflite program (no TFL3 mark at byte 4)")
    return content


def _interpreter(content: bytes, exact: bool):
    """LiteRT checks the flatbuffer's structure itself; its complaint becomes one sentence."""
    try:
        return interpreter.start(content, exact=exact)
    except interpreter.ProgramError as error:
        if "Didn't find op" in str(error):
            raise ValueError(
                f"LiteRT lacks a kernel for this program: {error} (4-bit weights need exact=False)"
            ) from error
        if "XNNPACK" in str(error) and not exact:
            raise FastKernelsRefuse from error
        raise ValueError(
            f"LiteRT cannot load this program of {len(content)} bytes: {error} (it is damaged, "
            "cut short, or of a kind that LiteRT does not take)"
        ) from error


def _details(end: dict) -> TensorDetails:
    shape, dtype = tuple(end["shape"]), np.dtype(end["dtype"])
    return TensorDetails(end["name"], shape, dtype, end["scale"], end["zero_point"])
