"""Exercises on coding in notebooks/source/02_visual_wake_words/2_compress.py."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import expect, expect_array, expect_close, expect_number

__all__ = ["EXERCISES"]


def skips_zeros(answer, rng):
    """Where every gap fits, entry i is the number of zeros skipped."""
    for bits in (3, 4, 6):
        gaps = rng.integers(0, 2**bits, 12)
        positions = np.cumsum(gaps + 1) - 1
        expect_close(
            _gaps(answer(positions, bits)),
            gaps,
            otherwise="a gap is the number of zeros between a weight and the one before it.",
            likely={
                "count the skipped zeros, one less than the difference of the positions.": gaps + 1,
                "those are the positions themselves.": positions,
                "the first gap counts the zeros before the first weight.": np.concatenate(
                    [[0], gaps[1:]]
                ),
                "the first weight needs a gap as well: the zeros before it.": gaps[1:],
            },
        )


def puts_in_fillers(answer, rng):
    """A gap that is too wide is bridged by entries of the widest gap, each a zero itself."""
    for bits in (1, 2, 3, 4):
        places = np.sort(rng.choice(400, 8, replace=False))
        expect_close(
            _gaps(answer(places, bits)),
            _with_fillers(places, bits, 1 << bits),
            otherwise="a gap that is too wide for the bits must be filled up by fillers, as many as"
            " it needs.",
            likely={
                "a filler is an entry of its own: it covers 2**bits positions, the zeros it skips"
                " and the zero it stores.": _with_fillers(places, bits, (1 << bits) - 1),
                "gaps above 2**bits - 1 do not fit into the bits: put fillers in.": (
                    np.diff(places, prepend=-1) - 1
                ),
                "a gap that is too wide is cut off, and every later weight moves: put fillers"
                " in.": (np.minimum(np.diff(places, prepend=-1) - 1, (1 << bits) - 1)),
            },
        )


def can_be_read_back(answer, rng):
    """Adding up gaps and entries gives the positions; the borders of a filler are right."""
    for places in ([], [0], [15], [16], [31], [32], [0, 16, 33]):
        got = _gaps(answer(np.array(places, np.int64), 4))
        expect(
            got.size == 0 or bool(np.all((got >= 0) & (got <= 15))),
            "with 4 bits every gap must lie in 0..15.",
        )
        positions = np.cumsum(got + 1) - 1
        expect(
            set(places) <= set(positions.tolist())
            and len(got) == sum(_with_fillers(places, 4, 16).shape),
            f"weights at {places} with 4 bits come back as entries at {positions.tolist()}.",
        )


def _with_fillers(places, bits: int, reach: int) -> np.ndarray:
    """Gaps where each filler covers `reach` places."""
    gaps, before = [], -1
    for position in places:
        skipped, before = int(position) - before - 1, int(position)
        while skipped >= 1 << bits:
            gaps.append((1 << bits) - 1)
            skipped -= reach
        gaps.append(skipped)
    return np.array(gaps, np.int64)


def _gaps(result) -> np.ndarray:
    array = np.asarray(result)
    if array.size == 0:
        return np.zeros(0, np.int64)
    expect(array.ndim == 1, "return the gaps as one list or vector of whole numbers.")
    array = expect_array(array, name="the gaps")
    expect(bool(np.all(array == np.rint(array))), "gaps are whole numbers.")
    return array.astype(np.int64)


def is_the_shortest_code(answer, rng):
    """Merging the two rarest again and again."""
    for size in (2, 3, 5, 16):
        counts = rng.integers(1, 200, size) ** 2
        entropy = _entropy_bits(counts)
        shannon = np.sum(counts * np.ceil(np.log2(counts.sum() / counts)))
        expect_close(
            expect_number(answer(counts.tolist())),
            _cheapest_tree(counts),
            otherwise="merge the two smallest counts again and again; each merge costs a bit for"
            " every symbol below it, so add up the merged counts.",
            likely={
                "that is Shannon's limit; a code has whole bits for every symbol.": entropy,
                "that is Shannon's limit, rounded; a code has whole bits for each symbol.": np.ceil(
                    entropy
                ),
                "rounding up -log2(p) gives a code, but not the shortest one.": shannon,
                "that is the same width for all symbols.": counts.sum() * np.ceil(np.log2(size)),
                "that is the number of symbols; each merge above one costs it a bit.": counts.sum(),
            },
        )


def reaches_the_limit_for_powers_of_two(answer, rng):
    """Counts that halve need exactly as many bits as Shannon says; equal ones need log2 each."""
    halving = [64, 32, 16, 8, 4, 2, 1, 1]
    expect_close(
        expect_number(answer(halving)),
        _entropy_bits(np.array(halving)),
        otherwise="for counts of 64, 32, 16, ... the code has 1, 2, 3, ... bits.",
    )
    each = int(rng.integers(1, 9))
    expect_close(
        expect_number(answer([each] * 8)),
        24.0 * each,
        otherwise="eight equal counts need 3 bits a symbol.",
    )


def handles_rare_cases(answer, rng):
    """Counts of zero cost nothing; a symbol alone takes one bit each time."""
    count = int(rng.integers(2, 50))
    expect_close(
        expect_number(answer([count])),
        float(count),
        otherwise="a symbol that is alone still needs one bit each time.",
    )
    counts = rng.integers(1, 60, 6)
    with_zeros = np.concatenate([[0, 0], counts, [0]]).tolist()
    expect_close(
        expect_number(answer(with_zeros)),
        _cheapest_tree(counts),
        otherwise="symbols that never occur (count 0) must not change the result.",
    )


def _cheapest_tree(counts: np.ndarray) -> float:
    """The least total of branch weights over all trees on the sorted counts, two or more of them.

    Every tree is tried, by the split of each run of leaves (Gilbert and Moore 1959); on sorted
    weights the best of them is as short as the best code.
    """
    leaves = np.sort(counts)
    cost = np.zeros((len(leaves), len(leaves)))
    for width in range(1, len(leaves)):
        for first in range(len(leaves) - width):
            last = first + width
            splits = [cost[first, i] + cost[i + 1, last] for i in range(first, last)]
            cost[first, last] = min(splits) + leaves[first : last + 1].sum()
    return float(cost[0, -1])


def _entropy_bits(counts) -> float:
    return float(np.sum(counts * np.log2(counts.sum() / counts)))


EXERCISES = (
    Exercise(
        id="relative_index",
        title="Gaps instead of positions",
        points=(
            Point("skips zeros", skips_zeros),
            Point("puts in fillers", puts_in_fillers),
            Point("can be read back", can_be_read_back),
        ),
        forbidden=("tinylab.compress.deep_compression.relative_index.gaps_of",),
    ),
    Exercise(
        id="huffman_bits",
        title="The length of a Huffman code",
        points=(
            Point("is the shortest code", is_the_shortest_code),
            Point("reaches the limit for powers of two", reaches_the_limit_for_powers_of_two),
            Point("handles rare cases", handles_rare_cases),
        ),
        forbidden=(
            "tinylab.compress.deep_compression.huffman.coded_bits",
            "tinylab.compress.deep_compression.huffman.code_lengths",
        ),
    ),
)
