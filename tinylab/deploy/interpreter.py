"""Where a LiteRT program runs: here if it was made here, else in a process of its own.

In: the content of a `.tflite` program. Out: an object with `ends` and `run`. A damaged program can
crash LiteRT; in a notebook that would end the kernel, with all that the student has computed.
"""

import contextlib
import hashlib
import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np

from tinylab.deploy import interpreter_process
from tinylab.deploy.interpreter_process import (
    HEADER,
    ProgramError,
    read_array,
    write_array,
)

_made_here: set[bytes] = set()
_LOAD_LIMIT_S = 60


def made_here(content: bytes) -> bytes:
    """Remember that a program came from the converter in this process; returns it."""
    _made_here.add(hashlib.sha256(content).digest())
    return content


def start(content: bytes, *, exact: bool) -> "Here | Apart":
    """An interpreter of a program.

    Raises
    ------
    ProgramError
        A ValueError: LiteRT refuses the program, or crashes on it.
    """
    if hashlib.sha256(content).digest() in _made_here:
        return Here(content, exact)
    return Apart(content, exact)


class Here:
    """An interpreter in this process."""

    def __init__(self, content: bytes, exact: bool):
        self._interpreter = interpreter_process.load(content, exact=exact)
        self.ends = interpreter_process.ends(self._interpreter)

    def run(self, x: np.ndarray) -> np.ndarray:
        """Outputs of examples, shape (n, ...)."""
        return interpreter_process.run(self._interpreter, x)


class Apart:
    """An interpreter in a process of its own, which ends with this object."""

    def __init__(self, content: bytes, exact: bool):
        self._process = subprocess.Popen(
            [sys.executable, str(Path(interpreter_process.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        with self._time_limit():
            self._send(lambda pipe: pipe.write(HEADER.pack(exact, len(content)) + content))
            self.ends = self._answer()["ends"]

    def run(self, x: np.ndarray) -> np.ndarray:
        """Outputs of examples, shape (n, ...)."""
        self._send(lambda pipe: write_array(pipe, x))
        return read_array(self._process.stdout, self._answer())

    def _send(self, write) -> None:
        try:
            write(self._process.stdin)
            self._process.stdin.flush()
        except OSError as error:  # the other side is gone
            raise self._ended() from error

    def _answer(self) -> dict:
        line = self._process.stdout.readline()
        if not line:
            raise self._ended()
        answer = json.loads(line)
        if "error" in answer:
            raise ProgramError(answer["error"])
        return answer

    def _ended(self) -> ProgramError:
        code = self._process.wait()
        return ProgramError(f"it crashed LiteRT, which ended with code {code}")

    @contextlib.contextmanager
    def _time_limit(self):
        """Loading takes moments; what takes a minute does not come to an end."""
        timer = threading.Timer(_LOAD_LIMIT_S, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def __del__(self):
        process = getattr(self, "_process", None)
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout) if process else ():
            with contextlib.suppress(OSError):
                pipe.close()
