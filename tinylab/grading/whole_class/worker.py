"""A grading process: preloaded once, then one forked child with its own process group a submission.

In, on stdin: messages, the first with the assignments, each later one with a job and a notebook's
bytes. Out, on stdout: one message with a record for each job. The parent of the children runs no
code of a student's; it waits, stops what takes too long, and clears up after every child.
"""

import contextlib
import ctypes
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
from tinylab.grading.one.submission import Job, grade_submission, nothing_earned
from tinylab.grading.rules.assignment import from_json

__all__ = ["FAULT", "main", "read_message", "serve", "write_message"]

FAULT = "grader_fault"
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


def serve(jobs: BinaryIO, records: BinaryIO) -> None:
    """Answer every job on `jobs` with a record on `records`, until the end of `jobs`."""
    first = read_message(jobs)
    if first is None:
        return
    plain_assignments = json.loads(first[1])
    assignments = {plain["name"]: from_json(plain) for plain in plain_assignments}
    scratch = first[0]["scratch"]
    _preload()
    write_message(records, {"ready": True})
    while (message := read_message(jobs)) is not None:
        job = Job.from_json(message[0])
        record = _run(job, message[1], assignments, scratch, jobs)
        with contextlib.suppress(BrokenPipeError):  # the grader was killed, and asks no more
            write_message(records, record)
    shutil.rmtree(scratch, ignore_errors=True)  # for a grader that was killed


def _preload() -> None:
    """Import what every child needs, once."""
    from tinylab.course.exercises import all_exercises
    from tinylab.grading.one import verdict as grade_one

    all_exercises()
    getattr(grade_one, "preload", lambda: None)()


def _run(job: Job, data: bytes, assignments: dict, scratch: str, jobs: BinaryIO) -> dict:
    """The record of one submission, graded in a child of its own."""
    folder = tempfile.mkdtemp(prefix="job-", dir=scratch)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(job, data, assignments, folder, writing)
    os.close(writing)
    try:
        lines, late = _collect(reading, job.limits.notebook_s + GRACE_S, jobs)
    finally:
        os.close(reading)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        log = _tail(os.path.join(folder, "log"))
        shutil.rmtree(folder, ignore_errors=True)
    return _record(job, data, assignments, lines, late, f"status {status}. {log}")


def _child(job: Job, data: bytes, assignments: dict, folder: str, writing: int) -> None:
    """Grade in this process and write what was found; never returns."""
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
                answer, lambda name: _line(answer, {"assignment": name}), job, data, assignments
            )
        code = 0
    finally:
        os._exit(code)  # no handlers of the parent's, no flushing of its streams


def _answer(answer: BinaryIO, announce, job: Job, data: bytes, assignments: dict) -> None:
    """Write the record, or the traceback of a fault of the grader's own."""
    try:
        _line(answer, {"record": grade_submission(job, data, assignments, announce)})
    except Exception:  # a fault of the grader must cost neither the batch nor the other students
        _line(answer, {"fault": traceback.format_exc()[-4000:]})


def _line(answer: BinaryIO, plain: dict) -> None:
    answer.write(json.dumps(plain).encode("ascii") + b"\n")
    answer.flush()


def _collect(reading: int, seconds: float, jobs: BinaryIO) -> tuple[list[dict], bool]:
    """What the child wrote, until it is done, the time is over or nobody wants the answer."""
    deadline, received = time.monotonic() + seconds, b""
    while (left := deadline - time.monotonic()) > 0:
        ready, _, _ = select.select([reading, jobs], [], [], left)
        if reading in ready:
            piece = os.read(reading, 1 << 16)
            received += piece
            if not piece or len(received) > REPLY_BYTES:
                return _lines(received), False
        elif jobs in ready:  # nothing is sent while a job runs: the grader is gone
            return [], False
    return _lines(received), True


def _lines(received: bytes) -> list[dict]:
    return [json.loads(line) for line in received.split(b"\n")[:-1]]


def _record(
    job: Job, data: bytes, assignments: dict, lines: list[dict], late: bool, log: str
) -> dict:
    """The child's record, or one that says why there is none."""
    told: dict = {}
    for line in lines:
        told |= line
    if "record" in told:
        return told["record"]
    assignment = assignments.get(told.get("assignment"))
    if late:
        sentence = "the notebook ran longer than is allowed and was stopped."
        return nothing_earned(job, digest(data), assignment, "timeout", sentence, "stopped")
    sentence = "the notebook could not be graded; your teacher has been told."
    record = nothing_earned(job, digest(data), assignment, "needs_review", sentence, FAULT)
    return {**record, "fault": told.get("fault", log)}


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
