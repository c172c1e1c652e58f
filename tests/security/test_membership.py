"""Confidence as a witness: certain, useless, and in between."""

import numpy as np
import pytest

from tinylab.security.membership import membership_auc


def probabilities(right: np.ndarray) -> np.ndarray:
    return np.stack([right, 1 - right], axis=1)


@pytest.mark.parametrize(
    ("members", "others", "auc"),
    [
        ([0.9, 0.95, 0.99], [0.1, 0.2, 0.8], 1.0),
        ([0.5, 0.5], [0.5, 0.5], 0.5),
        ([0.9, 0.3], [0.6, 0.2], 0.75),
        ([0.0, 0.0], [0.9, 0.9], 0.0),
    ],
)
def test_confidence_in_the_right_class_decides(members, others, auc):
    zeros = [np.zeros(len(part), int) for part in (members, others)]
    parts = [probabilities(np.array(part)) for part in (members, others)]
    assert membership_auc(parts[0], zeros[0], parts[1], zeros[1]) == pytest.approx(auc)
