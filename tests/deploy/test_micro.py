"""TensorFlow Lite Micro, in a process of its own."""

import numpy as np
import pytest

from tinylab.deploy import micro
from tinylab.graph import read_tflite
from tinylab.graph.memory import plan

wheel = pytest.mark.skipif(
    micro.importlib.util.find_spec("tflite_micro") is None,
    reason="the tflite-micro wheel exists for Linux x86-64 only",
)


@wheel
def test_outputs_and_arena(models, reference, examples):
    content = models["image"].tflite()
    x = examples(read_tflite(content), 5)
    measured = micro.run(content, x)
    assert measured.arena_bytes == measured.activation_bytes + measured.persistent_bytes
    assert measured.activation_bytes >= plan(read_tflite(content)).lower_bound_bytes
    difference = np.abs(measured.outputs.astype(int) - reference(content, x))
    assert difference.max() <= 1


@wheel
def test_published_arena(real_data):
    model = real_data / "reference_models" / "kws_ref_model.tflite"
    measured = micro.run(model, np.zeros((1, 49, 10, 1), np.int8))
    assert measured.activation_bytes == 16_000
    assert 20_000 < measured.arena_bytes < 28_000


@wheel
def test_a_refused_model_does_not_end_this_process(models):
    content = bytearray(models["dense"].tflite())
    graph = read_tflite(bytes(content))
    marker = np.int32(graph.tensors[graph.ops[0].outputs[0]].shape[1]).tobytes()
    assert marker in content
    content = bytes(content).replace(marker, np.int32(10**6).tobytes())
    with pytest.raises((RuntimeError, ValueError)):
        micro.run(content, np.zeros((1, 64), np.int8))


@wheel
def test_wrong_input_is_explained(models):
    content = models["dense"].tflite()
    with pytest.raises(TypeError, match="int8, not float64"):
        micro.run(content, np.zeros((1, 64)))
    with pytest.raises(ValueError, match="64 elements"):
        micro.run(content, np.zeros(3, np.int8))


def test_missing_wheel_is_one_sentence(monkeypatch, models):
    monkeypatch.setattr(micro.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match="pip install tflite-micro"):
        micro.run(models["dense"].tflite(), np.zeros((1, 64), np.int8))
