"""Quantization-aware training: what it computes, what it converts to, and that it pays."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.small_models import CLASSES, SHAPE, examples, fit, small_ds_cnn
from tinylab.compress.quantization.qat import (
    activation_quantizers,
    calibrate_activations,
    check_convertible,
    is_quantization_aware,
    quantization_aware,
)
from tinylab.deploy.litert import LiteRTModel, convert
from tinylab.models.surgery.fold import fold_batch_norm


@pytest.fixture(scope="module")
def x():
    return examples(20, 7)[0]


@pytest.fixture(scope="module")
def model(x):
    """Untrained, its batch norms far from the identity: every kind of block."""
    model = small_ds_cnn()
    rng = np.random.default_rng(11)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    return model


@pytest.fixture(scope="module")
def aware(model, x):
    return quantization_aware(model, calibration=x)


def ranges(model):
    return [(float(layer.low), float(layer.high)) for layer in activation_quantizers(model)]


class TestBuilding:
    def test_fine_steps_compute_the_float_model(self, model, x):
        fine = quantization_aware(model, 16, 16, calibration=x)
        np.testing.assert_allclose(fine(x), model(x), atol=1e-3)

    def test_coarse_steps_do_not(self, model, x):
        coarse = quantization_aware(model, 2, 2, calibration=x)
        assert np.abs(np.asarray(coarse(x)) - np.asarray(model(x))).max() > 0.05

    def test_float_model_stays_as_it_was(self, model, x):
        before = np.asarray(model(x))
        for weight in quantization_aware(model).weights:
            weight.assign(weight + 1)
        np.testing.assert_array_equal(model(x), before)

    def test_weights_and_name_of_the_copy(self, model, aware):
        assert aware.name == "small_8bit"
        folded = fold_batch_norm(model)
        for name in ("stem", "depthwise", "pointwise", "classifier"):
            kernel, bias = aware.get_layer(name).folded()
            np.testing.assert_allclose(kernel, folded.get_layer(name).kernel, atol=1e-6)
            np.testing.assert_allclose(bias, folded.get_layer(name).bias, atol=1e-5)

    def test_dilated_kernels_stay_dilated(self, x):
        model = keras.Sequential(
            [
                keras.Input(SHAPE),
                layers.Conv2D(3, 3, dilation_rate=2, padding="same", activation="relu"),
                layers.DepthwiseConv2D(3, dilation_rate=2, padding="same"),
            ]
        )
        aware = quantization_aware(model, 16, 16, calibration=x)
        np.testing.assert_allclose(aware(x), model(x), atol=1e-3)

    @pytest.mark.parametrize("bits", [(1, 8), (17, 8), (8, 1), (8, 17)])
    def test_widths_out_of_range_are_refused(self, model, bits):
        with pytest.raises(ValueError, match="from 2 to 16"):
            quantization_aware(model, *bits)

    def test_is_quantization_aware(self, model, aware):
        assert is_quantization_aware(aware)
        assert not is_quantization_aware(model)


class TestCalibration:
    def test_each_range_is_set_from_the_quantized_values_before_it(self, model, x):
        """With 2 bits the values behind a quantizer are far from those of the float model."""
        aware = quantization_aware(model, 2, 2, calibration=x)
        quantizers = activation_quantizers(aware)
        assert len(quantizers) == 5
        entering = keras.Model(aware.input, [quantizer.input for quantizer in quantizers])(x)
        for values, (low, high) in zip(entering, ranges(aware), strict=True):
            values = np.asarray(values)
            assert values.max() > values.min()
            np.testing.assert_allclose(
                (low, high), (min(values.min(), 0), max(values.max(), 0)), rtol=1e-6
            )

    def test_quantizers_are_listed_from_the_input_on(self, aware):
        assert [layer.name for layer in activation_quantizers(aware)] == [
            "stem_input_quantizer",
            "stem_quantizer",
            "depthwise_quantizer",
            "pointwise_quantizer",
            "classifier_quantizer",
        ]

    @pytest.mark.parametrize("batch_size", [7, 100])
    def test_batch_size_does_not_matter(self, aware, model, x, batch_size):
        again = quantization_aware(model)
        calibrate_activations(again, x, batch_size)
        np.testing.assert_allclose(ranges(again), ranges(aware), rtol=1e-4)

    def test_calibrating_again_forgets_the_first_ranges(self, model, aware, x):
        again = quantization_aware(model, calibration=10 * x)
        assert ranges(again)[0] == tuple(10 * np.float32(ranges(aware)[0]))
        calibrate_activations(again, x)
        assert ranges(again) == ranges(aware)

    def test_without_it_the_first_training_batch_sets_the_ranges(self, model, x):
        aware = quantization_aware(model)
        assert ranges(aware) == [(0.0, 0.0)] * 5
        with pytest.raises(ValueError, match="no ranges yet"):
            check_convertible(aware)
        aware(x, training=True)
        assert ranges(aware)[0] == (float(x.min()), float(x.max()))
        check_convertible(aware)

    def test_ranges_follow_the_data_in_training(self, model, x):
        aware = quantization_aware(model, calibration=x)
        for _ in range(20):
            aware.layers[1](3 * x, training=True)
        share = 0.95**20  # what is left of the first range
        expected = [end * (share + 3 * (1 - share)) for end in (x.min(), x.max())]
        np.testing.assert_allclose(ranges(aware)[0], expected, rtol=1e-5)


@pytest.fixture(scope="module")
def trained_aware(trained, training_data):
    x, y = training_data
    aware = quantization_aware(trained, calibration=x[:100])
    fit(aware, x[:200], y[:200], epochs=1, rate=1e-3)
    return aware


class TestTrained:
    def test_every_kernel_and_bias_learns(self, trained, trained_aware):
        start = quantization_aware(trained)
        for name in ("stem", "depthwise", "pointwise", "classifier"):
            ours, old = trained_aware.get_layer(name), start.get_layer(name)
            for weight, before in zip(ours.trainable_weights, old.trainable_weights, strict=True):
                assert np.abs(weight - before).max() > 1e-4, weight.path

    def test_program_agrees_with_the_model_it_was_made_from(self, trained_aware, test_data):
        program = LiteRTModel(convert(trained_aware, "int8"))
        x = test_data[0][:100]
        ours = np.asarray(trained_aware(x))
        theirs = program.predict(x)
        low, high = ranges(trained_aware)[-1]
        logit_step = (high - low) / 255  # a step up here and down there moves softmax by half of it
        assert np.abs(theirs - ours).max() <= logit_step + program.output_details.scale
        assert np.mean(theirs.argmax(axis=1) == ours.argmax(axis=1)) >= 0.98

    def test_program_has_the_ranges_of_the_model(self, trained_aware):
        details = LiteRTModel(convert(trained_aware, "int8")).input_details
        low, high = ranges(trained_aware)[0]
        assert details.scale == pytest.approx((high - low) / 255, rel=1e-5)
        assert details.zero_point == round(-low / (high - low) * 255) - 128

    def test_saved_model_is_the_same_model(self, trained_aware, tmp_path, test_data):
        trained_aware.save(tmp_path / "aware.keras")
        loaded = keras.saving.load_model(tmp_path / "aware.keras")
        x = test_data[0]
        np.testing.assert_array_equal(np.asarray(loaded(x)), np.asarray(trained_aware(x)))
        assert is_quantization_aware(loaded)
        assert ranges(loaded) == ranges(trained_aware)
        assert convert(loaded, "int8") == convert(trained_aware, "int8")


def unbalanced_classifier(seed: int, x, y, channel_gain: float = 8.0):
    """Random features and least squares: a good classifier that 3 bits ruin.

    One feature is eight times as large as it need be, and its weights eight times as small. That
    changes nothing in float; but the last layer has one scale for all its weights.
    """
    keras.utils.set_random_seed(seed)
    hidden, norm = layers.Dense(24, use_bias=False), layers.BatchNormalization(scale=False)
    answers = layers.Dense(CLASSES)
    model = keras.Sequential(
        [keras.Input(SHAPE), layers.Flatten(), hidden, norm, layers.ReLU(), answers]
    )
    gain = np.ones(24)
    gain[0] = channel_gain
    hidden.kernel.assign(hidden.kernel * gain)
    sums = x.reshape(len(x), -1) @ np.asarray(hidden.kernel)
    norm.set_weights([np.zeros(24), sums.mean(axis=0), sums.var(axis=0) / gain**2])
    features = np.maximum((sums - sums.mean(axis=0)) / sums.std(axis=0) * gain, 0)
    features = np.column_stack([features, np.ones(len(x))])
    solution = np.linalg.lstsq(features, 8 * np.eye(CLASSES)[y], rcond=None)[0]
    answers.set_weights([solution[:-1], solution[-1]])
    return model


@pytest.mark.training
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_training_lifts_the_accuracy_of_three_bits(seed, training_data, test_data):
    def accuracy(model):
        return np.mean(np.asarray(model(test_data[0])).argmax(axis=1) == test_data[1])

    x, y = training_data
    model = unbalanced_classifier(seed, x, y)
    aware = quantization_aware(model, weight_bits=3, calibration=x[:200])
    before = accuracy(aware)
    assert before < accuracy(model) - 0.1
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    aware.compile(keras.optimizers.Adam(3e-3), loss)
    aware.fit(x, y, batch_size=50, epochs=4, verbose=0)
    assert accuracy(aware) >= before + 0.1
