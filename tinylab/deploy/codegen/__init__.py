"""Turns a model into C99 that runs on a microcontroller without any library.

In: a `Graph` or a `.tflite` file. Out: a `CProgram`, the C sources with their memory plan, which
can be written to a folder, run on this computer, or handed to the emulator.
"""

from tinylab.deploy.codegen.conversion import convert
from tinylab.deploy.codegen.port import Port
from tinylab.deploy.codegen.program import CProgram, NativeProgram

__all__ = ["CProgram", "NativeProgram", "Port", "convert"]
