"""A rank for every layer under a budget of multiply-accumulates, as DeepX chooses them.

One share of energy for all layers cuts where it is easy and where it hurts alike. Here each layer's
loss of energy is set against the work that it saves, and the cheapest losses are taken first.

Source: Lane et al., "DeepX: A Software Accelerator for Low-Power Deep Learning Inference on Mobile
Devices" (2016), runtime layer compression. DeepX estimates the error of a layer's output; here it
is the share of the kernel's energy.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import keras
import numpy as np

from tinylab.compress.low_rank.arithmetic import break_even_rank
from tinylab.compress.low_rank.factorize import Factorization, factorize_to
from tinylab.models.size import multiply_accumulates
from tinylab.models.surgery.nested import flattened

__all__ = ["RankOption", "choose_ranks", "factorize_within", "rank_options"]


class RankOption(NamedTuple):
    """One way to keep a layer: its rank (None: whole), its MACs, and the share of energy lost."""

    rank: int | None
    macs: int
    lost: float


def rank_options(matrix: np.ndarray, positions: int) -> list[RankOption]:
    """The whole layer, and every rank that takes fewer MACs, from the largest to 1.

    Parameters
    ----------
    matrix : ndarray of float, shape (inputs, outputs)
    positions : int
        How often an inference multiplies by the matrix.
    """
    rows, columns = matrix.shape
    squares = np.linalg.svd(np.asarray(matrix, np.float64), compute_uv=False) ** 2
    lost = 1 - np.cumsum(squares) / squares.sum() if squares.any() else np.zeros(squares.size)
    options = [RankOption(None, positions * rows * columns, 0.0)]
    for rank in range(min(break_even_rank(rows, columns), squares.size), 0, -1):
        macs = positions * rank * (rows + columns)
        options.append(RankOption(rank, macs, max(0.0, float(lost[rank - 1]))))
    return options


def choose_ranks(
    layers: Mapping[str, Sequence[RankOption]], budget_macs: int
) -> dict[str, RankOption]:
    """The options of all layers together that fit, at about the least loss of energy.

    Steps are taken in the order of the energy they lose for each MAC they save, until the budget
    is met. Of each layer only those options count that no mixture of two others beats (the lower
    convex hull): so every step is the best that is left.

    Raises
    ------
    ValueError
        If even rank 1 everywhere needs more.
    """
    steps = []
    for name, options in layers.items():
        hull = _hull(options)
        for before, after in zip(hull, hull[1:]):
            price = (after.lost - before.lost) / (before.macs - after.macs)
            steps.append((price, name, after))
    chosen = {name: _hull(options)[0] for name, options in layers.items()}
    for _, name, option in sorted(steps, key=lambda step: step[0]):
        if sum(kept.macs for kept in chosen.values()) <= budget_macs:
            break
        chosen[name] = option
    needed = sum(kept.macs for kept in chosen.values())
    if needed > budget_macs:
        raise ValueError(
            f"rank 1 everywhere still takes {needed:,} MACs, more than {budget_macs:,}"
        )
    return chosen


def factorize_within(
    model: keras.Model, share: float
) -> tuple[keras.Model, tuple[Factorization, ...]]:
    """Replace layers by thin ones until the model takes a share of its multiply-accumulates.

    Parameters
    ----------
    model : keras.Model
        Pointwise convolutions and dense layers are split, wider convolutions stay.
    share : float
        Of the MACs of one inference, above 0, at most 1.

    Returns
    -------
    As `tinylab.compress.low_rank.factorize.factorize`.
    """
    if not 0 < share <= 1:
        raise ValueError(f"the share of MACs to keep lies above 0, at most 1, not {share}")
    model = flattened(model)
    whole = multiply_accumulates(model)
    layers = {
        layer.name: rank_options(np.asarray(layer.kernel).reshape(layer.kernel.shape[-2:]), places)
        for layer, places in _layers_with_a_rank(model)
    }
    fixed = whole - sum(options[0].macs for options in layers.values())
    if fixed > share * whole:
        raise ValueError(
            f"layers that are not split here take {fixed / whole:.0%} of the MACs: ask for a "
            "larger share, or make wide convolutions narrower by pruning channels"
        )
    chosen = choose_ranks(layers, int(share * whole) - fixed)
    ranks = {name: option.rank for name, option in chosen.items() if option.rank is not None}
    return factorize_to(model, ranks)


def _layers_with_a_rank(model: keras.Model):
    """Dense layers and convolutions of one pixel, each with how often its kernel is used."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dense):
            yield layer, math.prod(layer.output.shape[1:-1])
        elif type(layer) is keras.layers.Conv2D and layer.kernel_size == (1, 1):
            yield layer, math.prod(layer.output.shape[1:-1])


def _hull(options: Sequence[RankOption]) -> list[RankOption]:
    """The lower convex hull of loss over MACs, from the most MACs to the fewest."""
    hull: list[RankOption] = []
    for option in sorted(options, key=lambda option: (-option.macs, option.lost)):
        while len(hull) > 1 and _is_above(hull[-1], hull[-2], option):
            hull.pop()
        hull.append(option)
    return hull


def _is_above(middle: RankOption, left: RankOption, right: RankOption) -> bool:
    """Whether the middle option loses more than a mixture of its neighbours."""
    part = (left.macs - middle.macs) / (left.macs - right.macs)
    return middle.lost >= left.lost + part * (right.lost - left.lost)
