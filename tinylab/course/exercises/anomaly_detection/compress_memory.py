"""Exercise on the arena in notebooks/source/03_anomaly_detection/2_compress.py."""

import numpy as np

from tinylab.course.answers.exercise import Exercise, Point
from tinylab.course.exercises.judging import expect, expect_number

__all__ = ["EXERCISES"]


def _check_plan(buffers, offsets) -> int:
    """The bytes that a placement needs; a Mistake if two buffers share bytes while both live."""
    expect(
        isinstance(offsets, (list, tuple, np.ndarray)) and len(offsets) == len(buffers),
        "return one offset for each buffer, in the order of the buffers.",
    )
    starts = [expect_number(offset, "an offset") for offset in offsets]
    expect(min(starts, default=0) >= 0, "an offset lies below 0, outside the arena.")
    for i, (size, first, last) in enumerate(buffers):
        for j, (other, begins, ends) in enumerate(buffers[:i]):
            together = first <= ends and begins <= last
            apart = starts[i] + size <= starts[j] or starts[j] + other <= starts[i]
            expect(
                not together or apart,
                f"buffers {j} and {i} are alive at the same time and share bytes.",
            )
    return int(max((start + buffer[0] for start, buffer in zip(starts, buffers)), default=0))


def never_overlaps(answer, rng):
    """Random buffers: whoever lives at the same time lies apart."""
    for _ in range(6):
        buffers = []
        for _ in range(int(rng.integers(2, 10))):
            first = int(rng.integers(0, 8))
            buffers.append((int(rng.integers(1, 100)), first, first + int(rng.integers(0, 4))))
        _check_plan(buffers, answer(list(buffers)))


def shares_memory(answer, rng):
    """A chain of layers needs the largest neighbours, not everything."""
    for _ in range(4):
        sizes = rng.integers(10, 700, size=int(rng.integers(4, 9))).tolist()
        buffers = [(size, i, i + 1) for i, size in enumerate(sizes)]
        needed = _check_plan(buffers, answer(list(buffers)))
        expect(
            needed < sum(sizes),
            "every buffer has bytes of its own: let those that are never alive together share.",
        )
        largest = max(a + b for a, b in zip(sizes, sizes[1:]))
        expect(
            needed <= 1.5 * largest,
            f"{needed} bytes for a chain whose largest neighbours take {largest}: place the largest"
            " buffer first, each at the lowest offset that is free.",
        )
    autoencoder = [(640, 0, 1), *((128, i, i + 1) for i in range(1, 5)), (8, 5, 6), (128, 6, 7)]
    needed = _check_plan(autoencoder, answer(list(autoencoder)))
    expect(needed == 768, f"the encoder fits into 640 + 128 = 768 bytes; yours takes {needed}.")


def handles_the_edges(answer, rng):
    """No buffer, one buffer, and buffers that meet in time but do not overlap."""
    expect(len(answer([])) == 0, "without buffers there is nothing to place: return an empty list.")
    expect(_check_plan([(5, 0, 0)], answer([(5, 0, 0)])) == 5, "a lone buffer lies at offset 0.")
    after = [(40, 0, 1), (40, 2, 3), (40, 4, 5)]
    expect(
        _check_plan(after, answer(after)) == 40,
        "three buffers of 40 bytes that live one after the other fit into 40 bytes.",
    )
    chain = [(40, 0, 1), (40, 1, 2), (40, 2, 3)]
    expect(
        _check_plan(chain, answer(chain)) == 80,
        "a buffer may fill a gap exactly: in a chain of three of 40 bytes the third takes the place"
        " of the first.",
    )


EXERCISES = (
    Exercise(
        id="place_buffers",
        title="Plan an arena",
        points=(
            Point("never overlaps", never_overlaps),
            Point("shares memory", shares_memory),
            Point("handles the edges", handles_the_edges),
        ),
        forbidden=("tinylab.graph.memory.plan", "tinylab.graph.memory.planners.greedy_by_size"),
    ),
)
