"""Exits on a small network: what they cost, that only they learn, which network they fit."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from tinylab.deploy import litert
from tinylab.early_exit.files import load_exits, save_exits
from tinylab.early_exit.network import (
    attach_exits,
    calibrate_exits,
    exit_head,
    feature_maps,
    train_exits,
)
from tinylab.graph import count, read_tflite
from tinylab.models.networks.ds_cnn import ds_cnn
from tinylab.models.training import TrainingProfile
from tinylab.scoring.confidence import expected_calibration_error

CUTS = ("block1_pointwise", "block2_pointwise")
PROFILE = TrainingProfile(epochs=6, batch_size=32, learning_rate=5e-3)


def pictures(count_=320, seed=0):
    """Squares on the left (0) or on the right (1), uint8 (n, 16, 16, 1)."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 120, (count_, 16, 16, 1))
    labels = rng.integers(0, 2, count_)
    for picture, label in zip(x, labels):
        row, column = rng.integers(2, 10), rng.integers(0, 3) + 9 * label
        picture[row : row + 4, column : column + 4] += 130
    return x.astype(np.uint8), labels


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(3)
    return ds_cnn(2, 8, 3, (16, 16, 1))


@pytest.fixture(scope="module")
def untrained(network):
    return attach_exits(network, CUTS, filters=16)


@pytest.fixture(scope="module")
def trained(network):
    x, y = pictures()
    before = [weights.copy() for weights in network.get_weights()]
    exits = train_exits(
        attach_exits(network, CUTS, filters=16), x, y, profile=PROFILE, progress=False
    )
    return exits, before


@pytest.mark.training
def test_only_the_heads_learn(network, trained):
    exits, before = trained
    for old, new in zip(before, network.get_weights()):
        np.testing.assert_array_equal(old, new)
    x, y = pictures(200, seed=9)
    right = (exits.predict(x).argmax(axis=-1) == y).mean(axis=1)
    assert right[0] > 0.8 and right[1] > 0.6  # the network itself was never trained


@pytest.mark.training
def test_pictures_may_be_disturbed_on_the_way(network):
    """What is asked to disturb them gets each batch as it was passed in, and the generator."""
    seen = []

    def darken(batch, rng):
        seen.append((batch.dtype, len(batch)))
        return batch.astype(np.float32) / 255 * rng.uniform(0.8, 1)

    x, y = pictures(64)
    profile = TrainingProfile(epochs=1, batch_size=32)
    train_exits(
        attach_exits(network, CUTS, filters=8),
        x,
        y,
        profile=profile,
        disturb=darken,
        progress=False,
    )
    assert seen == [(np.dtype(np.uint8), 32)] * 2


def test_exits_say_what_their_parts_say(network, untrained):
    exits = untrained
    x, _ = pictures(30, seed=5)
    maps = [
        np.asarray(activations)
        for activations in feature_maps(network, CUTS)(x.astype(np.float32) / 255)
    ]
    probabilities = exits.predict(x, calibrated=False)
    assert probabilities.shape == (3, 30, 2)
    for head, reads, says in zip(exits.heads, maps, probabilities):
        np.testing.assert_allclose(np.asarray(head(reads)), says, atol=1e-5)
    np.testing.assert_allclose(maps[-1], probabilities[-1], atol=1e-5)
    np.testing.assert_allclose(
        exits.predict(x.astype(np.float32) / 255), exits.predict(x), atol=1e-6
    )


def test_a_cut_is_after_the_activation(network):
    maps = feature_maps(network, CUTS)
    assert maps.outputs[0].name == network.get_layer("block1_pointwise_relu").output.name


