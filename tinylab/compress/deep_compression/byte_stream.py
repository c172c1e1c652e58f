"""Reading and writing the parts of a compressed file: numbers, arrays and Huffman-coded symbols."""

import struct

import numpy as np

from tinylab.compress.deep_compression import huffman

__all__ = ["ByteReader", "floats", "number", "symbols"]

_NUMBERS = {1: "<B", 2: "<H", 4: "<I"}
_FLOATS = {2: np.dtype("<f2"), 4: np.dtype("<f4")}


def number(value: int, size_bytes: int) -> bytes:
    """An unsigned integer of 1, 2 or 4 bytes, little-endian."""
    return struct.pack(_NUMBERS[size_bytes], value)


def floats(values: np.ndarray, size_bytes: int = 2) -> bytes:
    """A byte with the size of one value, 2 or 4, and the values; 4 where 2 bytes would overflow.

    float16 keeps 11 significant bits: an error of at most 0.05 % of a weight.
    """
    values = np.asarray(values, np.float32).ravel()
    if values.size and np.abs(values).max() > np.finfo(np.float16).max:
        size_bytes = 4
    return number(size_bytes, 1) + values.astype(_FLOATS[size_bytes]).tobytes()


def symbols(values: np.ndarray, alphabet: int) -> tuple[bytes, bytes]:
    """A table of code lengths, and the values Huffman-coded with it.

    The table holds the width of an entry in bits, then the entries packed; the code begins with its
    size in bytes.
    """
    lengths = huffman.code_lengths(np.bincount(np.ravel(values), minlength=alphabet))
    width = max(int(lengths.max(initial=0)).bit_length(), 1)
    coded = huffman.encode(values, lengths)
    return number(width, 1) + _pack(lengths, width), number(len(coded), 4) + coded


class ByteReader:
    """Reads bytes from the start on; a ValueError says where they end too early."""

    def __init__(self, data: bytes):
        self._data, self._place = data, 0

    @property
    def left(self) -> int:
        """Bytes that have not been read."""
        return len(self._data) - self._place

    def take(self, size: int) -> bytes:
        """The next bytes."""
        if size > self.left:
            raise ValueError(f"{size} bytes are expected where {self.left} are left")
        self._place += size
        return self._data[self._place - size : self._place]

    def number(self, size_bytes: int) -> int:
        """What `number` wrote."""
        return struct.unpack(_NUMBERS[size_bytes], self.take(size_bytes))[0]

    def floats(self, count: int) -> np.ndarray:
        """What `floats` wrote, as float32."""
        size = self.number(1)
        if size not in _FLOATS:
            raise ValueError(f"values of {size} bytes are not known")
        return np.frombuffer(self.take(size * count), _FLOATS[size]).astype(np.float32)

    def symbols(self, alphabet: int, count: int) -> np.ndarray:
        """What `symbols` wrote, both parts one after the other, as int64."""
        width = self.number(1)
        packed = self.take(-(-alphabet * width // 8))
        bits = np.unpackbits(np.frombuffer(packed, np.uint8))[: alphabet * width]
        weights = 1 << np.arange(width - 1, -1, -1, dtype=np.int64)
        lengths = bits.reshape(alphabet, width).astype(np.int64) @ weights
        return huffman.decode(self.take(self.number(4)), lengths, count)


def _pack(values: np.ndarray, width: int) -> bytes:
    shifts = np.arange(width - 1, -1, -1)
    return np.packbits(((values[:, None] >> shifts) & 1).astype(np.uint8)).tobytes()
