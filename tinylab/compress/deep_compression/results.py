"""Bytes and accuracy of every Deep Compression file, as plain data: what the explorer looks up."""

from dataclasses import dataclass

__all__ = ["DeepCompressionResults", "DeepCompressionRow", "FileSize"]


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
        Size of the file in which every kernel has the width that suits it best of these, or no
        gaps.
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
class DeepCompressionResults:
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
