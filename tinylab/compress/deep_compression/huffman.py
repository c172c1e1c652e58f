"""Huffman coding of symbols as bytes, and decoding. Arithmetic in numpy.

The codes are *canonical*: sorted by length, then by symbol, each code is the one before plus one.
So the lengths alone say which code belongs to which symbol, and only they need to be stored.
"""

import heapq

import numpy as np

__all__ = [
    "canonical_codes",
    "code_lengths",
    "coded_bits",
    "decode",
    "encode",
    "shannon_bits",
]

LONGEST = 56  # bits of a code; a window of 64 bits then holds one from any bit of a byte on


def code_lengths(counts: np.ndarray) -> np.ndarray:
    """Bits of each symbol's Huffman code (Huffman 1952).

    Parameters
    ----------
    counts : ndarray of int, shape (symbols,)
        How often each symbol occurs.

    Returns
    -------
    ndarray of int64, shape (symbols,)
        0 for symbols that do not occur. A symbol that is alone gets one bit.
    """
    counts = np.asarray(counts, np.int64)
    if counts.ndim != 1 or (counts < 0).any():
        raise ValueError("counts must be a vector of whole numbers, none below 0")
    lengths = np.zeros(counts.size, np.int64)
    used = np.flatnonzero(counts)
    if used.size == 1:
        lengths[used] = 1
        return lengths
    # The second entry breaks ties by age, which makes the lengths the same everywhere.
    heap = [(int(counts[symbol]), age, [symbol]) for age, symbol in enumerate(used)]
    heapq.heapify(heap)
    for age in range(used.size, 2 * used.size - 1):
        count_a, _, symbols_a = heapq.heappop(heap)
        count_b, _, symbols_b = heapq.heappop(heap)
        lengths[symbols_a] += 1
        lengths[symbols_b] += 1
        heapq.heappush(heap, (count_a + count_b, age, symbols_a + symbols_b))
    return lengths


def canonical_codes(lengths: np.ndarray) -> np.ndarray:
    """The code words that canonical order gives to code lengths.

    Parameters
    ----------
    lengths : ndarray of int, shape (symbols,)
        0 for symbols without a code.

    Returns
    -------
    ndarray of uint64, shape (symbols,)
        The code of symbol s is the lowest `lengths[s]` bits of entry s, highest bit first.

    Raises
    ------
    ValueError
        If no prefix code has these lengths (Kraft's inequality), or one is above 56 bits.
    """
    lengths = _checked_lengths(lengths)
    codes = np.zeros(lengths.size, np.uint64)
    code, before = 0, 0
    for symbol in _order(lengths):
        code <<= int(lengths[symbol]) - before
        codes[symbol] = code
        code, before = code + 1, int(lengths[symbol])
    return codes


def encode(symbols: np.ndarray, lengths: np.ndarray) -> bytes:
    """Code words of the symbols one after another, the last byte filled with zeros.

    Parameters
    ----------
    symbols : ndarray of int, any shape
    lengths : ndarray of int, shape (alphabet,)
        From `code_lengths`.
    """
    symbols, lengths = np.asarray(symbols).ravel(), np.asarray(lengths, np.int64)
    if symbols.size == 0:
        return b""
    if symbols.min() < 0 or symbols.max() >= lengths.size or (lengths[symbols] == 0).any():
        raise ValueError("a symbol has no code; count the symbols that are to be encoded")
    codes, widths = canonical_codes(lengths)[symbols], lengths[symbols]
    starts = np.concatenate([[0], np.cumsum(widths)[:-1]])
    # One entry for each bit of the output: which symbol it belongs to, and how far from its end.
    owner = np.repeat(np.arange(symbols.size), widths)
    from_end = widths[owner] - 1 - (np.arange(owner.size) - starts[owner])
    bits = (codes[owner] >> from_end.astype(np.uint64)) & np.uint64(1)
    return np.packbits(bits.astype(np.uint8)).tobytes()


def decode(data: bytes, lengths: np.ndarray, count: int) -> np.ndarray:
    """The symbols that `encode` was given.

    Parameters
    ----------
    data : bytes
    lengths : ndarray of int, shape (alphabet,)
        The same as for `encode`.
    count : int
        How many symbols there are.

    Returns
    -------
    ndarray of int64, shape (count,)

    Raises
    ------
    ValueError
        If the data end too early, go on too long, or hold a bit pattern that is no code.
    """
    lengths = _checked_lengths(lengths)
    order = _order(lengths)
    if count == 0 or order.size == 0:
        if count or data:
            raise ValueError(f"{len(data)} bytes without a code cannot hold {count} symbols")
        return np.zeros(0, np.int64)
    longest = int(lengths[order[-1]])
    # Canonical codes, shifted to one width, rise: the code at a place is found by binary search.
    room = (longest - lengths[order]).astype(np.uint64)
    starts = canonical_codes(lengths)[order] << room
    beyond = int(starts[-1]) + (1 << int(room[-1]))
    windows = _windows(data, longest)
    lengths_at = np.searchsorted(starts, windows, side="right") - 1
    steps = lengths[order][lengths_at]
    steps[windows >= np.uint64(beyond)] = 0
    places = _walk(steps.tolist(), count, 8 * len(data))
    return order[lengths_at[places]]


def coded_bits(counts: np.ndarray) -> int:
    """Bits that Huffman coding takes for symbols that occur so often."""
    return int(np.sum(code_lengths(counts) * np.asarray(counts, np.int64)))


def shannon_bits(counts: np.ndarray) -> float:
    """Shannon's limit in bits for all symbols together; no code for single symbols takes fewer."""
    counts = np.asarray(counts, np.float64)
    used = counts[counts > 0]
    return float(np.sum(used * np.log2(used.sum() / used))) if used.size else 0.0


def _walk(steps: list[int], count: int, bits: int) -> list[int]:
    """The bit at which each code begins; only this part of decoding must go one by one."""
    places, position = [], 0
    for _ in range(count):
        step = steps[position] if position < bits else 0
        if step == 0 or position + step > bits:
            raise ValueError(
                "the coded data end too early or are damaged"
                f" ({len(places)} of {count} symbols could be read)"
            )
        places.append(position)
        position += step
    if bits - position >= 8:
        raise ValueError(f"{(bits - position) // 8} bytes are left after the last symbol")
    return places


def _windows(data: bytes, width: int) -> np.ndarray:
    """The `width` bits from every bit of the data on, zeros after the end, as uint64."""
    octets = np.frombuffer(data + bytes(8), np.uint8).astype(np.uint64)
    words = np.zeros(len(data), np.uint64)  # 64 bits from every byte on
    for offset in range(8):
        words = (words << np.uint64(8)) | octets[offset : offset + len(data)]
    shifts = np.arange(8, dtype=np.uint64)
    return ((words[:, None] << shifts) >> np.uint64(64 - width)).ravel()


def _order(lengths: np.ndarray) -> np.ndarray:
    """Symbols that have a code, in canonical order."""
    order = np.argsort(lengths, kind="stable")
    return order[lengths[order] > 0]


def _checked_lengths(lengths: np.ndarray) -> np.ndarray:
    lengths = np.asarray(lengths, np.int64)
    if lengths.ndim != 1 or (lengths < 0).any() or (lengths > LONGEST).any():
        raise ValueError(f"code lengths must be a vector of whole numbers from 0 to {LONGEST}")
    if sum(1 << (LONGEST - int(length)) for length in lengths[lengths > 0]) > 1 << LONGEST:
        raise ValueError("the code lengths break Kraft's inequality: no prefix code has them")
    return lengths
