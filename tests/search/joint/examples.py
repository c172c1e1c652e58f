"""Made-up counts of a small space: larger networks know more, compressed and early ones less."""

import numpy as np

from tinylab.search.joint.results import JointResults, JointSubject
from tinylab.search.joint.settings import Compression, exits_of
from tinylab.search.space import Space, as_rows, costs_of

SPACE = Space((2, 4), (16, 64))
COMPRESSIONS = tuple(Compression(bits, kept) for kept in (1.0, 0.5) for bits in (8, 4))
THRESHOLDS = (0.5, 0.9)
CLIPS = 1000


def made_up_results() -> JointResults:
    """Counts with noise, the same ones every time."""
    rng = np.random.default_rng(0)
    subject = JointSubject(SPACE.strides, SPACE.widths, COMPRESSIONS, THRESHOLDS, CLIPS)
    exits = exits_of(SPACE, THRESHOLDS)
    weights = costs_of(as_rows(SPACE.architectures)).weight_bytes[exits.network]
    known = 600 + 300 * weights / weights.max() - 20 * (exits.after > 0)
    lost = np.array([20 * (one.bits < 8) + 40 * (one.kept < 1) for one in COMPRESSIONS])
    right = known - lost[:, None] + rng.integers(-15, 16, (len(COMPRESSIONS), len(exits)))
    early = rng.integers(100, 900, right.shape) * (exits.after > 0)
    return JointResults(subject, right.astype(np.int64), early)
