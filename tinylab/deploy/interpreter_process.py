"""LiteRT's interpreter, here or as a process of its own, where a damaged program may crash it.

As a process it reads a program and then arrays from its standard input, and writes a line of JSON
or an array for each. It imports nothing of tinylab, so that it starts in a third of a second.
"""

import json
import os
import struct
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

HEADER = struct.Struct("<?Q")  # exact or not, bytes of the program


class ProgramError(ValueError):
    """LiteRT refuses a program; the message is its first line."""


def load(content: bytes, *, exact: bool) -> Interpreter:
    """An interpreter with its tensors; ProgramError if LiteRT refuses the program."""
    kind = OpResolverType.BUILTIN_REF if exact else OpResolverType.BUILTIN
    try:
        interpreter = Interpreter(
            model_content=content, experimental_op_resolver_type=kind, num_threads=1
        )
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ProgramError(_first_line(error)) from error
    return interpreter


def ends(interpreter: Interpreter) -> list[list[dict]]:
    """Name, shape, dtype, scale and zero point of each input and of each output."""
    return [
        [_end(raw) for raw in group]
        for group in (interpreter.get_input_details(), interpreter.get_output_details())
    ]


def run(interpreter: Interpreter, x: np.ndarray) -> np.ndarray:
    """Outputs of examples, one after the other; ProgramError if LiteRT gives up."""
    source = interpreter.get_input_details()[0]["index"]
    result = interpreter.get_output_details()[0]
    outputs = np.empty((len(x), *result["shape"][1:]), result["dtype"])
    try:
        for row, example in enumerate(x):
            interpreter.set_tensor(source, example[None])
            interpreter.invoke()
            outputs[row] = interpreter.get_tensor(result["index"])[0]
    except (ValueError, RuntimeError) as error:
        raise ProgramError(_first_line(error)) from error
    return outputs


def _end(raw: dict) -> dict:
    scale, zero_point = raw["quantization"]
    return {
        "name": raw["name"],
        "shape": [int(size) for size in raw["shape"]],
        "dtype": np.dtype(raw["dtype"]).name,
        "scale": float(scale),
        "zero_point": int(zero_point),
    }


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), "no reason given")


def _serve() -> None:
    """Answer until the other side closes."""
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what LiteRT prints must not get between the answers
    exact, size = HEADER.unpack(source.read(HEADER.size))
    try:
        interpreter = load(source.read(size), exact=exact)
        _say(target, {"ends": ends(interpreter)})
    except ProgramError as error:
        _say(target, {"error": str(error)})
        return
    while line := source.readline():
        try:
            outputs = run(interpreter, read_array(source, json.loads(line)))
        except ProgramError as error:
            _say(target, {"error": str(error)})
        else:
            write_array(target, outputs)


def _say(target, answer: dict) -> None:
    target.write(json.dumps(answer).encode() + b"\n")
    target.flush()


def write_array(target, x: np.ndarray) -> None:
    """A line of JSON with shape and type, then the values."""
    header = {"shape": x.shape, "dtype": x.dtype.name}
    target.write(json.dumps(header).encode() + b"\n" + x.tobytes())
    target.flush()


def read_array(source, header: dict) -> np.ndarray:
    """What `write_array` wrote, after its first line."""
    empty = np.empty(header["shape"], header["dtype"])
    return np.frombuffer(source.read(empty.nbytes), empty.dtype).reshape(empty.shape)


if __name__ == "__main__":
    _serve()
