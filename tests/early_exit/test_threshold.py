"""Early exits: entropies against scipy, decisions against a loop over examples."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from tinylab.early_exit.threshold import (
    ExitRecord,
    at_threshold,
    choose_threshold,
    entropy_bits,
    exit_record,
    exit_taken,
)

MACS = np.array([100, 250, 1000])


def imagined(examples=400, seed=0) -> ExitRecord:
    """Exits that are right the more often the surer and the later they are."""
    rng = np.random.default_rng(seed)
    entropies = rng.uniform(0, 1, (examples, 3)) * np.array([1, 0.8, 0.6])
    right = rng.uniform(0, 1, (examples, 3)) > entropies / 2
    return ExitRecord(entropies, right, MACS)


def test_entropy_is_scipys():
    p = np.random.default_rng(0).dirichlet(np.ones(4), size=(3, 50))
    np.testing.assert_allclose(entropy_bits(p), scipy.stats.entropy(p, base=2, axis=-1))
    assert entropy_bits([[1.0, 0.0], [0.5, 0.5]]).tolist() == [0.0, 1.0]


@given(st.floats(0, 1.1), st.integers(0, 50))
@settings(max_examples=60)
def test_one_example_after_the_other(threshold, seed):
    record = imagined(60, seed)
    right, macs, leaves = [], [], []
    for entropies, correct in zip(record.entropy_bits, record.correct):
        exit_ = 0
        while exit_ < 2 and not entropies[exit_] < threshold:
            exit_ += 1
        leaves.append(exit_)
        right.append(correct[exit_])
        macs.append(MACS[exit_])
    point = at_threshold(record, threshold)
    assert exit_taken(record.entropy_bits, threshold).tolist() == leaves
    assert point.accuracy == pytest.approx(np.mean(right))
    assert point.mean_macs == pytest.approx(np.mean(macs))
    assert point.exit_rates.sum() == pytest.approx(1)
    shares = np.nan_to_num(point.exit_accuracy)
    assert point.exit_rates @ shares == pytest.approx(point.accuracy)


def test_the_ends_of_the_slider():
    record = imagined()
    none, all_ = at_threshold(record, 0.0), at_threshold(record, 1.01)
    assert none.mean_macs == 1000 and none.accuracy == record.correct[:, -1].mean()
    assert all_.mean_macs == 100 and all_.accuracy == record.correct[:, 0].mean()
    assert np.isnan(none.exit_accuracy[0])


@given(st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=40)
def test_a_higher_threshold_never_costs_more(threshold, other_threshold):
    low, high = sorted((threshold, other_threshold))
    record = imagined()
    assert at_threshold(record, high).mean_macs <= at_threshold(record, low).mean_macs


@pytest.mark.parametrize("max_loss", [0.0, 0.02, 0.2])
def test_the_chosen_threshold_keeps_the_accuracy(max_loss):
    record = imagined()
    chosen = at_threshold(record, choose_threshold(record, max_loss=max_loss))
    least = record.correct[:, -1].mean() - max_loss
    assert chosen.accuracy >= least - 1e-9
    cheaper = [
        at_threshold(record, threshold)
        for threshold in np.linspace(0, 1, 101)
        if at_threshold(record, threshold).mean_macs < chosen.mean_macs - 1e-9
    ]
    assert all(point.accuracy < least for point in cheaper)


def test_several_networks_can_be_asked_for_the_same_accuracy():
    record = imagined()
    own = record.correct[:, -1].mean()
    chosen = choose_threshold(record, max_loss=0.0, reference=own - 0.03)
    assert chosen == choose_threshold(record, max_loss=0.03) > 0
    assert choose_threshold(record, max_loss=0.0, reference=1.0) == 0.0


def test_costs_are_weighed_by_who_leaves_where():
    point = at_threshold(imagined(), 0.3)
    assert point.mean_of(MACS) == pytest.approx(point.mean_macs)
    assert point.mean_of([5.0, 5.0, 5.0]) == pytest.approx(5.0)


def test_a_record_from_probabilities():
    probabilities = [[[0.9, 0.1], [0.5, 0.5]], [[0.2, 0.8], [0.0, 1.0]]]
    record = exit_record(probabilities, [0, 1], [10, 30])
    assert record.correct.tolist() == [[True, False], [False, True]]
    assert record.entropy_bits[1].tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (([[0.5, 0.5]], [0], [1]), "shape \\(exits, 1, classes\\)"),
        (([[[1.0, 0.0]], [[1.0, 0.0]]], [0], [5, 5]), "larger than the one before"),
        (([[[1.0, 0.0]]], [0], [5, 6]), "one number for each exit"),
    ],
)
def test_what_does_not_fit_together_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        exit_record(*arguments)
