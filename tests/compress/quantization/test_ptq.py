"""Post-training quantization of whole models, schemes and the study of them."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from tinylab.compress.quantization.ptq import PostTrainingQuantizer, quantize_model
from tinylab.compress.quantization.schemes import SCHEMES, Scheme, quantize_kernel
from tinylab.compress.quantization.study import BitWidthSettings, measure_bit_widths
from tinylab.models.surgery.fold import fold_batch_norm

PLAIN, PER_CHANNEL = SCHEMES[0], SCHEMES[1]


def distinct(kernel):
    return len(np.unique(kernel))


def test_sixteen_bits_are_as_good_as_floats(trained, training_data, test_data):
    x, _ = test_data
    fine = quantize_model(trained, PER_CHANNEL, 16, 16, calibration=training_data[0][:200])
    np.testing.assert_allclose(np.asarray(fine(x)), np.asarray(trained(x)), atol=0.02)


def test_eight_bits_lose_less_than_a_point(trained, training_data, accuracy):
    quantized = quantize_model(trained, PER_CHANNEL, calibration=training_data[0][:200])
    assert accuracy(quantized) >= accuracy(trained) - 0.01


def test_weights_and_activations_take_few_values(trained, training_data):
    x = training_data[0][:100]
    model = quantize_model(trained, PLAIN, 3, 4, calibration=x)
    assert distinct(model.get_layer("stem").kernel) <= 7
    inner = keras.Model(model.input, model.get_layer("pointwise_quantizer").output)
    assert distinct(np.asarray(inner(x))) <= 16
    assert model.get_layer("depthwise").activation is keras.activations.relu6


def test_one_quantizer_serves_many_schemes(trained, training_data):
    x = training_data[0][:100]
    quantizer = PostTrainingQuantizer(trained, x)
    parameters = fold_batch_norm(trained).count_params()
    assert quantizer.weight_bytes == 4 * parameters
    measured = []
    for scheme in SCHEMES:
        quantizer.apply(scheme, 4)
        measured.append((quantizer.weight_bytes, quantizer.weight_sqnr_dB))
    assert parameters // 2 < measured[0][0] < measured[1][0] < parameters
    assert measured[0][1] < measured[1][1] < measured[2][1]
    quantizer.apply(PLAIN, 4)
    assert (quantizer.weight_bytes, quantizer.weight_sqnr_dB) == measured[0]


def test_bias_correction_centres_the_outputs(trained, training_data):
    x = training_data[0][:200]
    shifts = []
    for corrected in (False, True):
        scheme = Scheme("one", per_channel=False, bias_correction=corrected)
        quantizer = PostTrainingQuantizer(trained, x)
        before = quantizer.model.get_layer("pointwise")
        probe = keras.Model(quantizer.model.input, quantizer.model.get_layer("stem").output)
        reference = np.asarray(probe(x)).mean(axis=(0, 1, 2))
        quantizer.apply(scheme, 3, 16)
        shifts.append(np.abs(np.asarray(probe(x)).mean(axis=(0, 1, 2)) - reference).mean())
        assert before is quantizer.model.get_layer("pointwise")
    assert shifts[1] <= shifts[0] * 1.05


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_stored_bytes_are_counted(bits):
    kernel = np.random.default_rng(0).normal(size=(3, 3, 5, 7))
    integers = -(-3 * 3 * 5 * 7 * bits // 8)
    assert quantize_kernel(kernel, bits, PLAIN).stored_bytes == integers + 4 * (1 + 7)
    assert quantize_kernel(kernel, bits, PER_CHANNEL).stored_bytes == integers + 4 * (7 + 7)
    asymmetric = Scheme("asymmetric", per_channel=True, symmetric=False)
    assert quantize_kernel(kernel, bits, asymmetric).stored_bytes == integers + 4 * (7 + 7 + 7)
    depthwise = quantize_kernel(kernel[..., :1], bits, PER_CHANNEL, depthwise=True)
    assert depthwise.stored_bytes == -(-45 * bits // 8) + 4 * (5 + 5)


def test_bit_allocation_keeps_the_quota_and_lowers_the_noise():
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(1, 1, 64, 16)) * np.exp(rng.normal(size=16))
    shared = Scheme("shared", per_channel=True, bit_allocation=True)
    plain, better = (quantize_kernel(kernel, 4, scheme) for scheme in (PER_CHANNEL, shared))
    assert better.stored_bytes <= plain.stored_bytes
    assert np.mean((better.values - kernel) ** 2) < 0.7 * np.mean((plain.values - kernel) ** 2)


def test_wrong_schemes_are_refused():
    with pytest.raises(ValueError, match="clipping"):
        Scheme("x", per_channel=True, clipping="entropy")
    with pytest.raises(ValueError, match="per_channel=True"):
        Scheme("x", per_channel=False, bit_allocation=True)


@pytest.fixture(scope="module")
def arguments(trained, training_data, test_data):
    return trained, *test_data, training_data[0][:100]


def test_rows_of_the_study(arguments, accuracy):
    results = measure_bit_widths(
        *arguments, BitWidthSettings((2, 4, 8), progress=False, cache=False)
    )
    assert results.schemes == tuple(scheme.name for scheme in SCHEMES)
    assert (results.bits, results.examples, len(results.rows)) == ((2, 4, 8), 400, 12)
    assert results.float_accuracy == accuracy(arguments[0])
    for scheme in results.schemes:
        rows = [results.row(scheme, bits) for bits in results.bits]
        assert rows[0].weight_bytes < rows[1].weight_bytes < rows[2].weight_bytes
        assert rows[0].weight_sqnr_dB < rows[1].weight_sqnr_dB < rows[2].weight_sqnr_dB
        assert rows[2].accuracy >= results.float_accuracy - 0.01
    with pytest.raises(KeyError, match="bits"):
        results.row("per tensor", 5)


def test_results_are_kept_and_read_again(arguments, own_work_dir, monkeypatch):
    settings = BitWidthSettings((4,), SCHEMES[:1], progress=False)
    first = measure_bit_widths(*arguments, settings)
    (kept,) = own_work_dir.rglob("*.json")
    monkeypatch.setattr("tinylab.compress.quantization.ptq.PostTrainingQuantizer", None)
    assert measure_bit_widths(*arguments, settings) == first
    monkeypatch.undo()
    monkeypatch.setenv("TINYLAB_WORK", str(own_work_dir))
    kept.write_text("{ half a fi")
    assert measure_bit_widths(*arguments, settings) == first


def test_wrong_settings_are_refused(arguments):
    model, x, y, calibration = arguments
    with pytest.raises(ValueError, match="one length"):
        measure_bit_widths(model, x, y[:3], calibration)
    with pytest.raises(ValueError, match="names of their own"):
        measure_bit_widths(model, x, y, calibration, BitWidthSettings(schemes=[PLAIN, PLAIN]))


def test_numpy_modules_need_no_tensorflow():
    script = (
        "import sys, tinylab.compress.quantization.study,"
        " tinylab.compress.quantization.clipping_noise, tinylab.deploy.litert\n"
        "import tinylab.compress.quantization.bias_correction\n"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
