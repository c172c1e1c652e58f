"""Axes and strides: what an array looks like to a C kernel that walks through it."""

from collections.abc import Sequence

MAX_AXES = 6  # NN_MAX_AXES in nn.h


def collapsed(
    sizes: Sequence[int], strides: Sequence[Sequence[int]]
) -> tuple[list[int], list[list[int]]]:
    """The same walk with as few axes as it takes.

    Parameters
    ----------
    sizes : sequence of int
        Outermost first.
    strides : sequence of sequence of int
        One a walker: how far it goes along each axis.

    Returns
    -------
    sizes : list of int
        Without axes of size 1; neighbours that every walker passes without a gap are joined.
    strides : list of list of int

    Examples
    --------
    >>> collapsed([2, 3, 1, 4], [[12, 4, 4, 1], [24, 8, 8, 1]])
    ([6, 4], [[4, 1], [8, 1]])
    """
    kept: list[int] = []
    steps: list[list[int]] = [[] for _ in strides]
    for axis, size in enumerate(sizes):
        if size == 1:
            continue
        gapless = all(
            done and done[-1] == row[axis] * size for done, row in zip(steps, strides, strict=True)
        )
        if kept and gapless:
            kept[-1] *= size
            for done, row in zip(steps, strides, strict=True):
                done[-1] = row[axis]
        else:
            kept.append(size)
            for done, row in zip(steps, strides, strict=True):
                done.append(row[axis])
    return kept, steps


def filled(values: Sequence[int], value: int) -> tuple[int, ...]:
    """`values` behind as many copies of `value` as make `MAX_AXES`."""
    return (value,) * (MAX_AXES - len(values)) + tuple(int(v) for v in values)
