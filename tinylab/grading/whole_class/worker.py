"""A grading process: preloaded once, then one forked child with its own process group a handin.

In, on stdin: messages, the first with the assignments, each later one with a task and a notebook's
bytes. Out, on stdout: one message with a record for each task. The parent of the children runs no
code of a student's; it waits, stops what takes too long, and clears up after every child.
"""

import contextlib
import ctypes
import dataclasses
import gc
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from typing import BinaryIO

from tinylab.grading.intake.parse import digest
from tinylab.grading.one.task import GradingTask, grade_handin, nothing_earned
from tinylab.grading.records.entries import HandInRecord, read_entry, written
from tinylab.grading.rules.assignment import from_json
from tinylab.grading.rules.hidden_points import add_points
from tinylab.grading.sandbox.own_time import STRETCH, OwnTime

__all__ = ["failed_record", "main", "read_message", "serve", "write_message"]

GRACE_S = 4.0  # beyond the notebook's own limit, within which a child should have stopped itself
REPLY_BYTES = 16_000_000
PR_SET_PDEATHSIG = 1


def write_message(stream: BinaryIO, header: dict, data: bytes = b"") -> None:
    """Write a message: length of the header, length of the data, header as JSON, data."""
    text = json.dumps(header).encode("ascii")
    stream.write(len(text).to_bytes(8, "big") + len(data).to_bytes(8, "big") + text + data)
    stream.flush()


def read_message(stream: BinaryIO) -> tuple[dict, bytes] | None:
    """The next message, or None at the end of the stream."""
    lengths = stream.read(16)
    if len(lengths) < 16:
        return None
    text = stream.read(int.from_bytes(lengths[:8], "big"))
    data = stream.read(int.from_bytes(lengths[8:], "big"))
    return json.loads(text), data


def serve(tasks: BinaryIO, records: BinaryIO) -> None:
    """Answer every task on `tasks` with a record on `records`, until the end of `tasks`."""
    first = read_message(tasks)
    if first is None:
        return
    assignments = {plain["name"]: from_json(plain) for plain in json.loads(first[1])}
    scratch = first[0]["scratch"]
    _preload(first[0].get("hidden_points", ""))
    gc.collect()
    gc.freeze()  # else every child looks through all of this, and copies it
    write_message(records, {"ready": True})
    while (message := read_message(tasks)) is not None:
        task = GradingTask.from_json(message[0])
        record = _run(task, message[1], assignments, scratch, tasks)
        with contextlib.suppress(BrokenPipeError):  # the grader was killed, and asks no more
            write_message(records, written(record))
    shutil.rmtree(scratch, ignore_errors=True)  # for a grader that was killed


def _preload(hidden_points: str) -> None:
    """Import what children need, once, with the teacher's own points."""
    import scipy.ndimage
    import scipy.special  # noqa: F401 - judges use both

    from tinylab.course.exercises import all_exercises
    from tinylab.grading.one import verdict

    all_exercises()
    add_points(hidden_points)
    getattr(verdict, "preload", lambda: None)()


def _run(
    task: GradingTask, data: bytes, assignments: dict, scratch: str, tasks: BinaryIO
) -> HandInRecord:
    """The record of one hand-in, graded in a child of its own."""
    folder = tempfile.mkdtemp(prefix="task-", dir=scratch)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(task, data, assignments, folder, writing)
    os.close(writing)
    try:
        lines, late = _collect(reading, child, task.limits.notebook_s + GRACE_S, tasks)
    finally:
        os.close(reading)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        log = _tail(os.path.join(folder, "log"))
        shutil.rmtree(folder, ignore_errors=True)
    return _record(task, data, assignments, lines, late, f"status {status}. {log}")


def _child(task: GradingTask, data: bytes, assignments: dict, folder: str, writing: int) -> None:
    """Grade in this process and write what came of it; never returns."""
    code = 1
    try:
        os.setsid()
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        log = os.open(os.path.join(folder, "log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        with open(writing, "wb") as answer:
            _answer(
                answer, lambda name: _line(answer, {"assignment": name}), task, data, assignments
            )
        code = 0
    finally:
        os._exit(code)  # no handlers of the parent's, no flushing of its streams


def _answer(answer: BinaryIO, announce, task: GradingTask, data: bytes, assignments: dict) -> None:
    """Write the record, or the traceback of a fault of the grader's own."""
    try:
        record = grade_handin(task, data, assignments, announce)
        _line(answer, {"record": written(record)})
    except Exception:  # a fault of the grader must cost neither the batch nor the other students
        _line(answer, {"fault": traceback.format_exc()[-4000:]})


def _line(answer: BinaryIO, plain: dict) -> None:
    answer.write(json.dumps(plain).encode("ascii") + b"\n")
    answer.flush()


def _collect(
    reading: int, child: int, seconds: float, tasks: BinaryIO
) -> tuple[list[dict], str | None]:
    """What the child wrote, until it is done, its time is over or nobody wants the answer.

    Also why it was stopped: "timeout", or "ungraded" where it never came to run.
    """
    clock, look_at, received = OwnTime(child), time.monotonic() + seconds, b""
    while True:
        ready, _, _ = select.select([reading, tasks], [], [], max(0.0, look_at - time.monotonic()))
        if reading in ready:
            piece = os.read(reading, 1 << 16)
            received += piece
            if not piece or len(received) > REPLY_BYTES:
                return _lines(received), None
        elif tasks in ready:  # nothing is sent while a task runs: the grader is gone
            return [], None
        if time.monotonic() >= look_at:
            left = seconds - clock.seconds()
            if left <= 0:
                return _lines(received), "timeout"
            if clock.wall > STRETCH * seconds:
                return _lines(received), "ungraded"
            look_at = time.monotonic() + max(left, 0.2)


def _lines(received: bytes) -> list[dict]:
    return [json.loads(line) for line in received.split(b"\n")[:-1]]


def _record(
    task: GradingTask,
    data: bytes,
    assignments: dict,
    lines: list[dict],
    stopped: str | None,
    log: str,
) -> HandInRecord:
    """The child's record, or one that says why there is none."""
    said: dict = {}
    for line in lines:
        said |= line
    if "record" in said:
        return read_entry(said["record"])
    assignment, sha256 = assignments.get(said.get("assignment")), digest(data)
    if stopped == "timeout":
        sentence = "the notebook ran longer than is allowed and was stopped."
        return nothing_earned(task, sha256, assignment, "timeout", sentence)
    if stopped == "ungraded":
        sentence = "this machine was too busy to grade it; it will be graded again."
        return nothing_earned(task, sha256, assignment, "ungraded", sentence)
    return failed_record(task, sha256, assignment, said.get("fault", log))


def failed_record(task: GradingTask, sha256: str, assignment, fault: str) -> HandInRecord:
    """The record of a hand-in that the grader itself failed on."""
    sentence = "the notebook could not be graded; your teacher knows of it."
    record = nothing_earned(task, sha256, assignment, "needs_review", sentence)
    return dataclasses.replace(record, fault=fault)


def _tail(path: str) -> str:
    with contextlib.suppress(OSError), open(path, "rb") as log:
        log.seek(max(0, os.fstat(log.fileno()).st_size - 2000))
        return log.read().decode("utf-8", "replace")
    return ""


def main() -> None:
    """Serve on this process's stdin and stdout."""
    private = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up between the messages
    serve(sys.stdin.buffer, private)


if __name__ == "__main__":
    main()
