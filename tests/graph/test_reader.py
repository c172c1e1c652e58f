"""The reader against hand-built files, the LiteRT interpreter, and damaged files."""

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinylab.graph import count, live_channels, read_tflite
from tinylab.graph.core.ir import OPAQUE_TYPES

INT4_VALUES = np.array([[-8, 7, -1], [0, 3, -4]])


def tensor(name, shape, dtype, buffer=0, scale=(), zero_point=(), axis=0):
    made = schema.TensorT(name=name, shape=list(shape), type=dtype, buffer=buffer)
    if scale:
        made.quantization = schema.QuantizationParametersT(
            scale=np.array(scale, np.float32),
            zeroPoint=np.array(zero_point, np.int64),
            quantizedDimension=axis,
        )
    return made


def packed(model) -> bytes:
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def dense_model(code=schema.BuiltinOperator.FULLY_CONNECTED, custom=None) -> schema.ModelT:
    """Two inputs of three, a 4-bit weight matrix (2, 3) and an int32 bias."""
    low, high = INT4_VALUES.ravel()[::2] & 15, INT4_VALUES.ravel()[1::2] & 15
    weights = (low | high << 4).astype(np.uint8)
    options = schema.FullyConnectedOptionsT(
        fusedActivationFunction=schema.ActivationFunctionType.RELU
    )
    operator = schema.OperatorT(
        opcodeIndex=0,
        inputs=[0, 1, 2],
        outputs=[3],
        builtinOptionsType=schema.BuiltinOptions.FullyConnectedOptions,
        builtinOptions=options,
    )
    types = schema.TensorType
    tensors = [
        tensor("input", (1, 3), types.INT8, 0, [0.5], [-3]),
        tensor("weights", (2, 3), types.INT4, 1, [0.25, 0.75], [0, 0]),
        tensor("bias", (2,), types.INT32, 2, [0.125, 0.375], [0, 0]),
        tensor("output", (1, 2), types.INT8, 0, [1.5], [4]),
    ]
    graph = schema.SubGraphT(
        name="main", tensors=tensors, operators=[operator], inputs=[0], outputs=[3]
    )
    bias = np.array([100, -7], "<i4").view(np.uint8)
    return schema.ModelT(
        version=3,
        operatorCodes=[
            schema.OperatorCodeT(
                deprecatedBuiltinCode=min(code, 127), builtinCode=code, customCode=custom
            )
        ],
        subgraphs=[graph],
        buffers=[schema.BufferT(), schema.BufferT(data=weights), schema.BufferT(data=bias)],
    )


def test_reads_weights_quantization_and_options():
    graph = read_tflite(packed(dense_model()))
    source, weights, bias, output = graph.tensors
    assert (graph.inputs, graph.outputs, graph.ops[0].kind) == ((0,), (3,), "fully_connected")
    assert graph.ops[0].attributes["fused_activation"] == "relu"
    assert weights.dtype == "int4" and weights.stored_bytes == 3
    np.testing.assert_array_equal(weights.data, INT4_VALUES)
    np.testing.assert_array_equal(bias.data, [100, -7])
    assert weights.quantization.axis == 0
    assert (source.quantization.zero_point, output.quantization.axis) == ([-3], None)
    assert not weights.data.flags.writeable and not bias.data.flags.writeable


def test_reads_a_file_as_its_bytes(tmp_path):
    path = tmp_path / "small.tflite"
    path.write_bytes(packed(dense_model()))
    assert read_tflite(path).name == read_tflite(str(path)).name == "small"


def test_reads_buffers_that_lie_behind_the_flatbuffer():
    model = dense_model()
    weights = bytes(model.buffers[1].data)
    model.buffers[1] = schema.BufferT(offset=2, size=len(weights))
    length = len(packed(model))
    model.buffers[1].offset = length
    content = packed(model) + weights
    np.testing.assert_array_equal(read_tflite(content).tensors[1].data, INT4_VALUES)
    with pytest.raises(ValueError, match="cut off"):
        read_tflite(content[:-1])


def test_chooses_the_signature():
    model = dense_model()
    second = dense_model().subgraphs[0]
    second.tensors[3].name = "second"
    model.subgraphs.append(second)
    model.signatureDefs = [
        schema.SignatureDefT(signatureKey="train", subgraphIndex=0, inputs=[], outputs=[]),
        schema.SignatureDefT(signatureKey="infer", subgraphIndex=1, inputs=[], outputs=[]),
    ]
    content = packed(model)
    assert read_tflite(content).tensors[3].name == "output"
    assert read_tflite(content, signature="infer").tensors[3].name == "second"
    with pytest.raises(ValueError, match="no signature 'predict'; it has: infer, train"):
        read_tflite(content, signature="predict")


def test_keeps_the_names_of_operators_it_does_not_know():
    custom = dense_model(schema.BuiltinOperator.CUSTOM, "Wizardry")
    assert read_tflite(packed(custom)).ops[0].kind == "custom:Wizardry"
    assert read_tflite(packed(dense_model(9999))).ops[0].kind == "unknown:9999"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a TensorFlow Lite model"),
        (b"PK\x03\x04 a zip file", "not a TensorFlow Lite model"),
        (b"\x00" * 4 + b"TFL3", "no subgraph|damaged"),
        (b"\xff" * 4 + b"TFL3" + b"\xff" * 64, "damaged"),
    ],
)
def test_other_content_is_refused(content, message):
    with pytest.raises(ValueError, match=message):
        read_tflite(content)


