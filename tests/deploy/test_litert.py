"""Conversion to LiteRT and running the program, on a small convolutional classifier."""

import keras
import numpy as np
import pytest
from keras import layers

from tinylab.compress.quantization.qat import quantization_aware
from tinylab.deploy import interpreter
from tinylab.deploy.litert import PRECISIONS, LiteRTModel, convert, evaluate
from tinylab.graph import read_tflite

SHAPE = (12, 10, 1)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(3)
    return keras.Sequential(
        [
            keras.Input(SHAPE),
            layers.Conv2D(16, 3, strides=2, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.DepthwiseConv2D(3, padding="same", activation="relu"),
            layers.Conv2D(24, 1, activation="relu"),
            layers.AveragePooling2D((6, 5)),
            layers.Flatten(),
            layers.Dense(48, activation="relu"),
            layers.Dense(4),
        ]
    )


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(0.5, 2, (60, *SHAPE)).astype(np.float32)


@pytest.fixture(scope="module")
def expected(model, x):
    return np.asarray(model(x))


@pytest.fixture(scope="module")
def programs(model, x):
    return {p: convert(model, p, x if "int" in p else None) for p in PRECISIONS}


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(
    ("precision", "tolerance"),
    [
        ("float32", 1e-5),
        ("float16", 2e-3),
        ("dynamic_range", 0.05),
        ("int8", 0.1),
        ("int16x8", 0.05),
    ],
)
def test_predictions_stay_near_those_of_keras(programs, expected, x, precision, tolerance, exact):
    predictions = LiteRTModel(programs[precision], exact=exact).predict(x)
    assert predictions.dtype == np.float32
    assert np.abs(predictions - expected).max() <= tolerance * np.ptp(expected)


def test_smaller_types_make_smaller_programs(programs):
    sizes = {precision: len(content) for precision, content in programs.items()}
    assert sizes["float32"] > sizes["float16"] > sizes["int8"]


def test_int8_program_holds_integers_only(programs):
    graph = read_tflite(programs["int8"])
    assert {tensor.dtype for tensor in graph.tensors} <= {"int8", "int32"}
    assert "batch_normalization" not in {op.kind for op in graph.ops}
    assert graph.tensors[graph.inputs[0]].shape == (1, *SHAPE)


def test_details_and_the_way_through_integers(programs, x):
    program = LiteRTModel(programs["int8"])
    assert program.input_details.shape == (1, *SHAPE)
    assert program.input_details.dtype == program.output_details.dtype == np.int8
    assert program.input_details.scale > 0
    integers = program.predict_quantized(program.quantize_input(x))
    assert integers.dtype == np.int8
    np.testing.assert_array_equal(program.dequantize_output(integers), program.predict(x))


def test_inputs_beyond_the_range_are_clipped(programs):
    program = LiteRTModel(programs["int8"])
    integers = program.quantize_input(np.full((1, *SHAPE), 1e9))
    assert np.all(integers == 127)


def test_an_empty_batch_gives_an_empty_answer(programs):
    assert LiteRTModel(programs["int8"]).predict(np.zeros((0, *SHAPE))).shape == (0, 4)


def test_evaluate(programs, expected, x):
    labels = expected.argmax(axis=1)
    evaluation = evaluate(programs["float32"], x, labels)
    assert (evaluation.accuracy, evaluation.examples) == (1.0, 60)
    assert evaluation.model_bytes == len(programs["float32"])
    labels[:15] = (labels[:15] + 1) % 4
    assert evaluate(LiteRTModel(programs["float32"]), x, labels).accuracy == 0.75


def test_representative_data_may_be_a_list_or_a_function(model, x, programs):
    assert convert(model, "int8", list(x)) == programs["int8"]
    assert convert(model, "int8", lambda: ([example[None]] for example in x)) == programs["int8"]


def test_a_program_runs_from_a_file(programs, x, tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(programs["int8"])
    from_file, from_bytes = LiteRTModel(path), LiteRTModel(programs["int8"])
    np.testing.assert_array_equal(from_file.predict(x), from_bytes.predict(x))


def test_quantization_aware_model_needs_no_representative_data(model, x):
    aware = quantization_aware(model, calibration=x)
    content = convert(aware, "int8")
    assert {tensor.dtype for tensor in read_tflite(content).tensors} <= {"int8", "int32"}
    found, expected = LiteRTModel(content), np.asarray(aware(x))
    assert np.abs(found.predict(x) - expected).max() <= 3 * found.output_details.scale


def test_quantization_aware_model_is_refused_where_it_cannot_be_converted(model, x):
    with pytest.raises(ValueError, match="no ranges yet"):
        convert(quantization_aware(model), "int8")
    with pytest.raises(ValueError, match="8-bit activations"):
        convert(quantization_aware(model, 8, 4, calibration=x), "int8")
    with pytest.raises(ValueError, match="at most 8 bits"):
        convert(quantization_aware(model, 12, calibration=x), "int8")
    with pytest.raises(ValueError, match="not to int16x8"):
        convert(quantization_aware(model, calibration=x), "int16x8")


def test_four_bit_programs_store_half_the_bytes_but_lack_reference_kernels(model, x):
    content = convert(quantization_aware(model, 4, calibration=x), "int8")
    graph = read_tflite(content)
    assert "int4" in {tensor.dtype for tensor in graph.tensors}
    LiteRTModel(content).predict(x[:2])
    with pytest.raises(ValueError, match="exact=False"):
        LiteRTModel(content, exact=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("int4",), "precision"),
        (("int8",), "representative_dataset"),
        (("int16x8",), "representative_dataset"),
        (("int8", np.zeros((5, 3, 3, 1))), "shape"),
        (("int8", np.zeros((0, *SHAPE))), "shape"),
        (("int8", []), "shape"),
    ],
)
def test_wrong_conversions_are_refused(model, arguments, message):
    with pytest.raises(ValueError, match=message):
        convert(model, *arguments)


