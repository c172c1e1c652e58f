"""MobileNetV1 against MLPerf Tiny's figures and its published program."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylab.graph.counting import count
from tinylab.graph.reader import read_tflite
from tinylab.models.networks.mobilenet import BLOCKS, deepened_blocks, mobilenet_v1
from tinylab.models.size import folded_parameters, multiply_accumulates


def test_the_benchmark_model_has_the_published_size():
    model = mobilenet_v1(0.25, 96)
    assert folded_parameters(model) == 210_850
    assert multiply_accumulates(model) == 7_489_664


def test_layers_have_systematic_names():
    names = {layer.name for layer in mobilenet_v1().layers}
    for block in range(1, len(BLOCKS) + 1):
        for part in ("depthwise", "pointwise"):
            assert {f"block{block}_{part}{end}" for end in ("", "_norm", "_relu")} <= names
    assert {"picture", "stem", "pool", "classifier"} <= names


@pytest.mark.parametrize("resolution", [32, 64, 128])
def test_macs_follow_the_square_of_the_resolution(resolution):
    """Every map is resolution / 2^k wide, so all MACs but the classifier's scale exactly."""
    classifier = 256 * 2
    scale = (resolution / 96) ** 2
    expected = (7_489_664 - classifier) * scale + classifier
    assert multiply_accumulates(mobilenet_v1(0.25, resolution)) == pytest.approx(expected)
    assert folded_parameters(mobilenet_v1(0.25, resolution)) == 210_850


@given(st.floats(1, 16))
def test_a_deeper_network_repeats_blocks_and_keeps_the_stages(depth):
    blocks = deepened_blocks(depth)
    assert len(blocks) == round(13 * depth)
    assert [stride for _, stride in blocks].count(2) == 4
    filters = [each for each, _ in blocks]
    assert filters == sorted(filters)
    for stage in {each for each, _ in BLOCKS}:
        before = sum(each == stage for each, _ in BLOCKS)
        assert abs(filters.count(stage) - depth * before) < 1


def test_depth_one_is_the_network_itself_and_two_doubles_its_blocks():
    assert deepened_blocks(1.0) == BLOCKS
    assert [each for each, _ in deepened_blocks(2.0)] == [each for each, _ in BLOCKS for _ in "12"]
    # Of an odd resolution every map is half of the one before, rounded up.
    assert mobilenet_v1(0.125, 57).get_layer("pool").input.shape[1:3] == (2, 2)


def test_scores_are_probabilities():
    x = np.random.default_rng(0).random((3, 96, 96, 3), np.float32)
    scores = np.asarray(mobilenet_v1(dropout=0.2)(x))
    assert scores.shape == (3, 2) and np.allclose(scores.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"resolution": 31},
        {"width": 0.01},
        {"width": 25},
        {"classes": 1},
        {"depth": 0.9},
        {"depth": 17},
    ],
)
def test_impossible_sizes_are_refused(wrong):
    with pytest.raises(ValueError):
        mobilenet_v1(**wrong)


def test_same_layers_as_the_published_program():
    folder = os.environ.get("TINYLAB_REAL_DATA")
    if not folder:
        pytest.skip("TINYLAB_REAL_DATA does not name the folder of the published programs")
    graph = read_tflite((Path(folder) / "reference_models" / "vww_96_int8.tflite").read_bytes())
    assert count(graph).macs == multiply_accumulates(mobilenet_v1())
