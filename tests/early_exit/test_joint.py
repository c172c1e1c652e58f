"""Network and exits trained together: what learns, what stays, and which rate is chosen."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from scipy import stats

from tests.early_exit.test_network import CUTS, pictures
from tinylab.data.pixels import inputs
from tinylab.early_exit.joint import train_jointly
from tinylab.early_exit.joint_results import JointResults, JointRow
from tinylab.early_exit.network import attach_exits
from tinylab.models.networks.ds_cnn import ds_cnn
from tinylab.models.training import TrainingProfile

PROFILE = TrainingProfile(epochs=12, batch_size=32, learning_rate=5e-3)


@pytest.fixture(scope="module")
def start():
    keras.utils.set_random_seed(3)
    return attach_exits(ds_cnn(2, 8, 3, (16, 16, 1)), CUTS, filters=16)


def changed(one: keras.Model, other: keras.Model) -> bool:
    pairs = zip(one.trainable_weights, other.trainable_weights, strict=True)
    return any(np.abs(np.asarray(a) - np.asarray(b)).max() > 1e-6 for a, b in pairs)


def likelihoods(exits, x, y) -> list[float]:
    """Mean log-likelihood at every exit, by the batch's statistics: few steps settle no others."""
    answers = exits.whole(inputs(x), training=True)
    return [float(np.log(np.asarray(one)[np.arange(len(y)), y]).mean()) for one in answers]


@pytest.mark.training
def test_all_learn_and_the_start_stays(start):
    (x, y), (unseen, labels) = pictures(), pictures(seed=1)
    before = [weights.copy() for weights in start.model.get_weights()]
    joint = train_jointly(start, x, y, profile=PROFILE, progress=False)
    for kept, now in zip(before, start.model.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, now)
    assert changed(joint.model, start.model)
    assert all(changed(a, b) for a, b in zip(joint.heads, start.heads, strict=True))
    for learned, fresh in zip(
        likelihoods(joint, unseen, labels), likelihoods(start, unseen, labels)
    ):
        assert learned > fresh + 0.05


@pytest.mark.training
def test_without_weight_the_heads_learn_nothing(start):
    x, y = pictures(64)
    brief = replace(PROFILE, epochs=1)
    alone = train_jointly(start, x, y, profile=brief, exit_weight=0.0, progress=False)
    assert changed(alone.model, start.model)
    assert not any(changed(a, b) for a, b in zip(alone.heads, start.heads, strict=True))


def test_wrong_weights_and_too_few_pictures_are_refused(start):
    x, y = pictures(40)
    for weight in (-1, float("nan")):
        with pytest.raises(ValueError, match="exit_weight"):
            train_jointly(start, x, y, exit_weight=weight, progress=False)
    with pytest.raises(ValueError, match="at least 32"):
        train_jointly(start, x[:20], y[:20], profile=PROFILE, progress=False)


def row(way: str, rate: float, seed: int, validated: float, exits, saved: float) -> JointRow:
    return JointRow(way, rate, seed, validated, exits, 0.5, (0.5, 0.5), exits[-1], saved)


def test_ways_are_compared_by_seed_at_the_rate_the_validation_chose():
    rows = (
        row("frozen", 0.0, 0, 0.7, (0.6, 0.9), 0.3),
        row("frozen", 0.0, 1, 0.7, (0.7, 0.8), 0.4),
        row("joint", 1e-4, 0, 0.8, (0.7, 0.8), 0.5),
        row("joint", 1e-3, 0, 0.7, (1.0, 1.0), 0.9),  # better on the test: that must not choose
        row("joint", 1e-4, 1, 0.8, (0.9, 0.8), 0.5),
    )
    results = JointResults(rows, ("a",), 0.7, 10, 10, 10, 1, 1)
    assert results.values("joint", "exit_accuracy", 0) == (0.7, 0.9)
    verdict = results.verdict("joint", "frozen", "saved")
    expected = stats.ttest_rel((0.5, 0.5), (0.3, 0.4)).confidence_interval(0.95)
    assert (verdict.low, verdict.high) == pytest.approx((expected.low, expected.high))
    with pytest.raises(ValueError, match="frozen, joint"):
        results.chosen("thawed")
