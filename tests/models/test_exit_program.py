"""Exits in int8: one program with the answers of all exits in a row."""

import keras
import numpy as np

from tinylab.graph import count, read_tflite
from tinylab.models.ds_cnn import ds_cnn
from tinylab.models.early_exit import attach_exits
from tinylab.models.exit_program import convert_exits, predict_exits


def test_the_program_gives_what_the_exits_give():
    keras.utils.set_random_seed(5)
    exits = attach_exits(ds_cnn(2, 8, 2, (16, 16, 1)), ("block1_pointwise",), filters=8)
    x = np.random.default_rng(0).integers(0, 256, (60, 16, 16, 1)).astype(np.uint8)
    program = convert_exits(exits, x[:40])
    found = predict_exits(program, x, 2)
    assert found.shape == (2, 60, 2)
    np.testing.assert_allclose(found.sum(axis=-1), 1.0)
    np.testing.assert_allclose(found, exits.predict(x, calibrated=False), atol=0.08)
    # Network and heads are in it once: what the last exit costs is what the program does.
    assert count(read_tflite(program)).macs == exits.workloads()[-1].macs
