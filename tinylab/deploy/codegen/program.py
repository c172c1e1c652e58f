"""A generated C program, and how to run it on this computer."""

import ctypes
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from tinylab.deploy import toolchain
from tinylab.deploy.codegen.kernel_files import kernel_files
from tinylab.deploy.codegen.layers import ProgramReport, describe
from tinylab.deploy.codegen.port import Port, arrays, joined
from tinylab.files import replacing
from tinylab.graph import Graph
from tinylab.graph.lowering import Call
from tinylab.graph.memory import MemoryPlan

_C_ITEMS = {
    f"{sign}int{bits}": getattr(ctypes, f"c_{sign}int{bits}")
    for sign in ("", "u")
    for bits in (8, 16, 32, 64)
}
_C_ITEMS["float32"] = ctypes.c_float
_STRUCTURE_BYTES = {
    "nn_exact_scale": 12,
    "nn_dsp_channel": 16,
    "nn_dsp_scale": 16,
    "nn_between": 6,
}


@dataclass(frozen=True, eq=False)
class CProgram:
    """C sources of a model, with what they need of memory.

    Parameters
    ----------
    name : str
        Prefix of the functions `{name}_input`, `{name}_invoke` and `{name}_output` (with a number
        behind if there are several inputs or outputs), and `{name}_reset` if it has state.
    graph : Graph
        As compiled, that is, optimized.
    kernels, rounding : str
        As passed to `convert`.
    sources : mapping of str to str
        Text by file name; all belong into one folder.
    plan : MemoryPlan
    calls : mapping of int to tuple of Call
        The kernels each operator calls, by operator index; operators without cost are missing.
    plain_reasons : mapping of int to str
        Why an operator takes a plain kernel although "dsp" was asked for.
    inputs, outputs : tuple of Port
    """

    name: str
    graph: Graph
    kernels: str
    rounding: str
    sources: Mapping[str, str]
    plan: MemoryPlan
    calls: Mapping[int, tuple[Call, ...]]
    plain_reasons: Mapping[int, str]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]

    @property
    def input(self) -> Port:
        """The first input."""
        return self.inputs[0]

    @property
    def output(self) -> Port:
        """The first output."""
        return self.outputs[0]

    @property
    def arena_bytes(self) -> int:
        """RAM for activations and scratch memory."""
        return self.plan.arena_bytes

    @property
    def state_bytes(self) -> int:
        """RAM beside the arena for what outlives an inference."""
        return self.plan.state_bytes

    def all_calls(self) -> tuple[tuple[int, Call], ...]:
        """Operator and call, in the order in which they are made."""
        return tuple((index, call) for index, calls in self.calls.items() for call in calls)

    def report(self) -> ProgramReport:
        """Memory, and the kernel of each layer with the reason why a DSP kernel did not apply."""
        return describe(self)

    def accessor(self, role: str, number: int = 0) -> str:
        """The C function that gives the memory of an input or output."""
        ports = self.inputs if role == "input" else self.outputs
        return f"{self.name}_{role}" + (f"_{number}" if len(ports) > 1 else "")

    @property
    def weight_bytes(self) -> int:
        """Flash for weights, biases and scales; code comes on top."""
        constants = (c for _, call in self.all_calls() for c in call.constants)
        read = {i for _, call in self.all_calls() for i in call.inputs}
        operands = (self.graph.tensors[i] for i in read)
        return sum(
            len(c.values) * _STRUCTURE_BYTES[c.c_type] if c.c_type else c.values.nbytes
            for c in constants
        ) + sum(tensor.stored_bytes for tensor in operands if tensor.is_constant)

    def write(self, folder: str | Path) -> list[Path]:
        """Write all sources into `folder`, which is made if need be; returns their paths."""
        paths = []
        for name, text in self.sources.items():
            with replacing(Path(folder) / name) as temporary:
                temporary.write_text(text, encoding="utf-8")
            paths.append(Path(folder) / name)
        return paths

    def write_for_build(self, folder: str | Path) -> list[Path]:
        """Write the model's own files into `folder`; returns every C file to compile.

        The kernels stay where they are installed, so that the compiler's cache knows them.
        """
        for ending in (".h", ".c", "_weights.h"):
            name = f"{self.name}{ending}"
            (Path(folder) / name).write_text(self.sources[name], encoding="utf-8")
        kernels = kernel_files(call.kernel for _, call in self.all_calls())
        return [Path(folder) / f"{self.name}.c", *(k for k in kernels if k.suffix == ".c")]

    @cached_property
    def native(self) -> "NativeProgram":
        """The program compiled for this computer (at the first use, about a second).

        Raises
        ------
        RuntimeError
            There is no C compiler: neither the `ziglang` wheel nor cc, gcc or clang.
        """
        return NativeProgram(self)

    def predict_quantized(self, x: np.ndarray) -> np.ndarray:
        """Run the generated C on this computer, see `NativeProgram.run`."""
        return self.native.run(x)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Run the generated C on real values: quantize, run, dequantize."""
        return self.output.dequantize(self.native.run(self.input.quantize(x)))

    def __repr__(self) -> str:
        return (
            f"CProgram({self.name}, {self.kernels} kernels, arena {self.arena_bytes:,} bytes, "
            f"weights {self.weight_bytes:,} bytes)"
        )


class NativeProgram:
    """A program as a shared library in this process.

    Parameters
    ----------
    program : CProgram
    library : ctypes.CDLL, optional
        Holds the program, perhaps among others; by default it is compiled now.
    """

    def __init__(self, program: CProgram, library: ctypes.CDLL | None = None):
        self._program = program
        library = library or self._built()
        self._invoke = _function(library, f"{program.name}_invoke")
        self._reset = _function(library, f"{program.name}_reset") if program.state_bytes else None
        self._inputs, self._outputs = (
            [self._view(library, role, number, port) for number, port in enumerate(ports)]
            for role, ports in (("input", program.inputs), ("output", program.outputs))
        )

    def _built(self) -> ctypes.CDLL:
        """The program compiled and loaded; its folder lives as long as this object."""
        self._folder = tempfile.TemporaryDirectory(prefix="tinylab-", ignore_cleanup_errors=True)
        sources = self._program.write_for_build(self._folder.name)
        target = Path(self._folder.name) / self._program.name
        return ctypes.CDLL(str(toolchain.build_shared_library(sources, target)))

    def _view(self, library: ctypes.CDLL, role: str, number: int, port: Port) -> np.ndarray:
        function = getattr(library, self._program.accessor(role, number))
        function.restype = ctypes.POINTER(_C_ITEMS[port.dtype])
        return np.ctypeslib.as_array(function(), shape=(port.elements,))

    def run(self, x):
        """Outputs of one or many inputs, one inference after the other.

        A model with state sees them as a stream, from its initial state on.

        Parameters
        ----------
        x : ndarray of the input's type, shape (n, ...) or the input's shape
            As many elements an example as the model's input has; a tuple of arrays if there are
            several inputs.

        Returns
        -------
        ndarray of the output's type, shape (n, ...)
            As the model's output without its batch axis; a tuple if there are several outputs.
        """
        columns = [[] for _ in self._outputs]
        if self._reset:
            self._reset()
        for examples in zip(*arrays(x, self._program.inputs), strict=True):
            for memory, example in zip(self._inputs, examples, strict=True):
                memory[:] = example
            self._invoke()
            for rows, memory in zip(columns, self._outputs, strict=True):
                rows.append(memory.copy())
        return joined(columns, self._program.outputs)


def _function(library: ctypes.CDLL, name: str):
    function = getattr(library, name)
    function.restype = None
    return function
