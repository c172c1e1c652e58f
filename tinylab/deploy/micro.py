"""TensorFlow Lite Micro: runs a model as a microcontroller would, and measures its arena.

In: a `.tflite` model and its inputs. Out: a `MicroRun` with the outputs and the bytes of RAM. The
interpreter is C++ and ends the process on a model it dislikes, so it runs in a process of its own.
"""

import importlib.util
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinylab.deploy.toolchain import run_tool
from tinylab.graph import read_tflite

_INSTALL = (
    "the tflite-micro wheel is missing (it exists for Linux on x86-64 only): "
    "pip install tflite-micro==0.dev20261023182759"
)
_WORKER = """
import sys
import numpy as np
from tflite_micro.python.tflite_micro import runtime
model, inputs, outputs = sys.argv[1:]
interpreter = runtime.Interpreter.from_file(model)
rows = []
for x in np.load(inputs):
    interpreter.set_input(x, 0)
    interpreter.invoke()
    rows.append(interpreter.get_output(0).copy())
interpreter.print_allocations()
np.save(outputs, np.concatenate(rows))
"""


@dataclass(frozen=True, eq=False)
class MicroRun:
    """What TensorFlow Lite Micro answered and needed.

    Parameters
    ----------
    outputs : ndarray of the model's output type, shape (n, ...)
    arena_bytes : int
        All of its arena: `activation_bytes` and `persistent_bytes`.
    activation_bytes : int
        Tensors and scratch memory, which the memory planner lays out.
    persistent_bytes : int
        The interpreter's own records. They are measured on a 64-bit computer; on a 32-bit
        microcontroller, where pointers are half as long, they take less.
    """

    outputs: np.ndarray
    arena_bytes: int
    activation_bytes: int
    persistent_bytes: int


def run(model: str | Path | bytes, x: np.ndarray) -> MicroRun:
    """Run a model in TensorFlow Lite Micro.

    Parameters
    ----------
    model : path or bytes
        A `.tflite` model with one input and one output.
    x : ndarray, shape (n, ...)
        Examples in the model's input type.

    Returns
    -------
    MicroRun

    Raises
    ------
    RuntimeError
        The wheel is missing, or the interpreter refuses the model.
    TypeError, ValueError
        The examples do not fit the model.
    """
    if importlib.util.find_spec("tflite_micro") is None:
        raise RuntimeError(_INSTALL)
    content = model if isinstance(model, bytes) else Path(model).read_bytes()
    examples = _examples(content, np.asarray(x))
    with tempfile.TemporaryDirectory(prefix="tinylab-") as folder:
        paths = [Path(folder) / name for name in ("model.tflite", "inputs.npy", "outputs.npy")]
        paths[0].write_bytes(content)
        np.save(paths[1], examples)
        log = _call([sys.executable, "-c", _WORKER, *map(str, paths)])
        outputs = np.load(paths[2])
    total, head, tail = (_logged_bytes(log, part) for part in ("total", "head", "tail"))
    return MicroRun(outputs, total, head, tail)


def _examples(content: bytes, x: np.ndarray) -> np.ndarray:
    graph = read_tflite(content)
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise ValueError(f"{graph.name} must have one input and one output")
    tensor = graph.tensors[graph.inputs[0]]
    if x.dtype != tensor.dtype:
        raise TypeError(f"the input must be {tensor.dtype}, not {x.dtype}")
    if x.size == 0 or x.size % max(tensor.elements, 1):
        raise ValueError(f"an example has {tensor.elements} elements; got an array of {x.shape}")
    return x.reshape(-1, *tensor.shape)


def _call(command: list[str]) -> str:
    done = run_tool(command, "TensorFlow Lite Micro")
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        reason = lines[-1].strip() if lines else f"it ended with code {done.returncode}"
        raise RuntimeError(f"TensorFlow Lite Micro cannot run this model: {reason}")
    return done.stderr


def _logged_bytes(log: str, part: str) -> int:
    match = re.search(rf"Arena allocation {part} (\d+) bytes", log)
    if match is None:
        raise RuntimeError(
            "TensorFlow Lite Micro reported no arena; the wheel's version is not known"
        )
    return int(match[1])
