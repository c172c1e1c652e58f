"""The grader's side of a grading process: start it, give it tasks, notice when it is gone.

In: tasks and notebooks. Out: records. The same `Slot` runs in a thread of `tinylab grade --jobs N`
and in a worker of a cluster; a slot whose process fails is started again for the next task.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import tinylab
from tinylab.grading.intake.parse import digest
from tinylab.grading.one.task import GradingTask
from tinylab.grading.records.entries import HandInRecord, read_entry
from tinylab.grading.rules.assignment import released_text
from tinylab.grading.rules.result import Assignment
from tinylab.grading.sandbox.own_time import STRETCH
from tinylab.grading.whole_class.worker import GRACE_S, failed_record, read_message, write_message

__all__ = ["Slot"]

PROGRAM = ("-m", "tinylab.grading.whole_class.worker")
START_S = 120.0  # in which a grading process must have imported everything
ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")
QUIET = {
    "OPENBLAS_NUM_THREADS": "1",  # threads do not survive a fork
    "OMP_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


class Slot:
    """A grading process that takes one task at a time.

    Parameters
    ----------
    assignments : mapping of str to Assignment
        All notebooks of the course.
    hidden_points : str
        The text of the teacher's own points.
    program : sequence of str
        What Python runs as the grading process.

    Notes
    -----
    The process gets no secret: no environment but a few names, no key, and for each task only the
    seeds of that handin.
    """

    def __init__(
        self,
        assignments: Mapping[str, Assignment],
        hidden_points: str = "",
        program: Sequence[str] = PROGRAM,
    ):
        self._assignments, self._program = assignments, tuple(program)
        self._hidden_points = hidden_points
        self._process: subprocess.Popen | None = None
        self._scratch: tempfile.TemporaryDirectory | None = None

    def __enter__(self) -> "Slot":
        return self

    def __exit__(self, *_error) -> None:
        self.close()

    def grade(self, task: GradingTask, data: bytes) -> HandInRecord:
        """The record of a hand-in; never raises for what a hand-in does."""
        try:
            self._start()
            write_message(self._process.stdin, task.to_json(), data)
            reply = self._reply(STRETCH * task.limits.notebook_s + 3 * GRACE_S)
        except (OSError, ValueError) as error:
            reply, fault = None, f"{type(error).__name__}: {error}"
        else:
            fault = "the grading process ended or did not answer"
        if reply is not None:
            return read_entry(reply)
        self.close()
        return failed_record(task, digest(data), None, fault)

    def close(self) -> None:
        """End the process and whatever is left of its tasks."""
        if self._process is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
            with contextlib.suppress(ProcessLookupError, PermissionError, AttributeError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process.stdout.close()
            self._process = None
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def _start(self) -> None:
        """Start the process unless it runs."""
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        self._scratch = tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            [sys.executable, *self._program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env=_environment(),
        )
        text = released_text(self._assignments)
        head = {"scratch": self._scratch.name, "hidden_points": self._hidden_points}
        write_message(self._process.stdin, head, text.encode("utf-8"))
        if self._reply(START_S) is None:
            raise OSError("the grading process did not start")

    def _reply(self, seconds: float) -> dict | None:
        """The next message of the process; None if none comes in time."""
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        message = read_message(self._process.stdout) if ready else None
        return message[0] if message else None


def _environment() -> dict[str, str]:
    """The environment of a grading process: a few names, and the very package that runs here."""
    own = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    return {**own, **QUIET, "PYTHONPATH": str(Path(tinylab.__file__).parents[1])}
