"""Programs of others: their outputs are LiteRT's, and whatever they are, nothing breaks here."""

import numpy as np
import pytest

from tinylab.deploy import apart
from tinylab.deploy.litert import LiteRTModel
from tinylab.models import checkpoints


@pytest.fixture(scope="module")
def program() -> bytes:
    return checkpoints.load("anomaly_detection", "compress", origin="reference").model


def test_outputs_are_those_of_the_reference_kernels(program):
    x = np.random.default_rng(0).normal(-20, 8, (3, 640)).astype(np.float32)
    expected = LiteRTModel(program, exact=True).predict(x)
    np.testing.assert_array_equal(apart.predict_apart(program, x.reshape(3, 5, 128)), expected)


@pytest.mark.parametrize("content", [b"", b"TFL3" * 9, bytes(1000)])
def test_what_cannot_be_run_is_a_sentence(content):
    with pytest.raises(ValueError, match="cannot read or run"):
        apart.predict_apart(content, np.zeros((1, 640), np.float32))


def test_inputs_of_another_size_are_a_sentence(program):
    with pytest.raises(ValueError, match="cannot read or run"):
        apart.predict_apart(program, np.zeros((1, 7), np.float32))


def test_a_program_that_takes_too_long_is_a_sentence(program, monkeypatch):
    monkeypatch.setattr(apart, "WALL_s", 0.01)
    with pytest.raises(ValueError, match="longer than is allowed"):
        apart.predict_apart(program, np.zeros((1, 640), np.float32))
