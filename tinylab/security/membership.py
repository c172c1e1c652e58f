"""Membership inference: was this example in the training set? Confidence may say so.

Source: Yeom et al., "Privacy risk in machine learning: analyzing the connection to overfitting"
(2018): an example whose loss is low is called a member.
"""

import numpy as np

from tinylab.scoring.rates import area_under_curve

__all__ = ["membership_auc"]

LEAST = 1e-6  # below that a probability says nothing more


def membership_auc(
    member_scores: np.ndarray,
    member_labels: np.ndarray,
    other_scores: np.ndarray,
    other_labels: np.ndarray,
) -> float:
    """How well the loss tells members from others: 0.5 is chance, 1 is certainty.

    Parameters
    ----------
    member_scores, other_scores : float arrays (n, classes), (m, classes)
        Probabilities that the model gives to its training examples, and to others.
    member_labels, other_labels : int arrays (n,), (m,)
    """
    confidence = [
        np.log(np.maximum(scores[np.arange(len(labels)), labels], LEAST))
        for scores, labels in ((member_scores, member_labels), (other_scores, other_labels))
    ]
    truth = np.repeat([1, 0], [len(member_labels), len(other_labels)])
    return area_under_curve(truth, np.concatenate(confidence))
