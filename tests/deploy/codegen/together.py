"""Many small programs in one build: starting the compiler takes longer than compiling one of them.

Each keeps its own memory; what they share are the kernels and the linker's work.
"""

import ctypes
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import numpy as np

from tinylab.deploy import toolchain
from tinylab.deploy.codegen.port import arrays, joined
from tinylab.deploy.codegen.program import CProgram, NativeProgram
from tinylab.deploy.emulator.emulation import build
from tinylab.deploy.emulator.machine import Machine


class Together:
    """Programs of one input, one output and different names, on this computer and on the M4."""

    def __init__(self, programs: Iterable[CProgram], folder: Path):
        self._programs, self._folder = list(programs), folder

    def on_this_computer(self, program: CProgram, x: np.ndarray) -> np.ndarray:
        return NativeProgram(program, self._library).run(x)

    def on_the_chip(self, program: CProgram, x: np.ndarray) -> np.ndarray:
        """The same on the emulated Cortex-M4."""
        read, write = (self._machine.call(program.accessor(role)) for role in ("output", "input"))
        size = program.output.elements * np.dtype(program.output.dtype).itemsize
        rows = []
        for (example,) in zip(*arrays(x, program.inputs), strict=True):
            self._machine.write(write, example.tobytes())
            self._machine.call(f"{program.name}_invoke")
            rows.append(np.frombuffer(self._machine.read(read, size), program.output.dtype))
        return joined([rows], program.outputs)

    @cached_property
    def _library(self) -> ctypes.CDLL:
        path = toolchain.build_shared_library(self._write(self._folder), self._folder / "together")
        return ctypes.CDLL(str(path))

    @cached_property
    def _machine(self) -> Machine:
        functions = [
            function
            for program in self._programs
            for function in (
                f"{program.name}_invoke",
                program.accessor("input"),
                program.accessor("output"),
            )
        ]
        return Machine(build(self._write, functions))

    def _write(self, folder: Path) -> list[Path]:
        """The C files of all programs, each kernel once."""
        written = (path for program in self._programs for path in program.write_for_build(folder))
        return list(dict.fromkeys(written))
