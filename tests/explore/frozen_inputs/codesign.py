"""Small inputs for the explorers of co-design: imagined heart monitors."""

from functools import cache

import numpy as np


@cache
def beat_scores():
    """Scores of 600 imagined beats of six patients, labels, patients and names of classes."""
    rng = np.random.default_rng(5)
    labels = rng.choice(3, 600, p=[0.7, 0.15, 0.15])
    scores = rng.gamma(1.0, 0.3, (600, 3))
    scores[np.arange(600), labels] += rng.gamma(2.0, 0.5, 600)
    patients = np.repeat([f"patient {k}" for k in range(6)], 100)
    names = ("normal", "atrial", "ventricular")
    return scores / scores.sum(axis=1, keepdims=True), labels, patients, names
