"""One set of weights for a whole space of networks: each is a slice of the largest one.

In: a trained DS-CNN. Out: a `SuperNetwork`, whose slices share kernels; gain and offset of a batch
normalization are kept for each width, and a classifier for each depth, because those cannot be
shared (Yu et al., "Slimmable Neural Networks", 2019). Channels are sorted by importance first, so
that a narrow slice has the best ones (Cai et al., "Once-for-All", 2020).
"""

import contextlib
from collections.abc import Callable, Iterator

import keras
import numpy as np
import tensorflow as tf

from tinylab.search.space import CLASSES, MOST_BLOCKS, Architecture, Space

__all__ = ["SuperNetwork", "accuracy_of", "all_scores", "measure_all", "slice_scores"]

EPSILON = 1e-3
POOL_GAIN = 4.0
"""Mean activations are small: without this the classifiers of shallow networks hardly learn."""


class SuperNetwork:
    """Weights of every network of a space.

    Parameters
    ----------
    space : Space
    model : keras.Model
        A DS-CNN of the largest width and four blocks, see `tinylab.models.networks.ds_cnn`.
    """

    def __init__(self, space: Space, model: keras.Model):
        self.space = space
        kernels, norms, classifier = _sorted_by_importance(*_weights_of(model))
        self.stem = tf.Variable(kernels[0])
        self.depthwise = [tf.Variable(kernel) for kernel in kernels[1::2]]
        self.pointwise = [tf.Variable(kernel) for kernel in kernels[2::2]]
        widths = len(space.widths)
        self.gains = [tf.Variable(np.tile(gain, (widths, 1))) for gain, _ in norms]
        self.offsets = [tf.Variable(np.tile(offset, (widths, 1))) for _, offset in norms]
        self.heads = [tf.Variable(classifier / POOL_GAIN) for _ in range(MOST_BLOCKS)]
        self.biases = [tf.Variable(tf.zeros(CLASSES)) for _ in range(MOST_BLOCKS)]
        self._frozen: dict[int, tuple] | None = None
        self._recorded: dict[int, tuple] | None = None
        self._change: Callable = _unchanged

    @property
    def variables(self) -> list[tf.Variable]:
        """All that is trained."""
        shared = [self.stem, *self.depthwise, *self.pointwise]
        return [*shared, *self.gains, *self.offsets, *self.heads, *self.biases]

    def logits(self, x, stride: int, widths, calibration: int | None = None):
        """Scores before the softmax of one slice, shape (n, classes).

        Parameters
        ----------
        x : tensor (n, 49, 10, 1)
        stride : int
        widths : int tensor (depth + 1,)
        calibration : int, optional
            Statistics of batch normalization come from the first so many examples; without it from
            all of them, as in training.
        """
        return self.logits_after_each_block(x, stride, widths, calibration)[-1]

    def logits_after_each_block(
        self, x, stride: int, widths, calibration: int | None = None
    ) -> list:
        """As `logits`, for the slices of 1, 2, ... blocks that this one begins with, and itself."""
        hidden, logits = self.after_stem(x, stride, widths[0], calibration), []
        for block in range(widths.shape[0] - 1):
            hidden = self.after_depthwise(hidden, block, widths[block], calibration)
            hidden = self.after_pointwise(
                hidden, block, widths[block], widths[block + 1], calibration
            )
            logits.append(self.classify(hidden, block, widths[block + 1]))
        return logits

    @contextlib.contextmanager
    def frozen_statistics(self, one: Architecture, x) -> Iterator[None]:
        """Use the statistics of one slice for all, as whoever forgets to calibrate does.

        Parameters
        ----------
        one : Architecture
            The widest and deepest slice that is used meanwhile.
        x : ndarray of float32, shape (n, 49, 10, 1)
        """
        self._frozen = self.statistics_of(one, x)
        try:
            yield
        finally:
            self._frozen = None

    def statistics_of(self, one: Architecture, x) -> dict[int, tuple]:
        """Mean and variance of each normalization of a slice, by its number, from examples."""
        kept: dict[int, tuple] = {}
        self._recorded = kept
        try:
            self.logits(tf.constant(x), one.stride, tf.constant(one.widths))
        finally:
            self._recorded = None
        return kept

    @contextlib.contextmanager
    def changed_kernels(self, change: Callable[[np.ndarray, str], np.ndarray]) -> Iterator[None]:
        """Use every kernel of a slice as a function makes it, such as pruned or quantized.

        Parameters
        ----------
        change : callable (kernel, layer) -> ndarray of the kernel's shape
            The layer is "stem", "depthwise", "pointwise" or "classifier"; output channels come
            last, but for a depthwise kernel (3, 3, channels, 1).
        """
        self._change = change
        try:
            yield
        finally:
            self._change = _unchanged

    def after_stem(self, x, stride: int, width, calibration: int | None):
        """The stem's activations."""
        hidden = tf.nn.conv2d(x, self.stem_kernel(width), [stride, 2], "SAME")
        return self._normalized(hidden, 0, width, calibration)

    def after_depthwise(self, hidden, block: int, width, calibration: int | None):
        """Activations of a block's first half."""
        kernel = self.depthwise_kernel(block, width)
        hidden = tf.nn.depthwise_conv2d(hidden, kernel, [1, 1, 1, 1], "SAME")
        return self._normalized(hidden, 1 + 2 * block, width, calibration)

    def after_pointwise(self, hidden, block: int, width, wider, calibration: int | None):
        """Activations of a block's second half."""
        kernel = self.pointwise_kernel(block, width, wider)
        hidden = tf.nn.conv2d(hidden, kernel, 1, "SAME")
        return self._normalized(hidden, 2 + 2 * block, wider, calibration)

    def classify(self, hidden, block: int, width):
        """Scores from the activations after a block."""
        pooled = POOL_GAIN * tf.reduce_mean(hidden, [1, 2])
        return pooled @ self.classifier_kernel(block, width) + self.biases[block]

    def stem_kernel(self, width):
        """Of a slice, as it is used: (10, 4, 1, width)."""
        return self._change(self.stem[..., :width], "stem")

    def depthwise_kernel(self, block: int, width):
        """Of a slice, as it is used: (3, 3, width, 1)."""
        return self._change(self.depthwise[block][:, :, :width], "depthwise")

    def pointwise_kernel(self, block: int, width, wider):
        """Of a slice, as it is used: (1, 1, width, wider)."""
        return self._change(self.pointwise[block][:, :, :width, :wider], "pointwise")

    def classifier_kernel(self, block: int, width):
        """Of a slice, as it is used: (width, classes), for `POOL_GAIN` times the means."""
        return self._change(self.heads[block][:width], "classifier")

    def norm_weights(self, layer: int, width) -> tuple:
        """Gain and offset of a slice's normalization, each (width,)."""
        kind = tf.argmax(tf.cast(tf.equal(self.space.widths, width), tf.int32))
        return self.gains[layer][kind][:width], self.offsets[layer][kind][:width]

    def _normalized(self, x, layer: int, width, calibration: int | None):
        mean, variance = self._statistics(x[:calibration], layer, width)
        gain, offset = self.norm_weights(layer, width)
        scale = gain * tf.math.rsqrt(variance + EPSILON)
        return tf.nn.relu(x * scale + (offset - mean * scale))  # two passes over x, not four

    def _statistics(self, x, layer: int, width) -> tuple:
        if self._frozen is not None:
            mean, variance = self._frozen[layer]
            return mean[:width], variance[:width]
        moments = tf.nn.moments(x, [0, 1, 2])
        if self._recorded is not None:
            self._recorded[layer] = moments
        return moments


