"""Layer x sparsity: prune one layer of a trained model at a time, and measure what it costs.

The rows are what the explorer looks up, so this module imports Keras only when it has to measure.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from tqdm.auto import tqdm

from tinylab.cache import fingerprint, remembered
from tinylab.compress.pruning.masks import magnitude_mask
from tinylab.compress.pruning.results import LayerSensitivity, SensitivityResults
from tinylab.scoring.classification import measured_accuracy, require_examples

if TYPE_CHECKING:
    import keras

__all__ = ["measure_sensitivity"]

SPARSITIES = (0.3, 0.5, 0.7, 0.9)
# Part of the name of a cached measurement: to be raised when the same inputs would give other rows.
VERSION = 1


def measure_sensitivity(
    model: "keras.Model",
    x: np.ndarray,
    y: np.ndarray,
    *,
    sparsities: Sequence[float] = SPARSITIES,
    progress: bool = True,
    cache: bool = True,
) -> SensitivityResults:
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
    require_examples(x, y)
    sparsities = tuple(float(share) for share in sparsities)
    if not sparsities or list(sparsities) != sorted(set(sparsities)):
        raise ValueError(f"sparsities must rise, not {sparsities}")

    def measure() -> SensitivityResults:
        return _measure(model, x, y, sparsities, progress)

    if not cache:
        return measure()
    name = fingerprint((*model.get_weights(), x, y), (sparsities, model.to_json(), VERSION))
    return remembered(f"sensitivity_{name}", measure, SensitivityResults)


def _measure(model, x, y, sparsities, progress) -> SensitivityResults:
    from tinylab.compress.pruning.prune import kernels_of
    from tinylab.models.surgery.fold import fold_batch_norm

    folded = fold_batch_norm(model)
    kernels = kernels_of(folded)
    with tqdm(
        total=(len(kernels) + 1) * len(sparsities), desc="pruning", disable=not progress
    ) as bar:

        def accuracy(names, sparsity):
            for name in names:
                kept = magnitude_mask(kernels[name], sparsity)
                folded.get_layer(name).kernel.assign(kernels[name] * kept)
            right = measured_accuracy(folded, x, y)
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
    return SensitivityResults(rows, sparsities, together, measured_accuracy(folded, x, y), len(y))