def test_says_what_to_pass(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_tflite(tmp_path / "missing.tflite")
    with pytest.raises(TypeError, match="pass a path or the file's bytes, not list"):
        read_tflite([1, 2])


def changed(change) -> bytes:
    model = dense_model()
    change(model, model.subgraphs[0])
    return packed(model)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m, g: setattr(g, "inputs", [9]), "no tensor 9"),
        (lambda m, g: setattr(g.operators[0], "inputs", [0, 77, 2]), "missing tensor 77"),
        (lambda m, g: setattr(g.operators[0], "outputs", [1]), "cannot write tensor 1"),
        (lambda m, g: setattr(g.operators[0], "opcodeIndex", 5), "unlisted code 5"),
        (lambda m, g: setattr(g.tensors[1], "shape", [2, 999]), "needs 999 bytes"),
        (lambda m, g: setattr(g.tensors[0], "shape", [-1, 3]), "impossible shape"),
        (lambda m, g: setattr(g.tensors[0], "shape", [1] * 9), "impossible shape"),
        (lambda m, g: setattr(g.tensors[0], "buffer", 12), "names buffer 12 of 3"),
        (lambda m, g: setattr(g.tensors[0], "type", schema.TensorType.BFLOAT16), "bfloat16"),
        (lambda m, g: setattr(g.tensors[1].quantization, "quantizedDimension", 1), "no axis 1"),
        (lambda m, g: g.tensors[1].quantization.scale.fill(np.nan), "not a number"),
        (lambda m, g: setattr(m, "subgraphs", []), "no subgraph"),
    ],
)
def test_inconsistent_models_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        read_tflite(changed(change))


def test_small_files_cannot_expand_without_end():
    """Many entries that point at one large table: the work is bounded by the file's size."""
    model = dense_model()
    shared = model.subgraphs[0].tensors[1].quantization
    shared.scale = np.ones(20_000, np.float32)
    content = bytearray(packed(model))
    position = content.index(np.array([4], "<u4").tobytes(), 40)
    for start in range(position, position + 400, 4):
        hostile = bytearray(content)
        hostile[start : start + 4] = np.array([2**24], "<u4").tobytes()
        try:
            read_tflite(bytes(hostile))
        except ValueError:
            pass


FUZZ = settings(max_examples=200, suppress_health_check=list(HealthCheck))
CONTENT = packed(dense_model())


def reads_or_refuses(content: bytes) -> None:
    try:
        graph = read_tflite(content)
    except ValueError:
        return
    try:
        count(graph)
        live_channels(graph)
    except ValueError:
        pass
    for tensor in graph.tensors:
        assert tensor.stored_bytes >= 0
        assert (
            tensor.data is None or tensor.dtype in OPAQUE_TYPES or tensor.data.shape == tensor.shape
        )


@FUZZ
@given(st.lists(st.tuples(st.integers(8, len(CONTENT) - 1), st.integers(0, 255)), max_size=8))
def test_any_changed_byte_reads_or_gives_a_value_error(changes):
    content = bytearray(CONTENT)
    for position, value in changes:
        content[position] = value
    reads_or_refuses(bytes(content))


@FUZZ
@given(
    st.integers(2, len(CONTENT) // 4 - 1),
    st.sampled_from([0, 1, 4, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFF0000, 2**20]),
)
def test_any_changed_word_reads_or_gives_a_value_error(word, value):
    content = bytearray(CONTENT)
    content[4 * word : 4 * word + 4] = value.to_bytes(4, "little")
    reads_or_refuses(bytes(content))


@pytest.mark.parametrize("length", range(8, len(CONTENT), 7))
def test_any_cut_file_reads_or_gives_a_value_error(length):
    reads_or_refuses(CONTENT[:length])


REFERENCE = ["ad01_fp32", "ad01_int8", "kws_ref_model", "vww_96_float", "vww_96_int8"]


@pytest.mark.parametrize("name", REFERENCE)
def test_reads_what_the_interpreter_reads(real_data, name):
    path = real_data / "reference_models" / f"{name}.tflite"
    graph = read_tflite(path)
    interpreter = Interpreter(str(path))
    details = {item["index"]: item for item in interpreter.get_tensor_details()}
    assert tuple(i["index"] for i in interpreter.get_input_details()) == graph.inputs
    for index, tensor in enumerate(graph.tensors):
        assert tensor.name == details[index]["name"]
        assert tensor.shape == tuple(details[index]["shape"])
        quantization = details[index]["quantization_parameters"]
        if tensor.quantization:
            np.testing.assert_array_equal(tensor.quantization.scale, quantization["scales"])
            np.testing.assert_array_equal(
                tensor.quantization.zero_point, quantization["zero_points"]
            )
        if tensor.is_constant:
            np.testing.assert_array_equal(tensor.data, interpreter.get_tensor(index))


@pytest.mark.parametrize("name", ["ad01_int8", "kws_ref_model"])
def test_damaged_reference_models_read_or_give_a_value_error(real_data, name):
    content = (real_data / "reference_models" / f"{name}.tflite").read_bytes()
    rng = np.random.default_rng(7)
    for _ in range(60):
        damaged = bytearray(content)
        for position in rng.integers(0, len(content), 40):
            damaged[position] = rng.integers(256)
        reads_or_refuses(bytes(damaged))
        reads_or_refuses(content[: rng.integers(len(content))])
