"""Exits in int8: one program with the answers of all exits in a row."""

import keras
import numpy as np
import pytest

from tinylab.cost import workload
from tinylab.early_exit.network import attach_exits
from tinylab.early_exit.program import convert_exits, exit_workloads, predict_exits
from tinylab.graph import count, read_tflite
from tinylab.models.checkpoints import REFERENCE
from tinylab.models.networks.ds_cnn import ds_cnn


def test_the_program_gives_what_the_exits_give():
    keras.utils.set_random_seed(5)
    exits = attach_exits(ds_cnn(2, 8, 2, (16, 16, 1)), ("block1_pointwise",), filters=8)
    x = np.random.default_rng(0).integers(0, 256, (60, 16, 16, 1)).astype(np.uint8)
    program = convert_exits(exits, x[:40])
    probabilities = predict_exits(program, x, 2)
    assert probabilities.shape == (2, 60, 2)
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1.0)
    np.testing.assert_allclose(probabilities, exits.predict(x, calibrated=False), atol=0.08)
    graph = read_tflite(program)
    # Network and heads are in it once: what the last exit costs is what the program does.
    assert count(graph).macs == exits.workloads()[-1].macs
    workloads, network = exit_workloads(graph)
    for ours, counted_in_float in zip(workloads, exits.workloads(), strict=True):
        assert ours.macs == counted_in_float.macs
        assert list(ours.features[:3]) == list(counted_in_float.features[:3])
    assert network.macs == workloads[-1].macs - exits.head_workloads()[0].macs
    whole = workload(graph)
    assert np.all(workloads[-1].features <= whole.features)
    joins = whole.features[5] - workloads[-1].features[5]
    assert joins == 1  # the operator that joins the exits


def test_another_program_is_refused():
    with pytest.raises(ValueError, match="no program of convert_exits"):
        exit_workloads(read_tflite(REFERENCE / "keyword_spotting_compress.tflite"))
