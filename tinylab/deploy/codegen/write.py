"""Writes the C files of a program: the model's interface, steps, weights, and the kernels."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tinylab.deploy.codegen.c_text import C_TYPES, array_definition, comment, initializer
from tinylab.deploy.codegen.front_end import INDEX as FRONT_END
from tinylab.deploy.codegen.kernel_files import kernel_files
from tinylab.deploy.codegen.port import Port
from tinylab.deploy.codegen.state import StateLayout
from tinylab.graph import Graph
from tinylab.graph.lowering import Call
from tinylab.graph.memory import MemoryPlan

_FREE = "leaves every byte in its place"


@dataclass(frozen=True, eq=False)
class Writer:
    """All that the text depends on; see `CProgram` for the fields."""

    name: str
    graph: Graph
    calls: dict[int, tuple[Call, ...]]
    memory: MemoryPlan
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]

    @property
    def state(self) -> StateLayout:
        return StateLayout.of(self.graph)

    def _all_calls(self) -> list[Call]:
        return [call for calls in self.calls.values() for call in calls]

    def sources(self) -> MappingProxyType:
        """File names, without folders, and their text."""
        sources = {
            f"{self.name}.h": self._header(),
            f"{self.name}.c": self._program(),
            f"{self.name}_weights.h": self._weights(),
        }
        for path in kernel_files(call.kernel for call in self._all_calls()):
            sources[path.name] = path.read_text(encoding="utf-8")
        return MappingProxyType(sources)

    def _ports(self) -> list[tuple[str, Port, str]]:
        """Role (with its number if there are several), port and C type of inputs and outputs."""
        rows = []
        for role, ports, qualifier in (
            ("input", self.inputs, ""),
            ("output", self.outputs, "const "),
        ):
            for number, port in enumerate(ports):
                name = f"{role}_{number}" if len(ports) > 1 else role
                rows.append((name, port, f"{qualifier}{C_TYPES[port.dtype]}"))
        return rows

    def _header(self) -> str:
        name, upper = self.name, self.name.upper()
        title = comment(self.graph.name)
        lines = [
            f"/* {title}: write the input, call {name}_invoke(), read the output. */",
            *(f"#ifndef {upper}_H", f"#define {upper}_H", ""),
            *("#include <stdint.h>", "", "#ifdef __cplusplus", 'extern "C" {', "#endif", ""),
            f"#define {upper}_ARENA_BYTES {self.memory.arena_bytes}",
        ]
        for role, port, c_type in self._ports():
            lines += ["", f"/* {_describe(port)} */"]
            lines.append(f"#define {upper}_{role.upper()}_SIZE {port.elements}")
            lines.append(f"{c_type} *{name}_{role}(void);")
        note = (
            "/* Write the input before each call: its memory may be used again by later layers. */"
        )
        lines += ["", note, f"void {name}_invoke(void);"]
        if self.graph.state_bytes:
            size = f"#define {upper}_STATE_BYTES {self.graph.state_bytes}"
            lines += ["", "/* Forgets the stream: call it before a new one begins. */", size]
            lines.append(f"void {name}_reset(void);")
        lines += ["", "#ifdef __cplusplus", "}", "#endif", "", "#endif"]
        return "\n".join(lines) + "\n"

    def _program(self) -> str:
        words = -(-self.memory.arena_bytes // 4)
        headers = sorted({_header_of(call.kernel) for call in self._all_calls()} | {"nn.h"})
        includes = (f"{self.name}.h", *headers, f"{self.name}_weights.h")
        parts = [
            "\n".join(f'#include "{file}"' for file in includes) + "\n",
            "/* All activations. Each lives only as long as it is needed; then another takes its"
            " place. */",
            f"static uint32_t arena[{words}];\n",
            "#define AT(offset) ((int8_t *)arena + (offset))\n",
            self.state.definition(),
            self._samples(),
            *(self._parameters(index, calls) for index, calls in self.calls.items()),
            *(self._accessor(*port) for port in self._ports()),
            self.state.reset_function(self.name),
            self._invoke(),
        ]
        return "\n".join(part for part in parts if part)

    def _samples(self) -> str:
        if FRONT_END not in self.calls:
            return ""
        return f"/* The sound. */\nstatic int16_t samples[{self.inputs[0].elements}];\n"

    def _parameters(self, index: int, calls: tuple[Call, ...]) -> str:
        title = "from sound to features" if index == FRONT_END else self._title(index)
        parts = [f"/* {title} */"]
        for number, call in enumerate(calls):
            fields = ",\n".join(
                f"    .{field} = {initializer(value)}" for field, value in call.parameters.items()
            )
            name = _variable(index, number, calls)
            parts.append(f"static const {call.structure} {name} = {{\n{fields},\n}};")
        return "\n".join(parts) + "\n"

    def _title(self, index: int) -> str:
        op = self.graph.ops[index]
        ends = [i for i in (*op.inputs[:1], *op.outputs[:1]) if i >= 0]
        shapes = (self.graph.tensors[i].shape[1:] for i in ends)
        return comment(f"{index}: {op.kind}, {' -> '.join('x'.join(map(str, s)) for s in shapes)}")

    def _accessor(self, role: str, port: Port, c_type: str) -> str:
        address = f"({c_type} *)(void *)AT({self._offset(port.tensor)})"
        if port.tensor < 0:
            address = "samples"
        return f"{c_type} *{self.name}_{role}(void)\n{{\n    return {address};\n}}\n"

    def _offset(self, tensor: int) -> int:
        return self.memory.offset_of(tensor) if tensor >= 0 else 0

    def _invoke(self) -> str:
        lines = [f"void {self.name}_invoke(void)", "{"]
        steps = [FRONT_END] * (FRONT_END in self.calls) + list(range(len(self.graph.ops)))
        for index in steps:
            calls = self.calls.get(index, ())
            lines += [f"    {self._call(index, number)}" for number in range(len(calls))]
            if not calls:
                lines.append(f"    /* {index}: {comment(self.graph.ops[index].kind)} {_FREE} */")
        return "\n".join([*lines, "}"]) + "\n"

    def _call(self, index: int, number: int) -> str:
        calls = self.calls[index]
        call = calls[number]
        arguments = [f"&{_variable(index, number, calls)}"]
        if index == FRONT_END:
            arguments.append("samples")
        arguments += [self._address(tensor) for tensor in (*call.inputs, call.output)]
        if call.finds_scratch:
            arguments.append("0")
        elif call.scratch_bytes:
            offset = self.memory.scratch_offset_of(index)
            arguments.append(f"(int16_t *)(void *)AT({offset})")
        return f"{call.function}({', '.join(arguments)});"

    def _address(self, index: int) -> str:
        """Where a tensor lives: in flash, in the state, or in the arena."""
        tensor = self.graph.tensors[index]
        if tensor.is_constant:
            return f"constant_{index}"
        offset = self.state.offset_of(self.graph, index)
        memory = f"AT({self.memory.offset_of(index)})" if offset is None else f"STATE({offset})"
        if tensor.dtype in ("int8", "uint8", "resource"):
            return memory
        return f"({C_TYPES[tensor.dtype]} *)(void *){memory}"

    def _weights(self) -> str:
        upper = self.name.upper()
        arrays = [
            array_definition(constant.name, constant.values, c_type=constant.c_type)
            for call in self._all_calls()
            for constant in call.constants
        ]
        read = sorted({index for call in self._all_calls() for index in call.inputs})
        for index in read:
            tensor = self.graph.tensors[index]
            if tensor.is_constant:
                stored = "int8" if tensor.dtype == "uint8" else tensor.dtype
                values = np.ascontiguousarray(tensor.data).view(stored).ravel()
                arrays.append(array_definition(f"constant_{index}", values))
        guard = f"#ifndef {upper}_WEIGHTS_H\n#define {upper}_WEIGHTS_H\n"
        title = "/* Weights and scales, all in flash. */"
        return "\n".join([title, guard, *arrays, "#endif"]) + "\n"


def _header_of(kernel: str) -> str:
    """The header that declares a kernel."""
    folder = kernel.rpartition("/")[0]
    headers = {"": "nn.h", "front_end": "mfcc.h"}
    return headers.get(folder, f"nn_{folder}.h")


def _variable(index: int, number: int, calls: tuple[Call, ...]) -> str:
    name = "front_end" if index == FRONT_END else f"op_{index}"
    return f"{name}_{number}" if len(calls) > 1 else name


def _describe(port: Port) -> str:
    shape = " x ".join(map(str, port.shape))
    if port.dtype == "float32":
        return f"{shape} float"
    if port.tensor < 0:
        return f"{port.elements} samples of sound"
    return f"{shape} {port.dtype}, real = {port.scale:.9g} * (stored - {port.zero_point})"
