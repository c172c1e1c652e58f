"""The study of joint training in little."""

import dataclasses

import numpy as np
import pytest

from tinylab.data import people
from tinylab.early_exit.joint_results import JointResults, bundled_joint
from tinylab.early_exit.joint_study import JointSettings, measure_joint
from tinylab.models import checkpoints
from tinylab.models.networks.ds_cnn import ds_cnn
from tinylab.models.scores import scores_of
from tinylab.models.training import TrainingProfile


@pytest.mark.training
def test_joint_training_is_measured_beside_frozen_heads_and_a_control(tmp_path, monkeypatch):
    load = people.load
    monkeypatch.setattr(people, "load", lambda split, limit=40, seed=0: load(split, limit=40))
    brief = TrainingProfile(epochs=1, batch_size=20, learning_rate=1e-3)
    path = tmp_path / "joint.json"
    network = ds_cnn(2, 4, 2, (96, 96, 3))
    one = JointSettings(
        40,
        brief,
        brief,
        rates=(1e-4,),
        seeds=(0,),
        cuts=("block1_pointwise", "block2_pointwise"),
        filters=4,
    )
    two = dataclasses.replace(one, seeds=(0, 1))
    begun = measure_joint(path, one, network=network)
    results = measure_joint(path, two, network=network)
    assert results.rows[:3] == begun.rows and len(results.rows) == 6
    assert results.ways == ("frozen", "trained on", "joint")
    assert JointResults.read(path) == results
    for way in results.ways:
        assert [row.seed for row in results.chosen(way)] == [0, 1]
    # The heads of "frozen" stand on a network that stays: its end answers as before.
    ends = [row.exit_accuracy[-1] for row in results.rows if row.way == "frozen"]
    test = people.load("test")
    answers = scores_of(network, test.images).argmax(axis=1)
    assert ends == pytest.approx([np.mean(answers == test.labels)] * 2, abs=0.003)


def test_the_bundled_study_is_whole_and_its_rates_lie_inside_the_grid():
    results, settings = bundled_joint(), JointSettings()
    assert results.ways == ("frozen", "trained on", "joint") and results.cuts == settings.cuts
    assert (results.head_epochs, results.epochs) == (settings.heads.epochs, settings.more.epochs)
    assert results.training_pictures == settings.pictures
    for way in results.ways:
        rows = results.chosen(way)
        assert tuple(row.seed for row in rows) == settings.seeds
        if way != "frozen":
            tried = {row.learning_rate for row in results.rows if row.way == way}
            assert tried == set(settings.rates)
            assert settings.rates[0] < rows[0].learning_rate < settings.rates[-1]
    test, ends = people.load("test"), results.values("frozen", "exit_accuracy", -1)
    network = checkpoints.load("visual_wake_words", "train", origin="reference").model
    right = scores_of(network, test.images).argmax(axis=1) == test.labels
    assert ends == pytest.approx([right.mean()] * 3, abs=0.002)
