"""A space of picture networks around MobileNetV1, and what each costs, all at once in numpy.

In: rows of whole numbers, a network each. Out: what `tinylab.search.space.costs_of` gives for
keyword networks. How good such a network is must be measured: the costs say nothing about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tinylab.search.costs import Costs, gathered

__all__ = ["PICTURES", "PictureArchitecture", "PictureSpace", "picture_costs_of", "picture_rows"]

PLANES, CLASSES, KERNEL = 3, 2, 3
STAGE_CHANNELS = (16, 32, 64, 128, 256)
STAGE_STRIDES = (1, 2, 2, 2, 2)
STAGES = len(STAGE_CHANNELS)
CHANNEL_STEP = 4  # the fast kernels take four channels at once


@dataclass(frozen=True, order=True)
class PictureArchitecture:
    """A MobileNetV1 of other sizes (Howard et al. 2017, *MobileNets*).

    Parameters
    ----------
    resolution : int
        Height and width of the picture.
    stem : int
        Channels of the first convolution.
    widths : tuple of int, five
        Channels of each stage.
    depths : tuple of int, five
        Blocks of each stage, a depthwise and a pointwise convolution each. The first block of
        every stage but the first halves height and width.
    """

    resolution: int
    stem: int
    widths: tuple[int, ...]
    depths: tuple[int, ...]

    def __str__(self) -> str:
        stages = "-".join(f"{n}x{width}" for n, width in zip(self.depths, self.widths, strict=True))
        return f"{self.resolution} x {self.resolution}, {self.stem}-{stages}"


@dataclass(frozen=True)
class PictureSpace:
    """All networks that choose from these numbers, which are counted from 0 to `size` - 1."""

    resolutions: tuple[int, ...] = (48, 64, 80, 96)
    stems: tuple[int, ...] = (8, 16)
    multipliers: tuple[float, ...] = (0.5, 0.75, 1.0, 1.25)
    most_blocks: tuple[int, ...] = (1, 2, 2, 4, 2)

    @cached_property
    def size(self) -> int:
        """How many networks there are."""
        return int(np.prod([len(choices) for choices in self._choices()]))

    def rows(self, numbers: np.ndarray | None = None) -> np.ndarray:
        """Networks by their numbers, all of them without, as int64 (n, 12); see `picture_rows`."""
        numbers = np.arange(self.size) if numbers is None else np.asarray(numbers)
        choices = self._choices()
        picked = np.unravel_index(numbers, [len(one) for one in choices])
        return np.stack([one[at] for one, at in zip(choices, picked, strict=True)], axis=1)

    def architecture(self, number: int) -> PictureArchitecture:
        """One network by its number."""
        resolution, stem, *rest = map(int, self.rows(np.array([number]))[0])
        return PictureArchitecture(resolution, stem, tuple(rest[:STAGES]), tuple(rest[STAGES:]))

    def _choices(self) -> list[np.ndarray]:
        """What each number of a row is chosen from."""
        widths = [[_channels(full * m) for m in self.multipliers] for full in STAGE_CHANNELS]
        depths = [range(1, most + 1) for most in self.most_blocks]
        return [np.array(one) for one in (self.resolutions, self.stems, *widths, *depths)]


PICTURES = PictureSpace()
"""262,144 networks."""


def picture_rows(architectures: Sequence[PictureArchitecture]) -> np.ndarray:
    """Networks as whole numbers, int64 (n, 12): resolution, stem, five widths, five depths."""
    rows = [(one.resolution, one.stem, *one.widths, *one.depths) for one in architectures]
    return np.array(rows, np.int64).reshape(len(rows), 2 + 2 * STAGES)


def picture_costs_of(rows: np.ndarray) -> Costs:
    """The costs of networks, as rows of `picture_rows`, as int8 programs.

    Raises
    ------
    ValueError
        If the rows are of another shape or hold a number below one.
    """
    resolution, last, *stages = _checked_columns(rows)
    side = _halved(resolution)
    positions = side * side
    patch = PLANES * KERNEL**2
    convolution_macs, depthwise_macs = positions * patch * last, 0 * last
    elements, calls = positions * last, 4 + 0 * last
    weights, biases = patch * last, last
    arena = resolution**2 * PLANES + positions * last
    for stride, width, depth in zip(STAGE_STRIDES, stages[:STAGES], stages[STAGES:], strict=True):
        for block in range(int(depth.max(initial=0))):
            there = depth > block
            before = positions
            if block == 0 and stride == 2:
                side = _halved(side)
                positions = side * side
            into, out = there * last, there * width
            convolution_macs = convolution_macs + positions * into * out
            depthwise_macs = depthwise_macs + positions * KERNEL**2 * into
            elements = elements + positions * (into + out)
            weights, biases = weights + KERNEL**2 * into + into * out, biases + into + out
            calls = calls + 2 * there
            # Input and output of the depthwise and of the pointwise convolution.
            arena = np.maximum(arena, into * (before + positions))
            arena = np.maximum(arena, positions * (into + out))
            last = np.where(there, width, last)
    by_feature = {
        "convolution_macs": convolution_macs,
        "depthwise_macs": depthwise_macs,
        "dense_macs": last * CLASSES,
        # Written by every operator but pooling, whose larger side is what it reads.
        "elements": elements + positions * last + 2 * CLASSES,
        "patch_elements": _halved(resolution) ** 2 * patch,
        "calls": calls,
    }
    arena = np.maximum(arena, last * (positions + 1))  # pooling
    weight_bytes = weights + last * CLASSES + 4 * (biases + CLASSES)
    return gathered(by_feature, arena, weight_bytes)


def _checked_columns(rows: np.ndarray) -> np.ndarray:
    rows = np.asarray(rows)
    if rows.ndim != 2 or rows.shape[1] != 2 + 2 * STAGES or rows.dtype.kind not in "iu":
        raise ValueError(f"pass whole numbers of shape (n, {2 + 2 * STAGES}), see picture_rows")
    if np.any(rows < 1):
        raise ValueError("every network needs a resolution, a stem, and channels in every stage")
    # Columns of their own: numpy is several times as fast on neighbouring numbers.
    return np.ascontiguousarray(rows.T, dtype=np.int64)


def _halved(side: np.ndarray) -> np.ndarray:
    """The side of a picture after a stride of two."""
    return -(-side // 2)


def _channels(wanted: float) -> int:
    return CHANNEL_STEP * max(1, round(wanted / CHANNEL_STEP))
