"""The generated C answers bit for bit like LiteRT and TensorFlow Lite Micro, or refuses."""

import re
import subprocess
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from tests.graph.operators.bundle import Bundle
from tinylab.deploy import micro, toolchain
from tinylab.deploy.codegen import convert
from tinylab.deploy.codegen.c_text import comment, identifier, initializer
from tinylab.graph import Graph, UnsupportedOperatorError, read_tflite
from tinylab.graph.memory import plan

KERNELS = ("plain", "dsp")
REFERENCE_MODELS = ("kws_ref_model", "vww_96_int8", "ad01_int8")


@pytest.mark.parametrize("kernels", KERNELS)
def test_equals_litert(random_model, kernels, reference, examples):
    content = random_model.tflite()
    program = convert(content, kernels=kernels)
    x = examples(program.graph, 30)
    expected = reference(content, x)
    assert np.unique(expected).size > 3
    np.testing.assert_array_equal(program.predict_quantized(x), expected)


def test_equals_tensorflow_lite_micro(random_model, examples):
    pytest.importorskip(
        "tflite_micro", reason="the tflite-micro wheel exists for Linux x86-64 only"
    )
    content = random_model.tflite()
    program = convert(content, kernels="dsp", rounding="double")
    x = examples(program.graph, 30)
    np.testing.assert_array_equal(program.predict_quantized(x), micro.run(content, x).outputs)


def test_all_single_layers_equal_both(model_builder, reference):
    """Dense layers are where LiteRT and TensorFlow Lite Micro part ways."""
    builder = model_builder((1, 400), 2).fully_connected(200, per_channel=True)
    content = builder.tflite()
    x = np.random.default_rng(0).integers(-128, 128, (40, 400)).astype(np.int8)
    once = convert(content).predict_quantized(x)
    twice = convert(content, rounding="double").predict_quantized(x)
    np.testing.assert_array_equal(once, reference(content, x))
    difference = np.abs(once.astype(int) - twice)
    assert difference.max() == 1 and 0 < (difference > 0).mean() < 0.02


@pytest.mark.parametrize("kernels", KERNELS)
def test_four_bit_weights(model_builder, reference, examples, kernels):
    builder = model_builder((1, 8, 6, 3), 7).conv2d(4, (3, 3)).flatten().fully_connected(5)
    for index, tensor in enumerate(builder.tensors):
        if tensor.dtype == "int8" and tensor.is_constant:
            builder.tensors[index] = replace(tensor, dtype="int4", data=tensor.data // 16)
    content = builder.tflite()
    program = convert(content, kernels=kernels)
    x = examples(program.graph, 10)
    np.testing.assert_array_equal(program.predict_quantized(x), reference(content, x))


@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize("name", REFERENCE_MODELS)
def test_third_party_models_equal_litert(real_data, reference, examples, name, kernels):
    content = (real_data / "reference_models" / f"{name}.tflite").read_bytes()
    program = convert(content, kernels=kernels, name=name)
    x = examples(program.graph, 12)
    np.testing.assert_array_equal(program.predict_quantized(x), reference(content, x))
    assert program.arena_bytes <= 1.05 * plan(program.graph).lower_bound_bytes
    assert program.weight_bytes < len(content)


@pytest.mark.parametrize("name", REFERENCE_MODELS)
def test_third_party_models_equal_tensorflow_lite_micro(real_data, examples, name):
    pytest.importorskip(
        "tflite_micro", reason="the tflite-micro wheel exists for Linux x86-64 only"
    )
    content = (real_data / "reference_models" / f"{name}.tflite").read_bytes()
    program = convert(content, kernels="dsp", rounding="double")
    x = examples(program.graph, 12)
    measured = micro.run(content, x)
    np.testing.assert_array_equal(program.predict_quantized(x), measured.outputs)
    assert program.arena_bytes < measured.arena_bytes


def test_dsp_kernels_are_chosen(models):
    calls = convert(models["ds_cnn"].tflite(), kernels="dsp").calls
    functions = [call.function for group in calls.values() for call in group]
    assert functions[:3] == ["nn_conv2d_dsp", "nn_depthwise_3x3_dsp", "nn_conv2d_dsp"]
    assert functions[-2:] == ["nn_fully_connected_short_dsp", "nn_softmax"]
    odd = convert(models["odd"].tflite(), kernels="dsp")
    functions = [odd.calls[i][0].function for i in range(5)]
    assert functions[:2] == ["nn_conv2d_parts_dsp", "nn_conv2d_parts_dsp"]
    assert functions[4] == "nn_depthwise_taps_dsp" and not odd.plain_reasons


def test_real_values_in_and_out(models):
    program = convert(models["ds_cnn"].tflite())
    x = np.random.default_rng(0).normal(0, 1, (3, 25, 10, 1)).astype(np.float32)
    probabilities = program.predict(x)
    assert probabilities.shape == (3, 5)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=0.02)


