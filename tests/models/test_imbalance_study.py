"""Losses on imbalanced data, on imagined features whose best answer is known."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from tinylab.models.imbalance_study import compare_losses, features_of, imbalanced
from tinylab.models.losses import FocalLoss, class_weights, weighted_cross_entropy
from tinylab.models.networks.mobilenet import mobilenet_v1

COUNTS = {"with_people": 40, "without_people": 800}


def clouds(count, seed):
    """Two overlapping clouds; the best answer depends on the first feature alone."""
    rng = np.random.default_rng(seed)
    labels = np.tile([0, 1], count // 2)
    features = rng.normal(size=(count, 4)).astype(np.float32)
    features[:, 0] += 1.6 * labels
    return features, labels


@pytest.fixture(scope="module")
def results():
    weights = class_weights(np.repeat([0, 1], [800, 40]))
    losses = {
        "plain": FocalLoss(0.0),
        "weighted": weighted_cross_entropy(weights),
        "focal": FocalLoss(2.0),
    }
    sets = (clouds(2000, 0), clouds(1000, 2), clouds(1000, 1))
    compared = compare_losses(losses, *sets, draws=(0, 1), decays=(1e-4, 1e-2), **COUNTS)
    return {result.loss: result for result in compared}


@pytest.mark.training
def test_plain_cross_entropy_overlooks_the_rare(results):
    assert results["plain"].recall.mean() < 0.4 < results["weighted"].recall.mean()
    assert results["plain"].false_alarm_rate.mean() < 0.05


@pytest.mark.training
def test_weights_move_the_threshold_not_the_order(results):
    """On two Gaussian clouds all three losses find the same direction."""
    areas = [result.auc.mean() for result in results.values()]
    assert np.ptp(areas) < 0.02
    assert min(areas) > 0.84


@pytest.mark.training
def test_average_precision_knows_how_rare_people_are(results):
    for result in results.values():
        assert np.all(result.average_precision < result.auc)


@pytest.mark.parametrize("weights", [None, (0.6, 2.4)])
def test_the_lowest_point_is_scikit_learns(weights):
    """Cross-entropy with weight decay is logistic regression: C = 1 / (n decay)."""
    features, labels = clouds(400, 3)
    loss = FocalLoss(0.0, weights)
    sets = ((features, labels), (features, labels), (features, labels))
    (ours,) = compare_losses(
        {"": loss}, *sets, with_people=200, without_people=200, draws=(0,), decays=(1e-2,)
    )
    by_class = None if weights is None else dict(enumerate(weights))
    spread = (features - features.mean(axis=0)) / features.std(axis=0)
    theirs = LogisticRegression(C=1 / (400 * 1e-2), class_weight=by_class, tol=1e-8)
    scores = theirs.fit(spread, labels).predict_proba(spread)[:, 1]
    assert ours.auc[0] == pytest.approx(roc_auc_score(labels, scores), abs=1e-4)
    assert ours.recall[0] == pytest.approx((scores[labels == 1] >= 0.5).mean(), abs=0.006)


def test_imbalanced_draws_have_the_counts_asked_for():
    labels = np.tile([0, 1], 50)
    kept = imbalanced(labels, 5, 30, seed=2)
    assert labels[kept].sum() == 5 and len(set(kept.tolist())) == 35
    assert not np.array_equal(kept, imbalanced(labels, 5, 30, seed=3))
    with pytest.raises(ValueError, match="class 1"):
        imbalanced(labels, 51, 30, seed=2)


@pytest.mark.filterwarnings("error:The structure of:UserWarning")  # red in a notebook
def test_features_are_what_the_classifier_gets():
    model = mobilenet_v1()
    images = np.random.default_rng(0).random((3, 96, 96, 3), np.float32)
    features = features_of(model, images)
    assert features.shape == (3, 256)
    logits = features @ model.layers[-1].kernel.numpy() + model.layers[-1].bias.numpy()
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert scores == pytest.approx(np.asarray(model(images)), abs=1e-4)
