"""The trained part of a keyword model, for one client or for many at once: outputs and gradients.

Weights of one model are a tuple of arrays; weights of K clients are the same arrays with a leading
axis K, and `np.matmul` does the rest. The part before it is frozen, so its outputs are computed
once for each clip and taken as `x`.
"""

from typing import Protocol

import numpy as np

from tinylab.adapt.dense_training import Weights

__all__ = ["Head", "LastBlock", "Network", "accuracy_by_word"]


class Network(Protocol):
    """A trained part. Shapes: `...` is nothing, or the axis of the clients."""

    def logits(self, weights: Weights, x: np.ndarray) -> np.ndarray: ...

    def gradients(
        self, weights: Weights, x: np.ndarray, y: np.ndarray, shares: np.ndarray
    ) -> Weights: ...


class Head:
    """The last layer: features in, one output a word.

    `weights` are (kernel (..., features, words), bias (..., words)); `x` is (..., batch, features).
    """

    def start(self, features: int, words: int) -> Weights:
        """Zero weights: every word is as likely."""
        return np.zeros((features, words), np.float32), np.zeros(words, np.float32)

    def logits(self, weights: Weights, x: np.ndarray) -> np.ndarray:
        """Outputs before the softmax, (..., batch, words)."""
        kernel, bias = weights
        return np.matmul(x, kernel) + bias[..., None, :]

    def gradients(
        self, weights: Weights, x: np.ndarray, y: np.ndarray, shares: np.ndarray
    ) -> Weights:
        """Gradient of the cross entropy in which an example counts by its share.

        Parameters
        ----------
        weights : tuple of float32 arrays
        x : float32 array (..., batch, features)
        y : int array (..., batch)
        shares : float32 array (..., batch)
            Add up to one for each client, or to zero for one that has no step to do.
        """
        delta = _softmax_delta(self.logits(weights, x), y, shares)
        return np.matmul(np.swapaxes(x, -1, -2), delta), delta.sum(axis=-2)


class LastBlock:
    """The last pointwise convolution (batch norm folded in), mean over positions, and the head.

    `weights` are (kernel (..., channels, channels), bias, head kernel, head bias); `x` is the
    output of the last depthwise layer, (..., batch, positions, channels).
    """

    def logits(self, weights: Weights, x: np.ndarray) -> np.ndarray:
        """Outputs before the softmax, (..., batch, words)."""
        return self._forward(weights, x)[2]

    def _forward(
        self, weights: Weights, x: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        kernel, bias, head, head_bias = weights
        flat = x.reshape(*x.shape[:-3], -1, x.shape[-1])  # one product for all clips of a client
        hidden = np.maximum(np.matmul(flat, kernel) + bias[..., None, :], 0)
        pooled = hidden.reshape(*x.shape[:-1], -1).mean(axis=-2)
        return hidden, pooled, np.matmul(pooled, head) + head_bias[..., None, :]

    def gradients(
        self, weights: Weights, x: np.ndarray, y: np.ndarray, shares: np.ndarray
    ) -> Weights:
        """As for `Head.gradients`."""
        hidden, pooled, outputs = self._forward(weights, x)
        delta = _softmax_delta(outputs, y, shares)
        positions = x.shape[-2]
        spread = np.matmul(delta, np.swapaxes(weights[2], -1, -2)) / np.float32(positions)
        below = np.repeat(spread, positions, axis=-2) * (hidden > 0)
        flat = x.reshape(*x.shape[:-3], -1, x.shape[-1])
        return (
            np.matmul(np.swapaxes(flat, -1, -2), below),
            below.sum(axis=-2),
            np.matmul(np.swapaxes(pooled, -1, -2), delta),
            delta.sum(axis=-2),
        )


def _softmax_delta(logits: np.ndarray, y: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Gradient of the cross entropy with respect to the logits; works in their memory."""
    logits -= logits.max(axis=-1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=-1, keepdims=True)
    logits.reshape(-1, logits.shape[-1])[np.arange(y.size), y.ravel()] -= 1
    logits *= shares[..., None]
    return logits


def accuracy_by_word(
    network: Network, weights: Weights, x: np.ndarray, y: np.ndarray, words: int
) -> np.ndarray:
    """Share of the clips of each word that are recognised, float64 (words,)."""
    right = network.logits(weights, x).argmax(axis=-1) == y
    return np.bincount(y, right, words) / np.bincount(y, minlength=words)