def test_arena_and_weights_are_counted(models):
    plain, dsp = (convert(models["image"].tflite(), kernels=kernels) for kernels in KERNELS)
    assert plain.arena_bytes == plan(plain.graph).arena_bytes <= dsp.arena_bytes
    stored = sum(t.stored_bytes for t in plain.graph.tensors if t.is_constant)
    assert 0.7 * stored < plain.weight_bytes < 2 * stored
    assert "arena" in repr(plain)


def test_needs_no_library(models, tmp_path):
    """Only what a C compiler itself provides may be called."""
    program = convert(models["residual"].tflite(), kernels="dsp")
    text = "\n".join(program.sources.values())
    assert set(re.findall(r"#include <(.+?)>", text)) == {"stdint.h", "arm_acle.h"}
    assert not re.search(r"\b(malloc|free|memcpy|memset|printf|exit)\s*\(", text)
    program.write(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(program.sources)
    sources = [str(path) for path in tmp_path.glob("*.c")]
    strict = [*toolchain.WARNINGS, "-Wshadow", "-Wstrict-prototypes", "-Wundef"]
    # Without the sanitizer: zig would first compile its runtime, most of a minute.
    library = ["-fno-sanitize=undefined", "-shared", "-fPIC", "-o", str(tmp_path / "library")]
    toolchain.compile_c([*toolchain.host_compiler(), *strict, *sources, *library])


def test_undefined_behaviour_is_absent(models, tmp_path, examples):
    """The sanitizer stops the program at the first overflow or misaligned access."""
    if not toolchain.has_zig():
        pytest.skip("the sanitizer needs the ziglang wheel")
    program = convert(models["ds_cnn"].tflite(), kernels="plain")
    x = examples(program.graph, 1)[0].ravel()
    main = (
        f'#include "{program.name}.h"\nstatic const int8_t x[] = {{{", ".join(map(str, x))}}};\n'
        f"int main(void) {{ for (int i = 0; i < {x.size}; i++) {program.name}_input()[i] = x[i];\n"
        f"{program.name}_invoke(); return {program.name}_output()[0] & 127; }}\n"
    )
    (tmp_path / "main.c").write_text(main)
    program.write(tmp_path)
    sources = [str(path) for path in tmp_path.glob("*.c")]
    flags = ["-O1", "-fsanitize=undefined", "-fsanitize-trap=undefined"]
    command = [*toolchain.zig(), *flags, *sources, "-o", str(tmp_path / "run")]
    toolchain.compile_c(command)
    code = subprocess.run([str(tmp_path / "run")], check=False).returncode
    assert code == program.predict_quantized(x)[0, 0] & 127


def with_op(graph: Graph, index: int, **changes) -> Graph:
    ops = list(graph.ops)
    ops[index] = replace(ops[index], **changes)
    return replace(graph, ops=tuple(ops))


def test_unsupported_operator_is_named(models):
    graph = with_op(models["dense"].graph(), 1, kind="lstm")
    with pytest.raises(UnsupportedOperatorError, match="1 x lstm is not supported"):
        convert(graph)


def test_all_obstacles_come_at_once(models):
    graph = with_op(models["dense"].graph(), 1, kind="bidirectional_sequence_lstm")
    graph = with_op(graph, 2, kind="conv3d")
    with pytest.raises(
        UnsupportedOperatorError, match="1 x bidirectional LSTM.*1 x conv3d.*Conv2D"
    ):
        convert(graph)


def test_obstacles_of_one_kind_are_counted_and_ends_are_among_them():
    bundle = Bundle()
    x = bundle.input((1, 8), "int16", 0.001, 0)
    for _ in range(3):
        bundle.op("exp", [x], (1, 8), dtype="int16", scale=0.001, zero_point=0)
    bundle.op("cumsum", [x], (1, 8), dtype="bool")
    with pytest.raises(UnsupportedOperatorError) as caught:
        convert(bundle.graph())
    message = str(caught.value)
    assert "1 x cumsum" in message and "a constant, empty or bool" in message
    assert "3 x exp (operator 0 and others): a tensor is int16" in message
    assert "convert the model to int8" in message


@pytest.mark.parametrize("kernels", KERNELS)
def test_float_model_equals_litert(model_builder, reference, kernels):
    builder = model_builder((1, 4), 0)
    source, weights = builder.add_tensor((1, 4), "float32"), np.ones((2, 4), np.float32)
    weights[1] = [0.5, -2, 3, 0.1]
    builder.op(
        "fully_connected",
        [source, builder.constant(weights)],
        builder.add_tensor((1, 2), "float32"),
    )
    builder.op("softmax", [builder.last], builder.add_tensor((1, 2), "float32"), beta=1.0)
    builder.input = source
    x = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    outputs = convert(builder.graph(), kernels=kernels).predict_quantized(x)
    np.testing.assert_allclose(outputs, reference(builder.tflite(), x), rtol=1e-5)


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"stride_h": 0}, "stride"),
        ({"padding": "none"}, "padding"),
        ({"fused_activation": "tanh"}, "tanh"),
        ({"stride_w": 3}, "must have the shapes"),
    ],
)
def test_damaged_options_are_refused(models, attributes, message):
    graph = models["ds_cnn"].graph()
    changed = MappingProxyType({**graph.ops[0].attributes, **attributes})
    with pytest.raises(UnsupportedOperatorError, match=message):
        convert(with_op(graph, 0, attributes=changed))


