"""Sparsity x shared values x bits of a gap: bytes and accuracy of every Deep Compression file.

The rows are what the explorer looks up, so this module imports Keras only when it has to measure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from tqdm.auto import tqdm

from tinylab.cache import fingerprint, remembered

if TYPE_CHECKING:
    import keras

__all__ = ["DeepCompressionRow", "DeepCompressionSweep", "FileSize", "sweep_deep_compression"]

SPARSITIES = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9)
VALUE_BITS = (2, 3, 4, 6)
INDEX_BITS = (2, 3, 4, 6, 8)
# Part of the name of a cached sweep: to be raised when the same inputs would give other rows.
VERSION = 1


@dataclass(frozen=True)
class FileSize:
    """Bytes of a file whose gaps have so many bits.

    Parameters
    ----------
    index_bits : int
    gap_bytes, value_bytes, other_bytes : int
    fillers : int
        Zeros that had to be stored because a gap was too wide.
    """

    index_bits: int
    gap_bytes: int
    value_bytes: int
    other_bytes: int
    fillers: int

    @property
    def total_bytes(self) -> int:
        """Size of the file."""
        return self.gap_bytes + self.value_bytes + self.other_bytes


@dataclass(frozen=True)
class DeepCompressionRow:
    """One model, pruned and shared, in files of all index widths.

    Parameters
    ----------
    sparsity : float
        Share of every kernel that is zero.
    value_bits : int
        A kernel has 2**value_bits values, zero included.
    accuracy : float
        Of the model read back from the file; the width of an index does not change it.
    sizes : tuple of FileSize
    best_bytes : int
        Size of the file in which every kernel has the width that suits it best of these, or no gaps.
    """

    sparsity: float
    value_bits: int
    accuracy: float
    sizes: tuple[FileSize, ...]
    best_bytes: int

    def size(self, index_bits: int) -> FileSize:
        """The file with gaps of so many bits."""
        return next(size for size in self.sizes if size.index_bits == index_bits)


@dataclass(frozen=True)
class DeepCompressionSweep:
    """All rows, and the float model they come from."""

    rows: tuple[DeepCompressionRow, ...]
    float_accuracy: float
    float_bytes: int
    examples: int

    @property
    def sparsities(self) -> tuple[float, ...]:
        return tuple(sorted({row.sparsity for row in self.rows}))

    @property
    def value_bits(self) -> tuple[int, ...]:
        return tuple(sorted({row.value_bits for row in self.rows}))

    @property
    def index_bits(self) -> tuple[int, ...]:
        return tuple(size.index_bits for size in self.rows[0].sizes)

    def row(self, sparsity: float, value_bits: int) -> DeepCompressionRow:
        """The row of one combination; a KeyError names the ones there are."""
        for row in self.rows:
            if (row.sparsity, row.value_bits) == (sparsity, value_bits):
                return row
        raise KeyError(
            f"no row for sparsity {sparsity} and {value_bits} bits; there are {self.sparsities} and"
            f" {self.value_bits}"
        )

    @classmethod
    def from_dict(cls, stored: dict) -> "DeepCompressionSweep":
        """What `dataclasses.asdict` turned into plain data."""
        stored = dict(stored)
        rows = []
        for row in stored.pop("rows"):
            sizes = tuple(FileSize(**size) for size in row["sizes"])
            rows.append(DeepCompressionRow(**{**row, "sizes": sizes}))
        return cls(tuple(rows), **stored)


def sweep_deep_compression(
    model: "keras.Model",
    x: np.ndarray,
    y: np.ndarray,
    *,
    sparsities: Sequence[float] = SPARSITIES,
    value_bits: Sequence[int] = VALUE_BITS,
    index_bits: Sequence[int] = INDEX_BITS,
    progress: bool = True,
    cache: bool = True,
) -> DeepCompressionSweep:
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
    if len(x) != len(y) or len(y) == 0:
        raise ValueError(f"x and y must be of one length, at least 1, not {len(x)} and {len(y)}")
    options = tuple(sparsities), tuple(value_bits), tuple(index_bits)

    def measure() -> DeepCompressionSweep:
        return _measure(model, x, y, *options, progress)

    if not cache:
        return measure()
    name = fingerprint((*model.get_weights(), x, y), (options, model.to_json(), VERSION))
    return remembered(f"deep_compression_{name}", measure, DeepCompressionSweep.from_dict)


def _measure(model, x, y, sparsities, value_bits, index_bits, progress) -> DeepCompressionSweep:
    from tinylab.compress.cluster_training import cluster_model
    from tinylab.compress.deep_compression import decode_model, encode_model, float32_bytes
    from tinylab.compress.fold import fold_batch_norm
    from tinylab.compress.prune import prune

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
                right = _accuracy(probe, x, y)
                sizes, best = _sizes(shared, file, index_bits)
                rows.append(DeepCompressionRow(float(sparsity), int(bits), right, sizes, best))
                bar.update()
    return DeepCompressionSweep(
        tuple(rows), _accuracy(folded, x, y), float32_bytes(model), len(y)
    )


def _sizes(shared, file, index_bits) -> tuple[tuple[FileSize, ...], int]:
    """The file at every index width, and the smallest, worked out kernel by kernel.

    `file` keeps its zeros; all that a width changes are the records of the kernels.
    """
    from tinylab.compress.kernel_coding import encode_kernel

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


def _accuracy(model, x: np.ndarray, y: np.ndarray) -> float:
    from tinylab.models.metrics import accuracy

    return accuracy(y, model.predict(x, batch_size=250, verbose=0))
