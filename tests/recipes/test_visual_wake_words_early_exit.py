"""The bundled exits belong to the bundled network, and their figures can be measured again."""

import json

import numpy as np
import pytest

from tinylab.data import people
from tinylab.early_exit.files import NAME, load_exits
from tinylab.early_exit.threshold import at_threshold
from tinylab.models import checkpoints
from tinylab.models.training import TrainingProfile
from tinylab.recipes import visual_wake_words_early_exit as recipe

FIGURES = json.loads((checkpoints.REFERENCE / f"{NAME}.json").read_text())


@pytest.fixture(scope="module")
def exits():
    return load_exits(checkpoints.load("visual_wake_words", "train", origin="reference").model)


def test_early_exits_reach_their_target():
    assert FIGURES["saved"] >= 0.30
    assert FIGURES["accuracy"] >= FIGURES["network_accuracy"] - 0.01


def test_the_costs_are_those_of_the_network_and_its_heads(exits):
    assert FIGURES["network_macs"] == 7_489_664
    assert [workload.macs for workload in exits.workloads()] == FIGURES["macs"]
    heads = sum(workload.macs for workload in exits.head_workloads())
    assert FIGURES["macs"][-1] == 7_489_664 + heads


def test_the_figures_can_be_measured_again(exits):
    test = people.load("test")
    assert len(test) == FIGURES["test_pictures"]
    record = exits.measure(test.images, test.labels)
    point = at_threshold(record, FIGURES["threshold_bits"])
    assert point.accuracy == pytest.approx(FIGURES["accuracy"], abs=0.005)
    assert point.mean_macs == pytest.approx(FIGURES["mean_macs"], rel=0.02)
    measured = [figures["accuracy"] for figures in FIGURES["exits"]]
    np.testing.assert_allclose(record.correct.mean(axis=0), measured, atol=0.005)


def test_calibration_was_no_worse_for_its_pains():
    before = np.mean([figures["calibration_error"] for figures in FIGURES["exits"]])
    after = np.mean([figures["calibrated_error"] for figures in FIGURES["exits"]])
    assert after <= before


@pytest.mark.training
def test_a_network_without_exits_gets_its_own(exits, monkeypatch, own_work_dir):
    quick = recipe.ExitRecipe(100, TrainingProfile(epochs=1, batch_size=50))
    monkeypatch.setattr(recipe, "PROFILES", {"quick": quick})
    load = people.load
    monkeypatch.setattr(people, "load", lambda split, limit=100, seed=0: load(split, limit=limit))
    network = exits.model
    other = checkpoints.load("visual_wake_words", "train", origin="reference").model
    other.set_weights([1.01 * weights for weights in network.get_weights()])
    made = recipe.exits_for(other, progress=False)
    assert made.cuts == recipe.CUTS and (own_work_dir / "checkpoints" / f"{NAME}.json").is_file()
    again = recipe.exits_for(other, progress=False)
    assert again.temperatures == pytest.approx(made.temperatures, abs=1e-4)
    with pytest.raises(ValueError, match="profile must be one of"):
        recipe.train_reference_exits("lavish")