@pytest.mark.parametrize("field", ["shape", "quantization", "dtype"])
def test_damaged_tensors_are_refused(models, field):
    graph = models["ds_cnn"].graph()
    changes = {"shape": (1, 3, 3, 8), "quantization": None, "dtype": "int16"}
    tensors = list(graph.tensors)
    output = graph.ops[0].outputs[0]
    tensors[output] = replace(tensors[output], **{field: changes[field]})
    with pytest.raises(UnsupportedOperatorError):
        convert(replace(graph, tensors=tuple(tensors)))


def test_wrong_arguments_are_explained(models):
    graph = models["dense"].graph()
    with pytest.raises(ValueError, match="plain, dsp"):
        convert(graph, kernels="fast")
    with pytest.raises(ValueError, match="single, double"):
        convert(graph, rounding="none")
    with pytest.raises(ValueError, match="an output twice"):
        convert(replace(graph, outputs=graph.outputs * 2))
    with pytest.raises(ValueError, match="no output"):
        convert(replace(graph, outputs=()))
    program = convert(graph)
    with pytest.raises(TypeError, match="int8, not float64"):
        program.predict_quantized(np.zeros((1, 64)))
    with pytest.raises(ValueError, match="64 elements"):
        program.predict_quantized(np.zeros((1, 63), np.int8))


def test_missing_compiler_is_one_sentence(monkeypatch):
    monkeypatch.setattr(toolchain, "has_zig", lambda: False)
    monkeypatch.setattr(toolchain.shutil, "which", lambda name: None)
    with pytest.raises(RuntimeError, match="pip install ziglang"):
        toolchain.host_compiler()
    with pytest.raises(RuntimeError, match="pip install ziglang"):
        toolchain.zig()


def test_c_text():
    assert identifier("1 model.tflite") == "model_1_model_tflite"
    assert identifier("") == "model" and identifier("Ünï") == "n"
    assert comment("a */ b /* c \n é") == "a * / b / * c ? ?"
    assert initializer({"a": (1, 2.5), "b": None}) == "{.a = {1, 0x1.4000000000000p+1f}, .b = 0}"


def test_a_hostile_tensor_name_stays_a_comment(models):
    graph = models["dense"].graph(name='*/ int x; /* "')
    program = convert(graph, name="safe")
    assert "*/ int x" not in program.sources["safe.h"]
    program.native


def test_reads_the_same_from_path_bytes_and_graph(models, tmp_path):
    content = models["dense"].tflite()
    path = tmp_path / "dense.tflite"
    path.write_bytes(content)
    texts = {
        convert(source, name="d").sources["d_weights.h"]
        for source in (path, content, read_tflite(content))
    }
    assert len(texts) == 1


@pytest.mark.parametrize("name", ["softmax", "nn", "s", "Add.tflite", "string"])
def test_any_name_leaves_the_kernels_their_files(models, reference, examples, name):
    content = models["ds_cnn"].tflite()
    program = convert(content, kernels="dsp", name=name)
    assert set(program.sources) - set(convert(content, kernels="dsp", name="x").sources) == {
        f"{program.name}{ending}" for ending in (".h", ".c", "_weights.h")
    }
    x = examples(program.graph, 2)
    np.testing.assert_array_equal(program.predict_quantized(x), reference(content, x))


def test_report_names_kernels_and_reasons(model_builder):
    builder = model_builder((1, 9, 8, 3), 3)
    builder.depthwise_conv2d((3, 2)).conv2d(4, (1, 1))
    builder.depthwise_conv2d((3, 3), dilation=(1, 2), multiplier=2)
    report = convert(builder.tflite(), kernels="dsp").report()
    assert [layer.op for layer in report.plain_layers] == [2]
    assert report.layers[0].kernel == "nn_depthwise_conv2d_dsp" and report.layers[0].macs > 0
    assert report.arena_bytes >= report.live_bytes > 0
    assert "dilated windows" in str(report) and f"{report.live_bytes:,}" in str(report)
