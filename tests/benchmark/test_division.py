"""Closed or open: what quantization explains is allowed, what training or pruning did is not."""

import dataclasses

import numpy as np
import pytest

from tinylab.benchmark.division import division_of, fingerprint_of_weights
from tinylab.benchmark.rules import TASKS
from tinylab.deploy.litert import convert
from tinylab.graph import read_tflite
from tinylab.models.surgery.blocks import fresh_copy

KWS = TASKS["kws"]


@pytest.fixture(scope="module")
def graphs(trained, test_data):
    x, _ = test_data
    return {
        "float": read_tflite(convert(trained, "float32")),
        "int8": read_tflite(convert(trained, "int8", x[:50])),
    }


def changed(graph, change):
    """The graph with the weights of its last layer changed."""
    index = [op for op in graph.ops if op.kind == "fully_connected"][-1].inputs[1]
    weights = change(graph.tensors[index].data.copy())
    tensors = list(graph.tensors)
    tensors[index] = dataclasses.replace(graph.tensors[index], data=weights)
    return dataclasses.replace(graph, tensors=tuple(tensors))


@pytest.mark.parametrize(("model", "reference"), [("int8", "float"), ("float", "int8")])
def test_quantization_stays_in_the_closed_division(graphs, model, reference):
    division = division_of(graphs[model], KWS, graphs[reference])
    assert division.name == "closed" and "half a step" in division.reason


def test_pruned_weights_are_counted(graphs):
    def pruned(weights):
        weights.flat[np.abs(weights.astype(int)).argmax()] = 0
        return weights

    division = division_of(changed(graphs["int8"], pruned), KWS, graphs["float"])
    assert division.name == "open" and "1 of 256 weights" in division.reason
    assert "1 of them set to zero" in division.reason


def test_retrained_weights_are_open(graphs):
    division = division_of(changed(graphs["float"], lambda w: 1.2 * w), KWS, graphs["int8"])
    assert division.name == "open" and "layer 4 (fully_connected)" in division.reason


def test_clipped_weights_are_quantization(graphs):
    def larger(weights):
        weights.flat[weights.argmax()] *= 1.3
        return weights

    assert division_of(graphs["int8"], KWS, changed(graphs["float"], larger)).name == "closed"


def test_other_layers_are_open(graphs, trained):
    import keras

    stem = keras.Model(trained.inputs, trained.get_layer("pointwise").output)
    division = division_of(read_tflite(convert(stem, "float32")), KWS, graphs["float"])
    assert division.name == "open" and "(3 and 4)" in division.reason


def test_fingerprints_follow_the_weights(graphs, trained):
    copy = fresh_copy(trained)
    assert fingerprint_of_weights(read_tflite(convert(copy, "float32"))) == (
        fingerprint_of_weights(graphs["float"])
    )
    other = changed(graphs["float"], lambda w: w + np.float32(1e-3))
    assert fingerprint_of_weights(other) != fingerprint_of_weights(graphs["float"])


def test_without_a_reference_it_says_what_to_pass(graphs):
    assert "pass --reference FILE" in division_of(graphs["int8"], KWS).reason
    assert "no reference of this benchmark" in division_of(graphs["int8"], TASKS["sww"]).reason


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("kws", "kws_ref_model"),
        ("vww", "vww_96_int8"),
        ("vww", "vww_96_float"),
        ("ad", "ad01_int8"),
        ("ad", "ad01_fp32"),
    ],
)
def test_published_models_are_recognised(real_data, task, name):
    graph = read_tflite(real_data / "reference_models" / f"{name}.tflite")
    division = division_of(graph, TASKS[task])
    assert division.name == "closed" and name in division.reason


def test_published_pairs_are_one_model(real_data):
    folder = real_data / "reference_models"
    for task, one, other in (
        ("vww", "vww_96_int8", "vww_96_float"),
        ("ad", "ad01_int8", "ad01_fp32"),
    ):
        pair = [read_tflite(folder / f"{name}.tflite") for name in (one, other)]
        assert division_of(pair[0], TASKS[task], pair[1]).name == "closed"
