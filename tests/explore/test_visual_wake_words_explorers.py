"""Scaling, doubling and wake threshold against scikit-learn and what they look up."""

import base64
import re

import numpy as np
import pytest
from sklearn.metrics import precision_score, roc_auc_score

from tinylab.explore.train.wake_threshold import wake_threshold_explorer
from tinylab.explore.widget.pictures import show_pictures


def test_scaling_names_a_better_network_of_no_greater_cost(make, inputs):
    results = inputs["scaling_results"]
    explorer = make("scaling").set(network="0.125 at 64 px")
    row = results.row(0.125, 64)
    assert explorer.result.row == row and f"{row.macs / 1e6:.2f} million MACs" in explorer.text
    affordable = [candidate for candidate in results.rows if candidate.macs <= row.macs]
    best = max(affordable, key=lambda candidate: candidate.accuracy)
    better = explorer.result.better
    assert (better or row).accuracy == best.accuracy


def test_scaling_puts_the_chosen_cost_on_the_axis(make, inputs):
    explorer = make("scaling").set(network="0.5 at 32 px", cost="parameters")
    here = explorer.figure.data[-1]
    assert here.x[0] == pytest.approx(inputs["scaling_results"].row(0.5, 32).parameters / 1e3)
    assert "weights" in explorer.figure.layout.xaxis.title.text


def test_doubling_names_what_seeds_can_tell_apart_and_what_not(make, inputs):
    results = inputs["doubling_results"]
    explorer = make("doubling").set(way="wider", other="base")
    assert "wider is better than base: +10.3 points" in explorer.text
    assert "tie" in explorer.set(way="sharper").text
    assert "compare it with" in explorer.set(other="sharper").text
    explorer.set(way="wider", other="base", cost="parameters")
    here = explorer.figure.data[-1]
    assert here.x == pytest.approx((1, 2.25), abs=1e-4)
    assert here.y == pytest.approx([np.mean(results.values(way)) for way in ("base", "wider")])


@pytest.mark.parametrize("model", ["good", "poor"])
def test_wake_figures_are_those_of_scikit_learn(make, inputs, model):
    labels, scores = inputs["wake_scores"]
    explorer = make("wake_threshold").set(model=model, threshold=0.6, prevalence_pct=50)
    answers = scores[model] >= 0.6
    assert explorer.result.auc == pytest.approx(roc_auc_score(labels, scores[model]))
    assert explorer.result.precision == pytest.approx(precision_score(labels, answers))
    assert explorer.result.recall == pytest.approx(answers[labels == 1].mean())


def test_rare_people_make_wake_ups_wrong_but_not_the_curve(make):
    explorer = make("wake_threshold")
    common = explorer.set(prevalence_pct=50).result
    rare = explorer.set(prevalence_pct=0.1).result
    assert rare.precision < common.precision and rare.recall == common.recall
    assert rare.auc == common.auc


def test_precision_without_wake_ups_is_no_number_out_of_range():
    explorer = wake_threshold_explorer([0, 1], {"one": np.array([0.2, 0.3])}).set(threshold=1.0)
    assert np.isnan(explorer.result.precision) and explorer.result.recall == 0
    assert "it never wakes" in explorer.text and "%" not in explorer.text.split("never")[1]
    with pytest.raises(ValueError, match="with and without"):
        wake_threshold_explorer([1, 1], {"one": np.array([0.2, 0.3])})


def test_a_block_of_pictures_is_one_small_jpeg():
    images = np.random.default_rng(0).integers(0, 256, (5, 20, 30, 3), np.uint8)
    shown = show_pictures(images, 3, '"noise" <loud>')
    source = re.search('src="data:image/jpeg;base64,([^"]+)"', shown.data).group(1)
    assert base64.b64decode(source)[:2] == b"\xff\xd8"
    assert 'alt="&quot;noise&quot; &lt;loud&gt;"' in shown.data
    with pytest.raises(ValueError, match="uint8"):
        show_pictures(images / 255, 3, "noise")
