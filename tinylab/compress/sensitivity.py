"""Layer x sparsity: prune one layer of a trained model at a time, and measure what it costs.

The rows are what the explorer looks up, so this module imports Keras only when it has to measure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from tqdm.auto import tqdm

from tinylab.cache import fingerprint, remembered
from tinylab.compress.masks import magnitude_mask

if TYPE_CHECKING:
    import keras

__all__ = ["LayerSensitivity", "Sensitivity", "measure_sensitivity"]

SPARSITIES = (0.3, 0.5, 0.7, 0.9)
# Part of the name of a cached measurement: to be raised when the same inputs would give other rows.
VERSION = 1


@dataclass(frozen=True)
class LayerSensitivity:
    """One layer, pruned alone.

    Parameters
    ----------
    layer, kind : str
        Name of the layer and of its class.
    weights : int
        In its kernel.
    accuracy : tuple of float
        One for each sparsity, 0 to 1.
    """

    layer: str
    kind: str
    weights: int
    accuracy: tuple[float, ...]


@dataclass(frozen=True)
class Sensitivity:
    """Every layer at every sparsity, and the whole model.

    Parameters
    ----------
    layers : tuple of LayerSensitivity
        From the input on.
    sparsities : tuple of float
    together : tuple of float
        Accuracy with all layers pruned alike, one for each sparsity.
    dense_accuracy : float
        Of the model as it is.
    examples : int
    """

    layers: tuple[LayerSensitivity, ...]
    sparsities: tuple[float, ...]
    together: tuple[float, ...]
    dense_accuracy: float
    examples: int

    def tolerated(self, loss: float) -> dict[str, float]:
        """The largest measured sparsity of each layer, by name, up to which it loses at most `loss`.

        0 where even the smallest costs more. A layer that recovers at a higher sparsity by chance
        counts up to the first one that costs more.
        """
        limits = {}
        for row in self.layers:
            limits[row.layer] = 0.0
            for sparsity, accuracy in zip(self.sparsities, row.accuracy, strict=True):
                if self.dense_accuracy - accuracy > loss + 1e-12:
                    break
                limits[row.layer] = sparsity
        return limits

    @classmethod
    def from_dict(cls, stored: dict) -> "Sensitivity":
        """What `dataclasses.asdict` turned into plain data."""
        stored = dict(stored)
        rows = [
            LayerSensitivity(**{**row, "accuracy": tuple(row["accuracy"])})
            for row in stored.pop("layers")
        ]
        tuples = {name: tuple(stored.pop(name)) for name in ("sparsities", "together")}
        return cls(tuple(rows), **tuples, **stored)


def measure_sensitivity(
    model: "keras.Model",
    x: np.ndarray,
    y: np.ndarray,
    *,
    sparsities: Sequence[float] = SPARSITIES,
    progress: bool = True,
    cache: bool = True,
) -> Sensitivity:
    """Prune each layer alone to each sparsity, without training, and measure the accuracy.

    Parameters
    ----------
    model : keras.Model
        A classifier; its batch norm, if any, is folded first, so that magnitudes are those of the
        weights a device multiplies with.
    x : ndarray, shape (examples, ...)
    y : ndarray of int, shape (examples,)
    sparsities : sequence of float
        Rising.
    progress : bool
        Show a progress bar.
    cache : bool
        Keep the result in the work folder, and take it from there if model and data are the same.
    """
    x, y = np.asarray(x, np.float32), np.asarray(y)
    if len(x) != len(y) or len(y) == 0:
        raise ValueError(f"x and y must be of one length, at least 1, not {len(x)} and {len(y)}")
    sparsities = tuple(float(one) for one in sparsities)
    if not sparsities or list(sparsities) != sorted(set(sparsities)):
        raise ValueError(f"sparsities must rise, not {sparsities}")

    def measure() -> Sensitivity:
        return _measure(model, x, y, sparsities, progress)

    if not cache:
        return measure()
    name = fingerprint((*model.get_weights(), x, y), (sparsities, model.to_json(), VERSION))
    return remembered(f"sensitivity_{name}", measure, Sensitivity.from_dict)


def _measure(model, x, y, sparsities, progress) -> Sensitivity:
    from tinylab.compress.fold import fold_batch_norm
    from tinylab.compress.prune import kernels_of

    folded = fold_batch_norm(model)
    kernels = kernels_of(folded)
    with tqdm(
        total=(len(kernels) + 1) * len(sparsities), desc="pruning", disable=not progress
    ) as bar:

        def accuracy(names, sparsity):
            for name in names:
                kept = magnitude_mask(kernels[name], sparsity)
                folded.get_layer(name).kernel.assign(kernels[name] * kept)
            right = _accuracy(folded, x, y)
            for name in names:
                folded.get_layer(name).kernel.assign(kernels[name])
            bar.update()
            return right

        rows = tuple(
            LayerSensitivity(
                name,
                type(folded.get_layer(name)).__name__,
                int(kernel.size),
                tuple(accuracy([name], sparsity) for sparsity in sparsities),
            )
            for name, kernel in kernels.items()
        )
        together = tuple(accuracy(kernels, sparsity) for sparsity in sparsities)
    return Sensitivity(rows, sparsities, together, _accuracy(folded, x, y), len(y))


def _accuracy(model, x: np.ndarray, y: np.ndarray) -> float:
    from tinylab.models.metrics import accuracy

    return accuracy(y, model.predict(x, batch_size=250, verbose=0))
