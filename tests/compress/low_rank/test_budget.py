"""Ranks under a budget against trying every combination, and against the energy they claim."""

import itertools

import keras
import numpy as np
import pytest

from tinylab.compress.low_rank.arithmetic import svd_factors
from tinylab.compress.low_rank.budget import (
    RankOption,
    choose_ranks,
    factorize_within,
    rank_options,
)
from tinylab.models.size import multiply_accumulates


def matrices(seed, sizes=((8, 12), (6, 6), (10, 5))):
    rng = np.random.default_rng(seed)
    decay = [0.6 ** np.arange(min(size)) for size in sizes]
    for (rows, columns), values in zip(sizes, decay):
        left = np.linalg.qr(rng.normal(size=(rows, rows)))[0][:, : len(values)]
        right = np.linalg.qr(rng.normal(size=(columns, columns)))[0][: len(values)]
        yield left * values @ right


def test_an_option_says_what_its_factors_do():
    matrix = next(matrices(0))
    whole, *options = rank_options(matrix, positions=7)
    assert whole == RankOption(None, 7 * 96, 0.0)
    for option in options:
        first, second = svd_factors(matrix, option.rank)
        assert option.macs == 7 * (first.size + second.size) < whole.macs
        lost = np.sum((matrix - first @ second) ** 2) / np.sum(matrix**2)
        assert option.lost == pytest.approx(lost, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_on_the_hull_of_all_combinations_is_better(seed):
    layers = {f"layer{k}": rank_options(m, 3 + k) for k, m in enumerate(matrices(seed))}
    everything = [
        (sum(option.macs for option in each), sum(option.lost for option in each))
        for each in itertools.product(*layers.values())
    ]
    whole = max(macs for macs, _ in everything)
    for share in (0.9, 0.7, 0.5):
        chosen = choose_ranks(layers, int(share * whole)).values()
        macs, lost = sum(o.macs for o in chosen), sum(o.lost for o in chosen)
        assert macs <= share * whole
        # Of all that needs no more work than what was chosen, nothing loses less.
        assert lost <= min(loss for work, loss in everything if work <= macs) + 1e-12


def test_a_model_within_its_budget_answers_alike_where_its_layers_are_thin():
    rng = np.random.default_rng(1)
    inputs = keras.Input((6, 6, 12))
    x = keras.layers.Conv2D(16, 1, activation="relu", name="point")(inputs)
    x = keras.layers.Conv2D(16, 3, padding="same", name="wide")(x)
    model = keras.Model(inputs, keras.layers.Dense(10, name="dense")(x))
    thin = rng.normal(size=(12, 2)) @ rng.normal(size=(2, 16))
    model.get_layer("point").set_weights([thin.reshape(1, 1, 12, 16), np.zeros(16)])
    point = 36 * 12 * 16
    share = 1 - 0.6 * point / multiply_accumulates(model)
    small, done = factorize_within(model, share)
    assert {part.layer: part.ranks for part in done} == {"point": (2,), "wide": (), "dense": ()}
    assert multiply_accumulates(small) <= share * multiply_accumulates(model)
    pictures = rng.normal(size=(3, 6, 6, 12)).astype(np.float32)
    np.testing.assert_allclose(
        small.predict(pictures, verbose=0), model.predict(pictures, verbose=0), atol=1e-4
    )


def test_impossible_budgets_are_refused():
    layers = {"one": rank_options(next(matrices(0)), 1)}
    with pytest.raises(ValueError, match="rank 1 everywhere still takes 20 MACs"):
        choose_ranks(layers, 10)
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(4)(inputs))
    with pytest.raises(ValueError, match="share of MACs"):
        factorize_within(model, 0)


def test_wide_convolutions_that_take_more_than_the_budget_are_named():
    layers = [keras.layers.Conv2D(8, 3), keras.layers.Flatten(), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((8, 8, 3)), *layers])
    with pytest.raises(ValueError, match="not split here take 93% of the MACs: ask for a larger"):
        factorize_within(model, 0.5)
