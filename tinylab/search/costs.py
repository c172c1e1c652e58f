"""What many networks cost, all at once in numpy: the amounts that the latency model multiplies."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tinylab.cost import FEATURES

__all__ = ["Costs", "gathered"]


@dataclass(frozen=True, eq=False)
class Costs:
    """What networks cost, an entry for each.

    Parameters
    ----------
    amounts : ndarray of float64, shape (n, 6)
        In the order of `tinylab.cost.FEATURES`; `tinylab.cost.sweep` takes them.
    macs, arena_bytes, weight_bytes : ndarray of int64, shape (n,)
        Weights in int8 with biases in int32.
    """

    amounts: np.ndarray
    macs: np.ndarray
    arena_bytes: np.ndarray
    weight_bytes: np.ndarray


def gathered(
    by_feature: Mapping[str, np.ndarray], arena_bytes: np.ndarray, weight_bytes: np.ndarray
) -> Costs:
    """The costs, from columns of amounts by their names in `tinylab.cost.FEATURES`."""
    amounts = np.empty((len(arena_bytes), len(FEATURES)))
    for at, name in enumerate(FEATURES):
        amounts[:, at] = by_feature[name]
    macs = sum(by_feature[name] for name in FEATURES if name.endswith("_macs"))
    return Costs(amounts, macs, arena_bytes, weight_bytes)
