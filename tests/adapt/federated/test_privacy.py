"""Clip and noise: how far one client can move the model, and how much noise there is; masks."""

import importlib.util

import numpy as np
import pytest

from tinylab.adapt.federated.messages import Update
from tinylab.adapt.federated.privacy import PrivateFedAvg, epsilon, masked

NAMES = tuple(f"c{k}" for k in range(50))


def updates(rng, count, scale):
    rows = rng.normal(0, scale, (count, 8)).astype(np.float32)
    return [Update(NAMES[k], row, int(rng.integers(1, 99)), 1, 32) for k, row in enumerate(rows)]


@pytest.mark.parametrize("scale", [0.01, 1.0, 1e6])
def test_one_client_moves_the_model_by_no_more_than_clip_over_the_expected_number(scale):
    """Whoever else came, and how many: the noise is the same with and without the client."""
    strategy = PrivateFedAvg(share=0.2, clip=0.5, noise=1.0)
    state = strategy.start(np.zeros(8), 50, 3)
    for count in (1, 7, 30):
        sent = updates(np.random.default_rng(count), count, scale)
        with_all = strategy.aggregate(state, sent, NAMES).weights
        without = strategy.aggregate(state, sent[1:], NAMES).weights
        assert np.linalg.norm(with_all - without) <= 0.5 / (0.2 * 50) * 1.0001


def test_the_noise_has_the_promised_size_and_comes_even_when_nobody_did():
    strategy = PrivateFedAvg(share=0.2, clip=0.5, noise=2.0)
    state = strategy.start(np.zeros(20_000), 50, 0)
    after = strategy.aggregate(state, [], NAMES)
    assert after.weights.std() == pytest.approx(2.0 * 0.5 / (0.2 * 50), rel=0.02)
    again = strategy.aggregate(after, [], NAMES).weights - after.weights
    assert abs(np.corrcoef(after.weights, again)[0, 1]) < 0.05


def test_all_count_alike():
    strategy = PrivateFedAvg(share=0.5, clip=10.0, noise=0.0)
    state = strategy.start(np.zeros(2), 4, 0)
    sent = [Update("c0", np.array([1.0, 0]), 1, 1, 8), Update("c1", np.array([0, 1.0]), 99, 1, 8)]
    np.testing.assert_allclose(strategy.aggregate(state, sent, NAMES).weights, [0.5, 0.5])


def test_a_fixed_draw_or_no_clip_is_refused():
    with pytest.raises(ValueError, match="draws by coins"):
        PrivateFedAvg(draw="fixed")
    with pytest.raises(ValueError, match="clip must be a finite number above 0"):
        PrivateFedAvg(clip=0.0)


def test_masks_cancel_in_the_sum_and_hide_each():
    own = np.random.default_rng(1).normal(size=(6, 2000))
    sent = masked(own, seed=4)
    np.testing.assert_allclose(sent.sum(axis=0), own.sum(axis=0), atol=1e-9)
    for row, secret in zip(sent, own):
        assert abs(np.corrcoef(row, secret)[0, 1]) < 0.1


def test_epsilon_says_where_it_can_be_computed():
    if importlib.util.find_spec("dp_accounting"):
        assert 5.3 < epsilon(0.2, 1.0, 30) < 5.4
    else:
        with pytest.raises(RuntimeError, match=r"\.venv-flower"):
            epsilon(0.2, 1.0, 30)
