"""Many operators side by side in one graph: one run of LiteRT, one compilation for them all."""

from types import MappingProxyType

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from tinylab.deploy.codegen import convert
from tinylab.deploy.emulator import Emulator
from tinylab.graph import Graph, Op, Quantization, Tensor
from tinylab.graph.evaluate import evaluate_ops, initial_state
from tinylab.graph.writer import write_tflite

EXAMPLES = 12


class Bundle:
    """A graph whose operators each read its inputs and write an output of its own."""

    def __init__(self, seed: int = 0):
        self.rng = np.random.default_rng(seed)
        self.tensors, self.ops = [], []
        self.inputs, self.outputs = [], []

    def tensor(self, shape, dtype="int8", scale=None, zero_point=0, data=None, **more):
        stored, axis = None, more.pop("axis", None)
        if scale is not None:
            scales = np.atleast_1d(np.asarray(scale, np.float32))
            stored = Quantization(scales, np.full(len(scales), zero_point, np.int32), axis)
        name = f"tensor {len(self.tensors)}"
        self.tensors.append(Tensor(name, tuple(shape), dtype, stored, data, **more))
        return len(self.tensors) - 1

    def input(self, shape, dtype="int8", scale=0.05, zero_point=3):
        scale = None if dtype == "float32" else scale
        self.inputs.append(self.tensor(shape, dtype, scale, zero_point))
        return self.inputs[-1]

    def constant(self, values, dtype="int32", scale=None, zero_point=0, axis=None):
        data = np.asarray(values, dtype)
        return self.tensor(data.shape, dtype, scale, zero_point, data, axis=axis)

    def weights(self, shape, scale=0.004, axis=None):
        values = self.rng.integers(-127, 128, shape)
        if axis is not None:
            scale = self.rng.uniform(0.5, 1.5, shape[axis]) * scale
        return self.constant(values, "int8", scale, axis=axis)

    def bias(self, size, low=-2000, high=2000):
        return self.constant(self.rng.integers(low, high, size), "int32", 0.001)

    def op(self, kind, inputs, *shapes, dtype="int8", scale=0.05, zero_point=-2, **attributes):
        """An operator whose outputs, of `shapes`, are outputs of the graph."""
        scale = scale if dtype.startswith(("int8", "uint8", "int16")) else None
        outputs = tuple(self.tensor(shape, dtype, scale, zero_point) for shape in shapes)
        self.ops.append(Op(kind, tuple(inputs), outputs, MappingProxyType(attributes)))
        self.outputs += outputs
        return outputs

    def graph(self) -> Graph:
        return Graph(
            "bundle", tuple(self.tensors), tuple(self.ops), tuple(self.inputs), tuple(self.outputs)
        )

    def examples(self, count: int = EXAMPLES) -> tuple[np.ndarray, ...]:
        return tuple(self._values(self.tensors[i], count) for i in self.inputs)

    def _values(self, tensor: Tensor, count: int) -> np.ndarray:
        shape = (count, *tensor.shape)
        if tensor.dtype == "float32":
            return self.rng.normal(0, 2, shape).astype(np.float32)
        ends = np.iinfo(tensor.dtype)
        return self.rng.integers(ends.min, ends.max + 1, shape).astype(tensor.dtype)


def litert(graph: Graph, x: tuple[np.ndarray, ...], resolver="BUILTIN_REF") -> list[np.ndarray]:
    """The outputs of LiteRT's reference kernels, each of shape (n, ...)."""
    interpreter = Interpreter(
        model_content=write_tflite(graph),
        experimental_op_resolver_type=getattr(OpResolverType, resolver),
        num_threads=1,
    )
    interpreter.allocate_tensors()
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    rows = []
    for example in zip(*x, strict=True):
        for detail, values in zip(inputs, example, strict=True):
            interpreter.set_tensor(detail["index"], values)
        interpreter.invoke()
        rows.append([interpreter.get_tensor(detail["index"]).copy() for detail in outputs])
    return [np.stack(column) for column in zip(*rows, strict=True)]


def numpy_outputs(graph: Graph, x: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    """The outputs of the numpy references."""
    state = initial_state(graph)
    rows = []
    for example in zip(*x, strict=True):
        values = evaluate_ops(graph, dict(zip(graph.inputs, example, strict=True)), state)
        rows.append([values[i] for i in graph.outputs])
    return [np.stack(column) for column in zip(*rows, strict=True)]


def c_outputs(graph: Graph, x: tuple[np.ndarray, ...], kernels: str, *, emulated=False) -> list:
    """The outputs of the generated C, on this computer or on the emulated Cortex-M4."""
    program = convert(graph, kernels=kernels)
    outputs = Emulator(program).run(x).outputs if emulated else program.predict_quantized(x)
    return list(outputs) if isinstance(outputs, tuple) else [outputs]


def assert_all_agree(graph: Graph, x: tuple[np.ndarray, ...], **tolerance) -> None:
    """numpy, plain and DSP kernels, here and emulated, against LiteRT, output by output."""
    expected = litert(graph, x)
    few = tuple(part[:2] for part in x)
    runs = {
        "numpy": numpy_outputs(graph, x),
        "plain": c_outputs(graph, x, "plain"),
        "emulated dsp": c_outputs(graph, few, "dsp", emulated=True),
    }
    for name, outputs in runs.items():
        for tensor, output, right in zip(graph.outputs, outputs, expected, strict=True):
            message = f"{name}: {graph.producer(tensor).kind}"
            right = right[: len(output)].reshape(output.shape)
            if tolerance:
                np.testing.assert_allclose(output, right, err_msg=message, **tolerance)
            else:
                np.testing.assert_array_equal(output, right, err_msg=message)
