"""Training on the device: write a Keras model as one `.tflite` file that can learn.

`build` runs on the workstation. `OnDeviceModel` is the device: it opens the file with LiteRT and
uses its four signatures, `train`, `infer`, `read_weights` and `write_weights`; what it learned
goes to a small file and back. Why the gradient is written by hand: see `training_graph`.
"""

import tempfile
import zipfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from tinylab.adapt.on_device.training_graph import TrainingGraph
from tinylab.deploy.litert import quiet_stderr
from tinylab.files import replacing

__all__ = ["SIGNATURES", "OnDeviceModel", "build"]

SIGNATURES = ("train", "infer", "read_weights", "write_weights")


def build(
    model: keras.Model,
    batch_size: int = 20,
    learning_rate: float = 0.02,
    *,
    dense_layers: int = 1,
    bias_only: bool = False,
) -> bytes:
    """Make a `.tflite` whose last dense layers can be trained where it runs.

    The file holds builtin operators only, so any LiteRT runs it. One `train` call is one step of
    plain gradient descent on a batch. TensorFlow Lite Micro has no variables of this kind: never
    hand it such a file.

    Parameters
    ----------
    model : keras.Model
        Ends in `Dense` with softmax (trained with cross entropy) or in a linear `Dense` (trained
        with mean squared error, for an autoencoder). It is not changed.
    batch_size : int
        Examples in each `train` call.
    learning_rate : float
        Step size, fixed in the file.
    dense_layers : int
        How many of the last dense layers to train, batch norm folded into them; the rest is
        frozen. All of an all-dense autoencoder's layers: full backpropagation.
    bias_only : bool
        Train the biases of those layers and keep their kernels.

    Returns
    -------
    bytes
        The flatbuffer, for `OnDeviceModel` or for a file.

    Raises
    ------
    ValueError
        A model of another form, or a batch size or learning rate that is not positive.
    """
    if batch_size < 1 or not learning_rate > 0:
        raise ValueError("batch_size must be at least 1 and learning_rate above 0")
    graph = TrainingGraph(
        model,
        batch_size=batch_size,
        learning_rate=learning_rate,
        dense_layers=dense_layers,
        bias_only=bias_only,
    )
    with tempfile.TemporaryDirectory() as folder, quiet_stderr():
        tf.saved_model.save(graph, folder, signatures=graph.signatures())
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        converter.experimental_enable_resource_variables = True
        return converter.convert()


