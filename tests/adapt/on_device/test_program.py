"""On-device models through LiteRT, against TensorFlow's own gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema

from tinylab.adapt.fine_tuning.trainer import answers
from tinylab.adapt.on_device.program import OnDeviceModel, build
from tinylab.adapt.on_device.training_graph import dense_tail
from tinylab.models.surgery.blocks import fresh_copy

RATE = 0.3


@pytest.fixture(scope="module")
def weights_before(small_cnn):
    return small_cnn.get_weights()


@pytest.fixture(scope="module")
def classifier_file(small_cnn, weights_before):
    return build(small_cnn, batch_size=8, learning_rate=RATE)


@pytest.fixture(scope="module")
def autoencoder_file(small_autoencoder):
    return build(small_autoencoder, batch_size=16, learning_rate=RATE, dense_layers=4)


@pytest.fixture
def device(classifier_file):
    return OnDeviceModel(classifier_file)


def operators(content: bytes) -> set[str]:
    names = {code: name for name, code in vars(schema.BuiltinOperator).items()}
    codes = schema.ModelT.InitFromPackedBuf(content, 0).operatorCodes
    return {names[max(code.builtinCode, code.deprecatedBuiltinCode)] for code in codes}


def unfolded(layers) -> keras.Model:
    """The dense layers of a training graph as a Keras model, for automatic differentiation."""
    model = keras.Sequential([keras.Input((layers[0].kernel.shape[0],))])
    for layer in layers:
        model.add(keras.layers.Dense(layer.kernel.shape[1], activation=layer.activation))
    for mine, layer in zip(model.layers, layers, strict=True):
        mine.set_weights([layer.kernel, layer.bias])
    return model


def sgd_step(model: keras.Model, x, y, loss, variables):
    with tf.GradientTape() as tape:
        value = loss(y, model(x))
    for variable, gradient in zip(variables, tape.gradient(value, variables), strict=True):
        variable.assign_sub(RATE * gradient)
    return float(value)


def test_it_answers_like_keras(small_cnn, device, clips):
    x, _ = clips
    np.testing.assert_allclose(device.predict(x), answers(small_cnn, x), atol=1e-6)
    assert (device.batch_size, device.input_shape, device.outputs) == (8, (12, 6, 1), 4)


def test_steps_equal_keras_sgd(small_cnn, device, clips, only_the_last_layer):
    x, y = clips
    reference = only_the_last_layer(small_cnn, keras.optimizers.SGD(RATE))
    for first in (0, 8, 16):
        batch = x[first : first + 8], y[first : first + 8]
        loss = reference.train_on_batch(*batch)
        assert device.train_step(*batch) == pytest.approx(float(loss), abs=1e-5)
    kernel, bias = reference.layers[-1].get_weights()
    learned = device.read_weights()
    np.testing.assert_allclose(learned["kernel_0"], kernel, rtol=0, atol=1e-6)
    np.testing.assert_allclose(learned["bias_0"], bias, rtol=0, atol=1e-6)


def test_full_backpropagation_of_an_autoencoder(small_autoencoder, autoencoder_file):
    x = np.random.default_rng(5).normal(size=(16, 12)).astype("float32")
    device = OnDeviceModel(autoencoder_file)
    np.testing.assert_allclose(device.predict(x), answers(small_autoencoder, x), atol=1e-5)
    backbone, layers = dense_tail(small_autoencoder, 4)
    assert backbone is None
    reference = unfolded(layers)
    for _ in range(3):
        loss = sgd_step(
            reference,
            x,
            x,
            lambda y, p: tf.reduce_mean(tf.square(y - p)),
            reference.trainable_variables,
        )
        assert device.train_step(x, x) == pytest.approx(loss, rel=1e-5)
    learned = device.read_weights()
    for i, layer in enumerate(reference.layers):
        np.testing.assert_allclose(learned[f"kernel_{i}"], layer.kernel, rtol=0, atol=1e-6)
        np.testing.assert_allclose(learned[f"bias_{i}"], layer.bias, rtol=0, atol=1e-6)


def test_bias_only_on_the_last_two_layers(small_residual):
    hidden = keras.layers.Dense(6, activation="relu")(small_residual.layers[-2].output)
    outputs = keras.layers.Dense(3, activation="softmax")(hidden)
    model = keras.Model(small_residual.inputs[0], outputs)
    x = np.random.default_rng(6).normal(size=(4, 10)).astype("float32")
    y = np.eye(3, dtype="float32")[[0, 1, 2, 1]]
    device = OnDeviceModel(
        build(model, batch_size=4, learning_rate=RATE, dense_layers=2, bias_only=True)
    )
    assert device.weight_shapes == {"bias_0": (6,), "bias_1": (3,)}
    backbone, layers = dense_tail(model, 2)
    reference = unfolded(layers)
    biases = [layer.bias for layer in reference.layers]
    device.train_step(x, y)
    loss = keras.losses.CategoricalCrossentropy()
    sgd_step(reference, answers(backbone, x), y, loss, biases)
    for i, bias in enumerate(biases):
        np.testing.assert_allclose(device.read_weights()[f"bias_{i}"], bias, rtol=0, atol=1e-6)


def test_builtin_operators_only(classifier_file, autoencoder_file):
    assert "CUSTOM" not in operators(classifier_file)
    assert "ASSIGN_VARIABLE" in operators(classifier_file)
    assert "CUSTOM" not in operators(autoencoder_file)


def test_a_new_interpreter_takes_up_where_the_old_one_stopped(
    device, classifier_file, clips, tmp_path
):
    x, y = clips
    untrained = device.predict(x)
    device.fit(x, y, epochs=2)
    device.save(tmp_path / "learned.npz")
    other = OnDeviceModel(classifier_file)
    assert np.array_equal(other.predict(x), untrained)
    other.restore(tmp_path / "learned.npz")
    assert np.array_equal(other.predict(x), device.predict(x))
    assert device.train_step(x[:8], y[:8]) == other.train_step(x[:8], y[:8])
    assert np.array_equal(other.predict(x), device.predict(x))
    assert [file.name for file in tmp_path.iterdir()] == ["learned.npz"]


def test_accuracy_on_shifted_data_rises(device, clips):
    x, y = clips
    shifted = 0.5 * x + 0.8
    before = np.mean(device.predict(shifted).argmax(axis=1) == y)
    losses = device.fit(shifted[:30], y[:30], epochs=40)
    after = np.mean(device.predict(shifted[30:]).argmax(axis=1) == y[30:])
    assert losses[-1] < losses[0]
    assert after > max(before, 0.5)


def test_a_file_works_like_bytes(device, classifier_file, clips, tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(classifier_file)
    assert np.array_equal(OnDeviceModel(path).predict(clips[0]), device.predict(clips[0]))
    with pytest.raises(FileNotFoundError):
        OnDeviceModel(tmp_path / "none.tflite")


def test_the_model_is_left_alone(small_cnn, weights_before, device, clips):
    device.fit(*clips, epochs=1)
    assert all(map(np.array_equal, weights_before, small_cnn.get_weights()))


def test_wrong_batches_are_refused(device, clips):
    x, y = clips
    with pytest.raises(
        ValueError, match=r"x has shape \(7, 12, 6, 1\): .* built for \(8, 12, 6, 1\)"
    ):
        device.train_step(x[:7], y[:7])
    with pytest.raises(ValueError, match="y has shape"):
        device.train_step(x[:8], y[:7])
    with pytest.raises(ValueError, match=r"in 0\.\.3"):
        device.train_step(x[:8], y[:8] + 1)
    with pytest.raises(ValueError, match=r"the model takes \(12, 6, 1\)"):
        device.predict(x[:, :5])
    with pytest.raises(ValueError, match="0 examples"):
        device.fit(x[:0], y[:0])


def test_files_that_are_no_on_device_model(small_cnn, classifier_file):
    plain = tf.lite.TFLiteConverter.from_keras_model(fresh_copy(small_cnn)).convert()
    with pytest.raises(ValueError, match="no signature infer, read_weights, train, write_weights"):
        OnDeviceModel(plain)
    for damaged in (b"", b"not a model at all", classifier_file[: len(classifier_file) // 2]):
        with pytest.raises(ValueError, match="not a model that LiteRT can read"):
            OnDeviceModel(damaged)


def test_weights_that_do_not_fit(device, tmp_path):
    weights = device.read_weights()
    with pytest.raises(ValueError, match="do not fit this model"):
        device.write_weights({"kernel_0": weights["kernel_0"]})
    with pytest.raises(ValueError, match="do not fit this model"):
        device.write_weights({**weights, "bias_0": weights["bias_0"][:2]})
    with pytest.raises(ValueError, match="not finite"):
        device.write_weights({**weights, "bias_0": weights["bias_0"] * np.nan})
    for content in (b"", b"PK\x03\x04 cut short", b"plain text"):
        damaged = tmp_path / "weights.npz"
        damaged.write_bytes(content)
        with pytest.raises(ValueError, match="holds no saved weights"):
            device.restore(damaged)
    with pytest.raises(FileNotFoundError):
        device.restore(tmp_path / "none.npz")
    assert all(np.array_equal(weights[name], device.read_weights()[name]) for name in weights)


def test_models_that_cannot_be_built(small_cnn, small_autoencoder):
    with pytest.raises(ValueError, match="only 1 dense layers"):
        build(small_cnn, dense_layers=2)
    with pytest.raises(ValueError, match="dense_layers is 0"):
        build(small_cnn, dense_layers=0)
    with pytest.raises(ValueError, match="learning_rate above 0"):
        build(small_cnn, learning_rate=0.0)
    inputs = keras.Input((4,))
    dense = keras.layers.Dense
    for layers, message in [
        ((dense(3, activation="sigmoid"),), "last activation is 'sigmoid'"),
        ((dense(3, activation="tanh"), dense(2)), "cannot train through activation 'tanh'"),
        ((dense(3), keras.layers.ReLU(6.0), dense(2)), "clipped or leaky ReLU"),
        (
            (dense(3, activation="relu"), keras.layers.BatchNormalization(), dense(2)),
            "cannot be folded",
        ),
    ]:
        count = sum(isinstance(layer, dense) for layer in layers)
        model = keras.Sequential([inputs, *layers])
        with pytest.raises(ValueError, match=message):
            build(model, dense_layers=count)
