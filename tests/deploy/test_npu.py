"""Vela, in a process of its own."""

import pytest

from tinylab.deploy import npu

wheel = pytest.mark.skipif(
    npu.importlib.util.find_spec("ethosu") is None, reason="needs the ethos-u-vela wheel"
)


@wheel
def test_estimates(models):
    small = npu.estimate(models["ds_cnn"].tflite(), "ethos-u55-32")
    large = npu.estimate(models["ds_cnn"].graph(), "ethos-u55-256")
    assert small.cycles > large.cycles > 0 and small.kind == "modelled"
    assert small.latency_ms == pytest.approx(small.cycles / small.clock_MHz / 1e3, rel=0.01)
    assert small.inferences_per_second == pytest.approx(1e3 / small.latency_ms)
    assert small.npu_share == 1.0 and small.sram_bytes > 0 and small.flash_bytes > 0
    layers = [op for op in small.per_op if op.macs]
    assert [op.kind for op in layers][:3] == ["Conv2D", "DepthwiseConv2D", "Conv2D"]
    assert all(0 <= op.utilization_pct <= 100 for op in layers)


@wheel
def test_a_float_layer_stays_on_the_cpu(model_builder):
    import numpy as np

    builder = model_builder((1, 4), 0)
    source = builder.add_tensor((1, 4), "float32")
    weights = [
        builder.constant(np.ones((2, 4), np.float32)),
        builder.constant(np.ones(2, np.float32)),
    ]
    output = builder.add_tensor((1, 2), "float32")
    builder.op("fully_connected", [source, *weights], output, fused_activation="none")
    builder.input = source
    estimate = npu.estimate(builder.graph())
    assert estimate.npu_share == 0.0 and {op.target for op in estimate.per_op} == {"CPU"}


@wheel
def test_a_refused_model_is_one_sentence():
    with pytest.raises(RuntimeError, match="Vela cannot compile this model"):
        npu.estimate(b"\x20\0\0\0TFL3" + bytes(64))


@wheel
def test_published_figure(real_data):
    model = real_data / "reference_models" / "kws_ref_model.tflite"
    assert npu.estimate(model, "ethos-u55-128").cycles == pytest.approx(89_900, rel=0.02)


def test_wrong_calls_are_one_sentence(monkeypatch):
    with pytest.raises(ValueError, match="ethos-u55-32, ethos-u55-64"):
        npu.estimate(b"", "ethos-n78")
    monkeypatch.setattr(npu.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match="pip install ethos-u-vela"):
        npu.estimate(b"")
