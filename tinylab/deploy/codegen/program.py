"""A generated C program, and how to run it on this computer."""

import ctypes
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path

import numpy as np

from tinylab.deploy import toolchain
from tinylab.deploy.codegen.call import Call
from tinylab.deploy.codegen.kernel_files import kernel_files
from tinylab.files import replacing
from tinylab.graph import Graph
from tinylab.graph.memory import MemoryPlan

_C_ITEMS = {"int8": ctypes.c_int8, "int16": ctypes.c_int16, "float32": ctypes.c_float}
_STRUCTURE_BYTES = {"nn_exact_scale": 12, "nn_dsp_channel": 16}


@dataclass(frozen=True)
class Port:
    """The program's input or output: real = scale * (stored - zero_point) if `dtype` is int8."""

    tensor: int
    shape: tuple[int, ...]
    dtype: str  # "int8", "float32", or "int16" for sound
    scale: float
    zero_point: int

    @property
    def elements(self) -> int:
        return prod(self.shape)

    def quantize(self, real: np.ndarray) -> np.ndarray:
        """Stored values of real ones, any leading shape."""
        if self.dtype == "float32":
            return np.asarray(real, np.float32)
        steps = np.asarray(real, np.float32) / np.float32(self.scale)
        stored = np.trunc(steps + np.copysign(0.5, steps)) + self.zero_point
        limits = np.iinfo(self.dtype)
        return np.clip(stored, limits.min, limits.max).astype(self.dtype)

    def checked(self, x: np.ndarray) -> np.ndarray:
        """Examples as rows, shape (n, elements); TypeError or ValueError if they do not fit."""
        x = np.asarray(x)
        if x.dtype != self.dtype:
            raise TypeError(f"the input must be {self.dtype}, not {x.dtype}: use `input.quantize`")
        if x.size == 0 or x.size % self.elements:
            raise ValueError(f"an example has {self.elements} elements; got an array of {x.shape}")
        return x.reshape(-1, self.elements)

    def dequantize(self, stored: np.ndarray) -> np.ndarray:
        """Real values of stored ones."""
        if self.dtype == "float32":
            return np.asarray(stored, np.float32)
        return np.float32(self.scale) * (stored.astype(np.float32) - np.float32(self.zero_point))


@dataclass(frozen=True, eq=False)
class CProgram:
    """C sources of a model, with what they need of memory.

    Parameters
    ----------
    name : str
        Prefix of the functions `{name}_input`, `{name}_invoke` and `{name}_output`.
    graph : Graph
    kernels, rounding : str
        As passed to `convert`.
    sources : mapping of str to str
        Text by file name; all belong into one folder.
    plan : MemoryPlan
    calls : mapping of int to Call
        The kernel each operator calls, by operator index; operators without cost are missing.
    input, output : Port
    """

    name: str
    graph: Graph
    kernels: str
    rounding: str
    sources: Mapping[str, str]
    plan: MemoryPlan
    calls: Mapping[int, Call]
    input: Port
    output: Port

    @property
    def arena_bytes(self) -> int:
        """RAM for activations and scratch memory."""
        return self.plan.arena_bytes

    @property
    def weight_bytes(self) -> int:
        """Flash for weights, biases and scales; code comes on top."""
        constants = (c for call in self.calls.values() for c in call.constants)
        return sum(
            len(c.values) * _STRUCTURE_BYTES[c.c_type] if c.c_type else c.values.nbytes
            for c in constants
        )

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
        for name, text in self.sources.items():
            if name.startswith(self.name):
                (Path(folder) / name).write_text(text, encoding="utf-8")
        kernels = kernel_files(call.kernel for call in self.calls.values())
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
    """A program as a shared library in this process."""

    def __init__(self, program: CProgram):
        self._program = program
        self._folder = tempfile.TemporaryDirectory(prefix="tinylab-", ignore_cleanup_errors=True)
        sources = program.write_for_build(self._folder.name)
        library = toolchain.build_shared_library(sources, Path(self._folder.name) / program.name)
        library = ctypes.CDLL(str(library))
        self._invoke = getattr(library, f"{program.name}_invoke")
        self._invoke.restype = None
        self._input = self._view(library, "input", program.input)
        self._output = self._view(library, "output", program.output)

    def _view(self, library: ctypes.CDLL, role: str, port: Port) -> np.ndarray:
        function = getattr(library, f"{self._program.name}_{role}")
        function.restype = ctypes.POINTER(_C_ITEMS[port.dtype])
        return np.ctypeslib.as_array(function(), shape=(port.elements,))

    def run(self, x: np.ndarray) -> np.ndarray:
        """Outputs of one or many inputs, one inference after the other.

        Parameters
        ----------
        x : ndarray of int8 (float32 if the model's input is), shape (n, ...) or the input's shape
            As many elements an example as the model's input has.

        Returns
        -------
        ndarray of int8 or float32, shape (n, ...)
            As the model's output without its batch axis.
        """
        rows = []
        for example in self._program.input.checked(x):
            self._input[:] = example
            self._invoke()
            rows.append(self._output.copy())
        return np.stack(rows).reshape(len(rows), *self._program.output.shape[1:])
