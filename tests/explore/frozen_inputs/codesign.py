"""Small inputs for the explorers of co-design: imagined searches and heart monitors."""

from functools import cache

import numpy as np

from tinylab.search.results import RaceResults


@cache
def race_results() -> RaceResults:
    """Two searchers of three seeds; the second is ahead from the second mark on."""
    shares = (
        ((0.5, 0.80), (0.6, 0.82), (0.55, 0.81)),
        ((0.5, 0.90), (0.62, 0.93), (0.53, 0.91)),
    )
    return RaceResults(("random", "clever"), 3, (10, 50), shares, 100)


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
