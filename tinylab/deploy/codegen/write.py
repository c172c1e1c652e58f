"""Writes the C files of a program: the model's interface, steps, weights, and the kernels."""

from dataclasses import dataclass
from types import MappingProxyType

from tinylab.deploy.codegen.c_text import array_definition, comment, initializer
from tinylab.deploy.codegen.call import Call
from tinylab.deploy.codegen.front_end import INDEX as FRONT_END
from tinylab.deploy.codegen.kernel_files import kernel_files
from tinylab.deploy.codegen.program import Port
from tinylab.graph import Graph
from tinylab.graph.memory import MemoryPlan

_C_NAMES = {"int8": "int8_t", "int16": "int16_t", "float32": "float"}
_FREE = "leaves every byte in its place"


@dataclass(frozen=True, eq=False)
class Writer:
    """All that the text depends on; see `CProgram` for the fields."""

    name: str
    graph: Graph
    calls: dict[int, Call]
    memory: MemoryPlan
    input: Port
    output: Port

    def sources(self) -> MappingProxyType:
        """File names, without folders, and their text."""
        sources = {
            f"{self.name}.h": self._header(),
            f"{self.name}.c": self._program(),
            f"{self.name}_weights.h": self._weights(),
        }
        for path in kernel_files(call.kernel for call in self.calls.values()):
            sources[path.name] = path.read_text(encoding="utf-8")
        return MappingProxyType(sources)

    def _ports(self) -> tuple[tuple[str, Port, str], ...]:
        """Role, port and C type of the input and the output."""
        return (
            ("input", self.input, _C_NAMES[self.input.dtype]),
            ("output", self.output, f"const {_C_NAMES[self.output.dtype]}"),
        )

    def _header(self) -> str:
        name, upper = self.name, self.name.upper()
        title = comment(self.graph.name)
        lines = [
            f"/* {title}: write the input, call {name}_invoke(), read the output. */",
            *(f"#ifndef {upper}_H", f"#define {upper}_H", ""),
            *("#include <stdint.h>", ""),
            f"#define {upper}_ARENA_BYTES {self.memory.arena_bytes}",
        ]
        for role, port, c_type in self._ports():
            lines += ["", f"/* {_describe(port)} */"]
            lines.append(f"#define {upper}_{role.upper()}_SIZE {port.elements}")
            lines.append(f"{c_type} *{name}_{role}(void);")
        note = (
            "/* Write the input before each call: its memory may be used again by later layers. */"
        )
        lines += ["", note, f"void {name}_invoke(void);", "", "#endif"]
        return "\n".join(lines) + "\n"

    def _program(self) -> str:
        words = -(-self.memory.arena_bytes // 4)
        headers = sorted({_header_of(call.kernel) for call in self.calls.values()} | {"nn.h"})
        includes = (f"{self.name}.h", *headers, f"{self.name}_weights.h")
        parts = [
            "\n".join(f'#include "{file}"' for file in includes) + "\n",
            "/* All activations. Each lives only as long as it is needed; then another takes its"
            " place. */",
            f"static uint32_t arena[{words}];\n",
            "#define AT(offset) ((int8_t *)arena + (offset))\n",
            self._samples(),
            *(self._parameters(index, call) for index, call in self.calls.items()),
            *(self._accessor(*port) for port in self._ports()),
            self._invoke(),
        ]
        return "\n".join(part for part in parts if part)

    def _samples(self) -> str:
        if FRONT_END not in self.calls:
            return ""
        return f"/* The sound. */\nstatic int16_t samples[{self.input.elements}];\n"

    def _parameters(self, index: int, call: Call) -> str:
        if not call.structure:
            return ""
        fields = ",\n".join(
            f"    .{field} = {initializer(value)}" for field, value in call.parameters.items()
        )
        title = "from sound to features" if index == FRONT_END else self._title(index)
        constant = f"static const {call.structure} {_variable(index)} = {{\n{fields},\n}};\n"
        return f"/* {title} */\n{constant}"

    def _title(self, index: int) -> str:
        op = self.graph.ops[index]
        shapes = (self.graph.tensors[i].shape[1:] for i in (op.inputs[0], op.outputs[0]))
        return comment(f"{index}: {op.kind}, {' -> '.join('x'.join(map(str, s)) for s in shapes)}")

    def _accessor(self, role: str, port: Port, c_type: str) -> str:
        if role == "input" and FRONT_END in self.calls:
            place = "samples"
        else:
            place = f"({c_type} *)(void *)AT({self.memory.offset_of(port.tensor)})"
        return f"{c_type} *{self.name}_{role}(void)\n{{\n    return {place};\n}}\n"

    def _invoke(self) -> str:
        lines = [f"void {self.name}_invoke(void)", "{"]
        if FRONT_END in self.calls:
            lines.append(f"    {self._call(FRONT_END)}")
        for index, op in enumerate(self.graph.ops):
            free = f"/* {index}: {comment(op.kind)} {_FREE} */"
            lines.append(f"    {self._call(index) if index in self.calls else free}")
        return "\n".join([*lines, "}"]) + "\n"

    def _call(self, index: int) -> str:
        call = self.calls[index]
        arguments = [f"&{_variable(index)}" if call.structure else str(call.parameters["size"])]
        if index == FRONT_END:
            arguments.append("samples")
        for tensor in (*call.inputs, call.output):
            cast = "(float *)(void *)" if self.graph.tensors[tensor].dtype == "float32" else ""
            arguments.append(f"{cast}AT({self.memory.offset_of(tensor)})")
        scratch = self.memory.scratch_offset_of(index)
        if scratch is not None:
            arguments.append(f"(int16_t *)(void *)AT({scratch})")
        return f"{call.function}({', '.join(arguments)});"

    def _weights(self) -> str:
        upper = self.name.upper()
        arrays = [
            array_definition(constant.name, constant.values, c_type=constant.c_type)
            for call in self.calls.values()
            for constant in call.constants
        ]
        guard = f"#ifndef {upper}_WEIGHTS_H\n#define {upper}_WEIGHTS_H\n"
        title = "/* Weights and scales, all in flash. */"
        return "\n".join([title, guard, *arrays, "#endif"]) + "\n"


def _header_of(kernel: str) -> str:
    """The header that declares a kernel."""
    if kernel.startswith("dsp/"):
        return "nn_dsp.h"
    return "mfcc.h" if kernel.startswith("front_end/") else "nn.h"


def _variable(index: int) -> str:
    return "front_end" if index == FRONT_END else f"op_{index}"


def _describe(port: Port) -> str:
    shape = " x ".join(map(str, port.shape))
    if port.dtype == "float32":
        return f"{shape} float"
    if port.dtype == "int16":
        return f"{port.elements} samples of sound"
    return f"{shape} int8, real = {port.scale:.9g} * (stored - {port.zero_point})"