def slice_scores(network: SuperNetwork, one: Architecture, calibration, x) -> np.ndarray:
    """What one slice says before the softmax, its batch normalization calibrated on other examples.

    Parameters
    ----------
    network : SuperNetwork
    one : Architecture
    calibration, x : ndarray of float32, shape (n, 49, 10, 1)

    Returns
    -------
    ndarray of float32, shape (n, classes)
        Of `x`.
    """
    both = tf.constant(np.concatenate([calibration, x]))
    scores = network.logits(both, one.stride, tf.constant(one.widths), len(calibration))
    return np.asarray(scores)[len(calibration) :]


def accuracy_of(network: SuperNetwork, one: Architecture, calibration, x, y) -> float:
    """Share of right answers of one slice, as `slice_scores`; y are the labels of x, int64 (n,)."""
    return float(np.mean(slice_scores(network, one, calibration, x).argmax(axis=1) == y))


def all_scores(network: SuperNetwork, calibration, x) -> Iterator[tuple[Architecture, np.ndarray]]:
    """What every slice says of every example before the softmax, (n, classes), deeper ones later.

    Networks that begin alike have the same activations there, statistics included; so each
    beginning is computed once, and the tree of widths is walked depth first.
    """
    both, count = tf.constant(np.concatenate([calibration, x])), len(calibration)

    def walk(hidden, stride: int, widths: tuple[int, ...]):
        block = len(widths) - 1
        if block == MOST_BLOCKS:
            return
        half = network.after_depthwise(hidden, block, widths[-1], count)
        for wider in network.space.widths:
            whole = network.after_pointwise(half, block, widths[-1], wider, count)
            scores = np.asarray(network.classify(whole[count:], block, wider))
            yield Architecture(stride, (*widths, wider)), scores
            yield from walk(whole, stride, (*widths, wider))

    for stride in network.space.strides:
        for width in network.space.widths:
            stem = network.after_stem(both, stride, width, count)
            yield from walk(stem, stride, (width,))