def test_models_with_several_inputs_are_refused():
    ends = [keras.Input((2,)), keras.Input((2,))]
    with pytest.raises(ValueError, match="one input"):
        convert(keras.Model(ends, layers.Add()(ends)))


def test_what_the_converter_refuses_is_said_in_a_sentence():
    class Strange(layers.Layer):
        def call(self, x):
            return keras.ops.convert_to_tensor(__import__("tensorflow").linalg.cholesky(x))

    source = keras.Input((2, 2))
    with pytest.raises(RuntimeError, match="the converter refused"):
        convert(keras.Model(source, Strange()(source)))


@pytest.mark.parametrize("wrong_shape", [(12, 10, 1), (2, 12, 10), (2, 10, 12, 1)])
def test_wrong_input_shapes_are_refused(programs, wrong_shape):
    with pytest.raises(ValueError, match="examples, 12, 10, 1"):
        LiteRTModel(programs["int8"]).predict(np.zeros(wrong_shape))


def test_real_values_are_not_taken_for_integers(programs, x):
    with pytest.raises(ValueError, match="use predict"):
        LiteRTModel(programs["int8"]).predict_quantized(x)


def test_evaluate_wants_a_label_for_each_example(programs, x):
    with pytest.raises(ValueError, match="one length"):
        evaluate(programs["int8"], x, np.zeros(3))


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_cut_programs_are_refused(programs, share):
    content = programs["int8"]
    with pytest.raises(ValueError, match="cut short"):
        LiteRTModel(content[: int(share * len(content))])


def test_other_files_are_refused(tmp_path):
    with pytest.raises(ValueError, match="not a .tflite"):
        LiteRTModel(b"")
    other = tmp_path / "notes.tflite"
    other.write_text("no program at all")
    with pytest.raises(ValueError, match="notes.tflite"):
        LiteRTModel(other)
    with pytest.raises(FileNotFoundError):
        LiteRTModel(tmp_path / "absent.tflite")


def test_damaged_programs_do_not_end_the_process(programs, x):
    """Bytes changed at random: LiteRT runs them, refuses them, or crashes in another process."""
    rng, content = np.random.default_rng(0), programs["int8"]
    for _ in range(8):
        damaged = bytearray(content)
        for at in rng.integers(8, len(content), 3):
            damaged[at] = rng.integers(256)
        try:
            program = LiteRTModel(bytes(damaged))
            program.predict(np.zeros((1, *program.input_details.shape[1:])))
        except ValueError as error:
            assert len(str(error).splitlines()) == 1


def test_programs_from_elsewhere_run_apart_and_answer_alike(programs, x, monkeypatch):
    expected = LiteRTModel(programs["int8"]).predict(x)
    monkeypatch.setattr(interpreter, "_made_here", set())
    apart = LiteRTModel(programs["int8"])
    np.testing.assert_array_equal(apart.predict(x), expected)
    apart._interpreter._process.kill()
    with pytest.raises(ValueError, match="crashed LiteRT"):
        apart.predict(x)


def test_a_layer_that_died_runs_with_the_reference_kernels():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((16,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(4)]
    )
    kernel, bias = model.layers[0].get_weights()
    model.layers[0].set_weights([kernel, bias - 200])
    x = np.random.default_rng(0).normal(0, 30, (50, 16)).astype(np.float32)
    program = convert(model, "int8", representative_dataset=x)
    with pytest.warns(UserWarning, match="the reference kernels run it"):
        runner = LiteRTModel(program)
    assert runner.exact
    np.testing.assert_allclose(runner.predict(x), np.asarray(model(x)), atol=1e-3)