@pytest.mark.training
def test_calibration_is_found_on_other_examples(trained):
    exits, _ = trained
    x, y = pictures(400, seed=7)
    calibrated = calibrate_exits(exits, x, y)
    assert min(calibrated.temperatures) > 0
    assert calibrated.temperatures != exits.temperatures
    test_x, test_y = pictures(400, seed=8)
    end = [either.predict(test_x)[-1] for either in (exits, calibrated)]
    errors = [expected_calibration_error(probabilities, test_y) for probabilities in end]
    assert errors[1] <= errors[0] + 0.02


def test_macs_are_those_of_the_converted_models(network, untrained):
    """LiteRT's converter makes each head and the network; their counts add up to the costs."""
    workloads = untrained.workloads()
    heads = [count(read_tflite(litert.convert(head))).macs for head in untrained.heads]
    ways = [
        count(read_tflite(litert.convert(keras.Model(network.inputs[0], end)))).macs
        for end in feature_maps(network, CUTS).outputs
    ]
    expected = [way + sum(heads[: number + 1]) for number, way in enumerate(ways)]
    assert [workload.macs for workload in workloads] == expected
    assert all(workload.precision == "int8" for workload in workloads)
    for workload in workloads:
        assert workload.features[:3].sum() == workload.macs


def test_a_record_holds_what_was_predicted(untrained):
    exits = untrained
    x, y = pictures(50, seed=4)
    record = exits.measure(x, y)
    assert record.correct.mean(axis=0) == pytest.approx(
        (exits.predict(x).argmax(axis=-1) == y).mean(axis=1)
    )
    assert np.all(np.diff(record.macs) > 0)


def test_saved_exits_find_their_network_and_no_other(network, untrained, tmp_path):
    exits = replace(untrained, temperatures=(1.5, 2.0, 0.8))
    save_exits(exits, metrics={"accuracy": 0.9})
    loaded = load_exits(network)
    assert (loaded.cuts, loaded.temperatures) == (exits.cuts, exits.temperatures)
    x, _ = pictures(10, seed=2)
    np.testing.assert_allclose(loaded.predict(x), exits.predict(x), atol=1e-6)
    with pytest.raises(FileNotFoundError, match="no exits were trained for this network"):
        load_exits(ds_cnn(2, 8, 3, (16, 16, 1)))


@pytest.mark.parametrize("suffix", [".json", ".keras"])
def test_damaged_exits_are_named_and_no_others_taken(network, untrained, own_work_dir, suffix):
    damaged = save_exits(untrained).with_suffix(suffix)
    damaged.write_text('{"network": ')
    with pytest.raises(ValueError, match=f"{damaged.name} is damaged"):
        load_exits(network)
    assert damaged.read_text() == '{"network": '


def test_heads_without_notes_belong_to_no_network(network, untrained, own_work_dir):
    """As after an interruption between the two files."""
    save_exits(untrained).with_suffix(".json").unlink()
    with pytest.raises(FileNotFoundError, match="no exits"):
        load_exits(network)


def test_large_maps_are_halved_first():
    shapes = [layer.output.shape for layer in exit_head((24, 24, 8), 2).layers]
    assert (None, 6, 6, 64) in shapes and shapes[-1] == (None, 2)


def test_a_map_without_rows_and_columns_is_refused():
    inputs = keras.Input((30, 3))
    x = keras.layers.Conv1D(4, 3, name="line")(inputs)
    x = keras.layers.GlobalAveragePooling1D()(x)
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))
    with pytest.raises(ValueError, match=r"'line' gives \(28, 4\): cut after a 2-D convolution"):
        attach_exits(model, ("line",))


def test_unknown_layers_and_too_few_pictures_are_said(network, untrained):
    with pytest.raises(ValueError, match="no layer 'block9_pointwise'.*block1_pointwise"):
        attach_exits(network, ("block9_pointwise",))
    with pytest.raises(ValueError, match="at least one layer"):
        attach_exits(network, ())
    x, y = pictures(10)
    with pytest.raises(ValueError, match="at least 32, one batch"):
        train_exits(untrained, x, y, profile=PROFILE, progress=False)