def measure_all(network: SuperNetwork, calibration, x, y) -> Iterator[tuple[Architecture, float]]:
    """The accuracy of every slice, as `accuracy_of` gives it, five times as fast."""
    for one, scores in all_scores(network, calibration, x):
        yield one, float(np.mean(np.argmax(scores, axis=1) == y))


def _unchanged(kernel, layer: str):
    return kernel


def _weights_of(model: keras.Model):
    """Kernels, (gain, offset) pairs and the classifier of a DS-CNN, in order."""
    names = ["stem"]
    for block in range(1, MOST_BLOCKS + 1):
        names += [f"block{block}_depthwise", f"block{block}_pointwise"]
    kernels = [np.asarray(model.get_layer(name).get_weights()[0]) for name in names]
    norms = [model.get_layer(f"{name}_norm").get_weights()[:2] for name in names]
    return kernels, norms, model.get_layer("classifier").get_weights()[0]


def _sorted_by_importance(kernels: list, norms: list, classifier: np.ndarray):
    """The same network with channels in falling order of what the next layer makes of them."""
    kernels, norms = list(kernels), [tuple(map(np.asarray, pair)) for pair in norms]
    for block in range(MOST_BLOCKS + 1):
        writes, depthwise, reads = 2 * block, 2 * block + 1, 2 * block + 2
        last = block == MOST_BLOCKS
        later, gain = (
            (classifier, norms[writes][0]) if last else (kernels[reads][0, 0], norms[depthwise][0])
        )
        order = np.argsort(-np.abs(later).sum(axis=1) * np.abs(gain))
        kernels[writes] = kernels[writes][..., order]
        norms[writes] = tuple(values[order] for values in norms[writes])
        if last:
            classifier = classifier[order]
        else:
            kernels[depthwise] = kernels[depthwise][:, :, order]
            norms[depthwise] = tuple(values[order] for values in norms[depthwise])
            kernels[reads] = kernels[reads][:, :, order]
    return kernels, norms, classifier
