"""Ways to double a network's work: which rate is chosen, and what seeds can tell apart."""

import itertools

import numpy as np
import pytest

from tinylab.models.networks.doubling_results import (
    BASE,
    DoublingResults,
    DoublingRow,
    bundled_doubling,
)
from tinylab.models.networks.mobilenet import mobilenet_v1
from tinylab.models.size import folded_parameters, multiply_accumulates
from tinylab.recipes.visual_wake_words_doubling import NETWORKS, SEEDS
from tinylab.recipes.visual_wake_words_scaling import PROFILE, RATES


def row(way: str, rate: float, seed: int, validation_auc: float, auc: float) -> DoublingRow:
    return DoublingRow(way, 1.0, 0.25, 64, rate, seed, 100, 1000, 10, validation_auc, 0.5, auc, 1.0)


def test_the_rate_is_chosen_by_the_validation_pictures_and_the_first_seed():
    rows = (
        row("wider", 1e-3, 0, 0.8, 0.6),
        row("wider", 1e-2, 0, 0.7, 0.9),  # better on the test: that must not choose
        row("wider", 1e-3, 1, 0.1, 0.65),
        row("wider", 1e-2, 1, 0.99, 0.9),  # another seed: nor must this
    )
    results = DoublingResults(rows, 10, 10, 10, 1)
    assert results.values("wider") == (0.6, 0.65)
    with pytest.raises(ValueError, match="wider"):
        results.chosen("deeper")
    with pytest.raises(ValueError, match="auc"):
        results.values("wider", "loss")


def test_a_training_without_its_counterpart_takes_no_part():
    reached = {BASE: (0.70, 0.71), "wider": (0.75, 0.79)}
    rows = [
        row(way, 1e-3, seed, 0.5, auc) for way in reached for seed, auc in enumerate(reached[way])
    ]
    results = DoublingResults((*rows, row(BASE, 1e-3, 2, 0.5, 0.99)), 10, 10, 10, 1)
    assert results.seeds == 2 and {way: results.values(way) for way in results.ways} == reached


def test_the_bundled_study_is_whole_and_its_ways_cost_alike():
    results = bundled_doubling()
    assert results.epochs == PROFILE.epochs and results.ways == tuple(NETWORKS)
    trained = {(one.way, one.learning_rate, one.seed) for one in results.rows}
    assert trained >= set(itertools.product(NETWORKS, RATES, SEEDS[:1]))
    for way, (depth, width, resolution) in NETWORKS.items():
        network = mobilenet_v1(width, resolution, depth=depth)
        rows = results.chosen(way)
        tried = [one.learning_rate for one in results.rows if one.way == way]
        assert min(tried) < rows[0].learning_rate < max(tried), "the best is not at the border"
        assert [one.seed for one in rows] == list(SEEDS)
        for one in rows:
            assert (one.depth, one.width, one.resolution) == (round(depth, 4), width, resolution)
            assert one.macs == multiply_accumulates(network)
            assert one.parameters == folded_parameters(network)
    times = [results.times(way, "macs") for way in NETWORKS if way != BASE]
    assert min(times) > 2.08 and max(times) < 2.13
    alpha, beta, gamma = np.array(NETWORKS["all three"]) / np.array(NETWORKS[BASE])
    assert alpha * beta**2 * gamma**2 == pytest.approx(2, abs=0.02)
