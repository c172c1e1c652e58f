"""What a threshold on a score gives: the shares that cross it, and how often an alarm is right."""

import numpy as np

__all__ = ["area_under_curve", "precision_at", "rates_at"]


def rates_at(labels, scores, thresholds) -> tuple[np.ndarray, np.ndarray]:
    """The points of the ROC curve at given thresholds.

    Parameters
    ----------
    labels : int array (n,)
        0 or 1, both of them present.
    scores : float array (n,)
    thresholds : float array (m,)
        A score that equals a threshold crosses it.

    Returns
    -------
    recalls, false_alarm_rates : float64 arrays (m,)
        Shares, 0 to 1, of the examples of label 1 and of label 0 that cross each threshold.

    Raises
    ------
    ValueError
        If one of the labels is missing.
    """
    labels, scores = np.asarray(labels), np.asarray(scores)
    positive, negative = np.sort(scores[labels == 1]), np.sort(scores[labels == 0])
    if not positive.size or not negative.size:
        raise ValueError("rates need examples of both labels, 0 and 1")
    recalls = 1 - np.searchsorted(positive, thresholds) / len(positive)
    return recalls, 1 - np.searchsorted(negative, thresholds) / len(negative)


def area_under_curve(labels, scores) -> float:
    """The area under the ROC curve, 0 to 1; equal scores count half."""
    from sklearn.metrics import roc_auc_score  # takes as long to import as a grader to start

    return float(roc_auc_score(labels, scores))


def precision_at(recall, false_alarm_rate, prevalence: float) -> np.ndarray:
    """Share of the alarms that are right where `prevalence` of all examples are of label 1.

    Bayes' rule; NaN where there is no alarm. Shape as `recall` and `false_alarm_rate` (0 to 1).
    """
    hits = np.asarray(recall) * prevalence
    alarms = hits + np.asarray(false_alarm_rate) * (1 - prevalence)
    return np.divide(hits, alarms, out=np.full_like(alarms, np.nan), where=alarms > 0)
