"""Writes a folder that a firmware project can take in, whatever builds it.

In: a `CProgram` and a few examples. Out: C sources, a self-test, a timer, and the files that CMake,
Arduino, PlatformIO, Zephyr and ESP-IDF look for.
"""

from pathlib import Path

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from tinylab.deploy.codegen import CProgram, Port
from tinylab.deploy.codegen.c_text import C_TYPES, array_definition, comment
from tinylab.deploy.codegen.port import arrays
from tinylab.files import replacing

_TEMPLATES = {
    "CMakeLists.txt": "CMakeLists.txt.j2",
    "test/main.c": "test_main.c.j2",
    "timer/main.c": "timer_main.c.j2",
    "examples/{name}/{name}.ino": "sketch.ino.j2",
    "library.properties": "library.properties.j2",
    "library.json": "library.json.j2",
    "zephyr/module.yml": "module.yml.j2",
    "zephyr/CMakeLists.txt": "zephyr_CMakeLists.txt.j2",
    "README.md": "README.md.j2",
}


def export(program: CProgram, folder: str | Path, examples: np.ndarray) -> list[Path]:
    """Write a ready-to-build folder.

    Parameters
    ----------
    program : CProgram
    folder : path
        Made if need be; files of the same names are replaced.
    examples : ndarray of the input's type, shape (n, ...)
        Inputs of the self-test, a tuple of arrays if there are several inputs. A handful is enough,
        for they end up in flash. The expected outputs are computed here, by the same C code.

    Returns
    -------
    list of Path
        `src/` with the program, `test/` with a self-test, `timer/`, and the files of the build
        systems.
    """
    folder = Path(folder)
    inputs = arrays(examples, program.inputs)
    answer = program.native.run(tuple(inputs))
    outputs = list(answer) if isinstance(answer, tuple) else [answer]
    paths = program.write(folder / "src")
    texts = {"test/test_vectors.h": _vectors(program, inputs, outputs)}
    values = _values(program, len(inputs[0]))
    for name, template in _TEMPLATES.items():
        text = template_environment().get_template(template).render(values)
        texts[name.format(name=program.name)] = text + "\n"
    for name, text in texts.items():
        with replacing(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
        paths.append(folder / name)
    return paths


def template_environment() -> Environment:
    """Where the texts come from; a name that is missing in one is an error."""
    loader = PackageLoader("tinylab.deploy.export", "templates")
    return Environment(loader=loader, undefined=StrictUndefined, autoescape=False)


def _values(program: CProgram, examples: int) -> dict:
    """What the templates may name."""
    ports = (*program.inputs, *program.outputs)
    needs = "None: no libc, no malloc, no floating point."
    if any(port.dtype == "float32" for port in ports):
        needs = "Floating point at the ends of the model; else none: no libc, no malloc."
    return {
        "name": program.name,
        "upper": program.name.upper(),
        "title": comment(program.graph.name).replace('"', "'"),
        "kernels": program.kernels,
        "rounding": program.rounding,
        "sources": [name for name in program.sources if name.endswith(".c")],
        "arena_bytes": program.arena_bytes,
        "weight_bytes": program.weight_bytes,
        "state": program.state_bytes,
        "needs": needs,
        "examples": examples,
        "inputs": _ports(program, "input", program.inputs),
        "outputs": _ports(program, "output", program.outputs),
    }


def _ports(program: CProgram, role: str, ports: tuple[Port, ...]) -> list[dict]:
    return [
        {
            "role": _role(role, number, ports),
            "function": program.accessor(role, number),
            "c_type": C_TYPES[port.dtype],
            "size": port.elements,
            "text": _text(port),
        }
        for number, port in enumerate(ports)
    ]


def _role(role: str, number: int, ports: tuple[Port, ...]) -> str:
    return f"{role}_{number}" if len(ports) > 1 else role


def _text(port: Port) -> str:
    shape = " x ".join(map(str, port.shape))
    if port.dtype == "float32" or port.tensor < 0:
        return f"{shape} {port.dtype}"
    return f"{shape} {port.dtype}, real = {port.scale:.9g} * (stored - {port.zero_point})"


def _vectors(program: CProgram, inputs: list[np.ndarray], outputs: list[np.ndarray]) -> str:
    parts = []
    for role, ports, columns in (
        ("input", program.inputs, inputs),
        ("output", program.outputs, outputs),
    ):
        for number, (port, values) in enumerate(zip(ports, columns, strict=True)):
            name = f"test_{_role(role, number, ports)}"
            parts.append(array_definition(name, values.astype(port.dtype).ravel()))
    head = "/* Inputs and the outputs they must give, one example after the other. */\n"
    count = f"#define TEST_EXAMPLES {len(inputs[0])}\n\n"
    return f"{head}#include <stdint.h>\n\n{count}" + "\n".join(parts)
