"""Programs and data in little, for the tests of the benchmark."""

import numpy as np

from tinylab.benchmark.labels import write_folder
from tinylab.benchmark.rules import TASKS


class Answering:
    """Stands for a LiteRTModel: answers with what a function makes of the stored inputs."""

    exact = False

    def __init__(self, answer, shape, scale=1 / 255, zero_point=-128, outputs=2):
        from tinylab.deploy.litert import TensorDetails

        self.answer = answer
        self.input_details = TensorDetails("x", (1, *shape), np.dtype("int8"), scale, zero_point)
        self.output_details = TensorDetails("y", (1, outputs), np.dtype("int8"), 1 / 256, -128)

    def quantize_input(self, x):
        details = self.input_details
        steps = np.rint(x / details.scale) + details.zero_point
        return np.clip(steps, -128, 127).astype(np.int8)

    def predict_quantized(self, x):
        return self.answer(x)


def pictures(count: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Pictures whose class is whether red is brighter than blue."""
    rng = np.random.default_rng(5)
    labels = np.arange(count) % 2
    images = rng.integers(0, 60, (count, 96, 96, 3), dtype=np.uint8)
    images[labels == 1, ..., 0] += 100
    images[labels == 0, ..., 2] += 100
    return images, labels


def redder(stored: np.ndarray) -> np.ndarray:
    """Scores of a model that knows that."""
    means = stored.astype(float).mean(axis=(1, 2))
    return np.stack([means[:, 2], means[:, 0]], axis=1)


def words_folder(path, count: int = 24):
    """A folder of keyword features in the runner's layout."""
    rng = np.random.default_rng(6)
    examples = rng.integers(-128, 128, (count, 49, 10), dtype=np.int64).astype(np.int8)
    return write_folder(path, TASKS["kws"], examples, np.arange(count) % 12), examples
