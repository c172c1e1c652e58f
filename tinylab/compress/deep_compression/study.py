"""Sparsity x shared values x bits of a gap: bytes and accuracy of every Deep Compression file.

The rows are what the explorer looks up, so this module imports Keras only when it has to measure.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from tqdm.auto import tqdm

from tinylab.cache import fingerprint, remembered
from tinylab.compress.deep_compression.results import (
    DeepCompressionResults,
    DeepCompressionRow,
    FileSize,
)
from tinylab.scoring.classification import measured_accuracy, require_examples

if TYPE_CHECKING:
    import keras

__all__ = ["measure_deep_compression"]

SPARSITIES = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9)
VALUE_BITS = (2, 3, 4, 6)
INDEX_BITS = (2, 3, 4, 6, 8)
# Part of the name of cached results: to be raised when the same inputs would give other rows.
VERSION = 1


def measure_deep_compression(
    model: "keras.Model",
    x: np.ndarray,
    y: np.ndarray,
    *,
    sparsities: Sequence[float] = SPARSITIES,
    value_bits: Sequence[int] = VALUE_BITS,
    index_bits: Sequence[int] = INDEX_BITS,
    progress: bool = True,
    cache: bool = True,
) -> DeepCompressionResults:
    """Write a trained model, without further training, to a file in every way, and measure.

    Parameters
    ----------
    model : keras.Model
        A classifier.
    x : ndarray, shape (examples, ...)
    y : ndarray of int, shape (examples,)
    sparsities : sequence of float
        Of every kernel.
    value_bits, index_bits : sequence of int
    progress : bool
        Show a progress bar.
    cache : bool
        Keep the result in the work folder, and take it from there if model and data are the same.
    """
    x, y = np.asarray(x, np.float32), np.asarray(y)
    require_examples(x, y)
    options = tuple(sparsities), tuple(value_bits), tuple(index_bits)

    def measure() -> DeepCompressionResults:
        return _measure(model, x, y, *options, progress)

    if not cache:
        return measure()
    name = fingerprint((*model.get_weights(), x, y), (options, model.to_json(), VERSION))
    return remembered(f"deep_compression_{name}", measure, DeepCompressionResults)


def _measure(model, x, y, sparsities, value_bits, index_bits, progress) -> DeepCompressionResults:
    from tinylab.compress.deep_compression.codebook_training import cluster_model
    from tinylab.compress.deep_compression.file_format import (
        decode_model,
        encode_model,
        float32_bytes,
    )
    from tinylab.compress.pruning.prune import prune
    from tinylab.models.surgery.fold import fold_batch_norm

    folded, rows = fold_batch_norm(model), []
    probe = fold_batch_norm(model)  # takes the weights of each decoded model: it is traced once
    with tqdm(
        total=len(sparsities) * len(value_bits), desc="coding", unit="model", disable=not progress
    ) as bar:
        for sparsity in sparsities:
            pruned = prune(folded, sparsity)
            for bits in value_bits:
                # Zero is one of the 2**bits values where something was pruned.
                shared = cluster_model(pruned, 2**bits - (sparsity > 0))
                file = encode_model(pruned, shared, index_bits=None)
                probe.set_weights(decode_model(file.data).get_weights())
                right = measured_accuracy(probe, x, y)
                sizes, best = _sizes(shared, file, index_bits)
                rows.append(DeepCompressionRow(float(sparsity), int(bits), right, sizes, best))
                bar.update()
    return DeepCompressionResults(
        tuple(rows), measured_accuracy(folded, x, y), float32_bytes(model), len(y)
    )


def _sizes(shared, file, index_bits) -> tuple[tuple[FileSize, ...], int]:
    """The file at every index width, and the smallest, worked out kernel by kernel.

    `file` keeps its zeros; all that a width changes are the records of the kernels.
    """
    from tinylab.compress.deep_compression.kernel_coding import encode_kernel

    plain = [encode_kernel(kernel, index_bits=None) for kernel in shared.values()]
    outside = len(file.data) - sum(len(record.data) for record in plain)
    sizes, smallest = [], [len(record.data) for record in plain]
    for bits in index_bits:
        records = [encode_kernel(kernel, index_bits=int(bits)) for kernel in shared.values()]
        lengths = [len(record.data) for record in records]
        smallest = [min(pair) for pair in zip(smallest, lengths, strict=True)]
        gaps = sum(len(record.gaps) for record in records)
        values = sum(len(record.values) for record in records)
        other = outside + sum(lengths) - gaps - values
        fillers = sum(record.fillers for record in records)
        sizes.append(FileSize(int(bits), gaps, values, other, fillers))
    return tuple(sizes), outside + sum(smallest)
