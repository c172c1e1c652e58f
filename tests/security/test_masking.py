"""Gradient masking: a rounded score has no differences, and queries break it all the same."""

import numpy as np
import pytest

from tinylab.security.masking import attack_by_queries, zero_differences

RNG = np.random.default_rng(4)
WEIGHTS = RNG.normal(0, 1, 60)


def saturated(stored: np.ndarray) -> np.ndarray:
    """Two int8 scores of a linear model behind a steep softmax."""
    level = stored.reshape(len(stored), -1).astype(float) @ WEIGHTS
    share = 1 / (1 + np.exp(-np.clip(level, -500, 500)))
    scores = np.stack([share, 1 - share], axis=1)
    return np.clip(np.round(256 * scores) - 128, -128, 127).astype(np.int8)


def inputs(count: int):
    stored = RNG.integers(-40, 40, (count, 6, 10, 1)).astype(np.int8)
    return stored, saturated(stored).argmax(axis=1)


def test_saturated_scores_hardly_move():
    stored, labels = inputs(30)
    assert zero_differences(saturated, stored, labels, 1, coordinates=20) > 0.6


def test_a_score_that_follows_its_input_always_moves():
    def sums(stored):
        total = stored.reshape(len(stored), -1).astype(int).sum(axis=1)
        return np.stack([total, -total], axis=1)

    stored, labels = inputs(5)
    assert zero_differences(sums, stored, labels, 1, coordinates=10) == 0
    stored[:] = 127  # at the end of the range the step goes the other way
    assert zero_differences(sums, stored, labels, 3, coordinates=10) == 0


def test_queries_stay_in_the_ball_and_fool_more_and_more():
    stored, labels = inputs(40)
    seen = []

    def watched(tried):
        seen.append(np.abs(tried.astype(int) - stored.astype(int)).max())
        return saturated(tried)

    found = attack_by_queries(watched, stored, labels, 12, report=(1, 5, 60))
    assert max(seen) <= 12 and len(seen) == 60
    assert found.attackable == 40 and found.queries == (1, 5, 60)
    assert list(found.fooled) == sorted(found.fooled) and found.fooled[-1] > found.fooled[0]


def test_a_model_that_never_changes_is_never_fooled():
    stored, labels = inputs(5)
    answers = np.eye(2, dtype=np.int8)[labels]
    found = attack_by_queries(lambda x: answers, stored, labels, 4, report=(1, 10))
    assert found.fooled == (0, 0)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_seed_decides(seed):
    stored, labels = inputs(20)
    runs = [attack_by_queries(saturated, stored, labels, 8, report=(20,), seed=seed) for _ in "ab"]
    assert runs[0] == runs[1]
