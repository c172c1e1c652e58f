"""One kernel as bytes, and back: values from a codebook or plain, zeros left out or kept.

A kernel is a byte of flags, then
- if zeros are left out: bits of a gap, number of entries, Huffman table and code of the gaps;
- if values are shared: size of the codebook, the codebook, Huffman table and code of the indices;
- else: the values.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinylab.compress.deep_compression import byte_stream
from tinylab.compress.deep_compression.byte_stream import ByteReader
from tinylab.compress.deep_compression.relative_index import gaps_of, positions_of
from tinylab.compress.deep_compression.weight_sharing import SharedWeights

__all__ = ["INDEX_BITS", "EncodedKernel", "decode_kernel", "encode_kernel"]

INDEX_BITS = (2, 3, 4, 5, 6, 7, 8)
SPARSE, SHARED = 1, 2


@dataclass(frozen=True)
class EncodedKernel:
    """A kernel's bytes by what they are for; one after another they are the record.

    Parameters
    ----------
    head : bytes
        Flags and counts.
    gaps, gap_table : bytes
        Where the weights are; empty where zeros are kept.
    codebook, values, value_table : bytes
        What they are; the first and the last empty where values are not shared.
    fillers : int
        Zeros that had to be stored because a gap was too wide.
    """

    head: bytes
    gap_table: bytes
    gaps: bytes
    codebook: bytes
    value_table: bytes
    values: bytes
    fillers: int = 0

    @property
    def data(self) -> bytes:
        """The record."""
        places = self.gap_table + self.gaps
        return self.head + places + self.codebook + self.value_table + self.values


def encode_kernel(
    kernel: np.ndarray | SharedWeights,
    *,
    index_bits: int | Sequence[int] | None = INDEX_BITS,
    value_bytes: int = 2,
) -> EncodedKernel:
    """The shortest record of a kernel.

    Parameters
    ----------
    kernel : ndarray of float, or SharedWeights
    index_bits : int, sequence of int, or None
        Bits of a gap between weights. Of several the one that gives the shortest record is taken;
        with None zeros are never left out. A kernel without zeros has no gaps.
    value_bytes : int
        4 or 2, for float32 or float16, of a value or of an entry of the codebook.
    """
    shared = kernel if isinstance(kernel, SharedWeights) else None
    values = (shared.indices if shared else np.asarray(kernel, np.float32)).ravel()
    has_zeros = shared.pruned if shared else bool(np.any(values == 0))
    candidates = [_record(values, shared, None, value_bytes)]
    if has_zeros and index_bits is not None:
        tried = [index_bits] if isinstance(index_bits, int) else list(index_bits)
        sparse = [_record(values, shared, bits, value_bytes) for bits in tried]
        # An index width that was asked for is used even where keeping the zeros is shorter.
        candidates = sparse if isinstance(index_bits, int) else candidates + sparse
    return min(candidates, key=lambda record: len(record.data))


def decode_kernel(reader: ByteReader, shape: Sequence[int]) -> np.ndarray:
    """The next kernel, float32, of a known shape; a ValueError if the bytes do not fit it."""
    size, flags = int(np.prod(shape)), reader.number(1)
    if flags & ~(SPARSE | SHARED):
        raise ValueError(f"the flags {flags} are not known")
    if not flags & SPARSE:
        return _decode_values(reader, flags, size).reshape(shape)
    bits, entries = reader.number(1), reader.number(4)
    # Before it is believed: a table of 2**bits entries is read next.
    if bits not in range(1, 17) or entries > size:
        raise ValueError(f"{entries} entries with gaps of {bits} bits cannot lie in {size} places")
    positions = positions_of(reader.symbols(1 << bits, entries))
    if entries and positions[-1] >= size:
        raise ValueError("a weight lies behind the end of its kernel")
    kernel = np.zeros(size, np.float32)
    kernel[positions] = _decode_values(reader, flags, entries)
    return kernel.reshape(shape)


def _record(values, shared: SharedWeights | None, bits: int | None, value_bytes: int):
    flags = (SPARSE if bits else 0) | (SHARED if shared else 0)
    head, gap_table, gaps, fillers = byte_stream.number(flags, 1), b"", b"", 0
    if bits:
        stored_gaps = gaps_of(np.flatnonzero(values), bits)
        positions, fillers = positions_of(stored_gaps.gaps), stored_gaps.fillers
        head += byte_stream.number(bits, 1) + byte_stream.number(positions.size, 4)
        gap_table, gaps = byte_stream.symbols(stored_gaps.gaps, 1 << bits)
        values = values[positions]
    if shared is None:
        return EncodedKernel(
            head, gap_table, gaps, b"", b"", byte_stream.floats(values, value_bytes), fillers
        )
    book = shared.codebook[int(shared.pruned) :]
    codebook = byte_stream.number(len(book), 1) + byte_stream.number(int(shared.pruned), 1)
    codebook += byte_stream.floats(book, value_bytes)
    value_table, coded = byte_stream.symbols(values, len(shared.codebook))
    return EncodedKernel(head, gap_table, gaps, codebook, value_table, coded, fillers)


def _decode_values(reader: ByteReader, flags: int, count: int) -> np.ndarray:
    if not flags & SHARED:
        return reader.floats(count)
    clusters, zeros = reader.number(1), reader.number(1)
    if zeros > 1:
        raise ValueError(f"a codebook has one zero of its own or none, not {zeros}")
    codebook = np.concatenate([np.zeros(zeros, np.float32), reader.floats(clusters)])
    return codebook[reader.symbols(len(codebook), count)]