class OnDeviceModel:
    """An on-device model at work: LiteRT only, no gradient tape and no Keras.

    Parameters
    ----------
    source : bytes, str or Path
        What `build` returned, or a file that holds it.

    Raises
    ------
    FileNotFoundError
        No such file.
    ValueError
        Not a `.tflite`, or one without the four signatures.
    """

    def __init__(self, source: bytes | str | Path) -> None:
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
        try:
            interpreter = Interpreter(model_content=content, num_threads=1)
            missing = set(SIGNATURES) - set(interpreter.get_signature_list())
        except (ValueError, RuntimeError) as error:
            raise ValueError(f"not a model that LiteRT can read: {error}") from error
        if missing:
            raise ValueError(
                f"not an on-device model: it has no signature {', '.join(sorted(missing))}; "
                "make one with tinylab.adapt.on_device.program.build"
            )
        self._run = {name: interpreter.get_signature_runner(name) for name in SIGNATURES}

    @property
    def batch_size(self) -> int:
        """Examples that one training step takes."""
        return self._shape("train", "x")[0]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one example."""
        return self._shape("infer", "x")[1:]

    @property
    def outputs(self) -> int:
        """Classes of a classifier, values of an autoencoder."""
        return self._shape("train", "y")[1]

    @property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of `kernel_0`, `bias_0` and so on, counted from the first trained layer."""
        return {name: self._shape("write_weights", name) for name in self._inputs("write_weights")}

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Answer examples one by one, as a device does.

        Parameters
        ----------
        x : array (n, ...), float32

        Returns
        -------
        array (n, outputs), float32
        """
        x = np.asarray(x, np.float32)
        if x.shape[1:] != self.input_shape:
            raise ValueError(
                f"examples have shape {x.shape[1:]}: the model takes {self.input_shape}"
            )
        answers = [self._run["infer"](x=example[None])["output"][0] for example in x]
        return np.array(answers, np.float32).reshape(len(x), self.outputs)

    def train_step(self, x: np.ndarray, y: np.ndarray) -> float:
        """Take one gradient step and return the loss before it.

        Parameters
        ----------
        x : array (batch_size, ...), float32
        y : array (batch_size,) of integers, or (batch_size, outputs), float32
            Class numbers; or probabilities of the classes, or an autoencoder's target.

        Raises
        ------
        ValueError
            Another batch size or shape than the file was built for, or unknown classes.
        """
        x, y = np.asarray(x, np.float32), self._targets(y)
        for name, value in (("x", x), ("y", y)):
            if value.shape != self._shape("train", name):
                raise ValueError(
                    f"{name} has shape {value.shape}: this model was built for "
                    f"{self._shape('train', name)}; `fit` takes any number of examples"
                )
        return float(self._run["train"](x=x, y=y)["loss"])

    def fit(self, x: np.ndarray, y: np.ndarray, *, epochs: int = 20, seed: int = 0) -> list[float]:
        """Train on any number of examples; return the mean loss of each epoch.

        The last batch of an epoch is filled up with examples from the start of its order.
        """
        x, y = np.asarray(x, np.float32), np.asarray(y)
        if len(x) == 0 or len(x) != len(y):
            raise ValueError(f"{len(x)} examples and {len(y)} targets: pass as many, at least 1")
        steps = -(-len(x) // self.batch_size)
        order = np.random.default_rng(seed)
        losses = []
        for _ in range(epochs):
            picked = np.resize(order.permutation(len(x)), (steps, self.batch_size))
            losses.append(float(np.mean([self.train_step(x[rows], y[rows]) for rows in picked])))
        return losses

    def read_weights(self) -> dict[str, np.ndarray]:
        """Trained weights by name (copies)."""
        weights = self._run["read_weights"]()
        return {name: np.array(weights[name]) for name in self.weight_shapes}

    def write_weights(self, weights: dict[str, np.ndarray]) -> None:
        """Replace the trained weights.

        Raises
        ------
        ValueError
            Other names or shapes than `weight_shapes`, or values that are not finite.
        """
        shapes = {name: np.shape(value) for name, value in weights.items()}
        if shapes != self.weight_shapes:
            raise ValueError(f"weights {shapes} do not fit this model: it has {self.weight_shapes}")
        values = {name: np.asarray(value, np.float32) for name, value in weights.items()}
        if not all(np.isfinite(value).all() for value in values.values()):
            raise ValueError(
                "the weights hold values that are not finite: they are left as they were"
            )
        self._run["write_weights"](**values)

    def save(self, path: str | Path) -> None:
        """Write the trained weights to an `.npz` file, whole or not at all."""
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez(file, **self.read_weights())

    def restore(self, path: str | Path) -> None:
        """Read the trained weights from a file that `save` wrote.

        Raises
        ------
        FileNotFoundError
            No such file.
        ValueError
            Not such a file, or one of another model.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                weights = {name: stored[name] for name in stored.files}
        except (ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path} holds no saved weights: {error}") from error
        self.write_weights(weights)

    def _targets(self, y: np.ndarray) -> np.ndarray:
        y = np.asarray(y)
        if y.ndim > 1:
            return y.astype(np.float32)
        if not np.issubdtype(y.dtype, np.integer) or not np.all((y >= 0) & (y < self.outputs)):
            raise ValueError(f"class numbers must be integers in 0..{self.outputs - 1}")
        return np.eye(self.outputs, dtype=np.float32)[y]

    def _inputs(self, signature: str) -> dict:
        return self._run[signature].get_input_details()

    def _shape(self, signature: str, name: str) -> tuple[int, ...]:
        return tuple(int(length) for length in self._inputs(signature)[name]["shape"])
