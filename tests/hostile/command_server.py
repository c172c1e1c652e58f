"""The command `tinylab grade`, many times from one process that has imported it once.

In, on stdin: a JSON line for each run, with its words and the file for what it prints. Out, on
stdout: a JSON line with the exit code, CPU seconds and what outlived the run. Every run is a forked
child that calls the command's own entry function; this process's arguments and environment, which
the child shares, hold a secret.
"""

import ctypes
import json
import os
import signal
import sys
import threading

import psutil

PR_SET_CHILD_SUBREAPER = 36
HANG_S = 600.0


def main() -> None:
    """Serve until stdin ends."""
    from tinylab.cli import main as command
    from tinylab.grading.rules.assignment import load_assignments
    from tinylab.grading.whole_class import batch  # noqa: F401 - every child needs them

    load_assignments()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # whatever outlives its parent comes here
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(run(command, **asked)), flush=True)


def run(command, words: list[str], told: str) -> dict:
    """One run of the command, and what is left of it."""
    child = os.fork()
    if child == 0:
        enter(command, words, told)
    clock = threading.Timer(HANG_S, os.kill, (child, signal.SIGKILL))
    clock.start()
    _, status, used = os.wait4(child, 0)
    clock.cancel()
    clock.join()  # nothing may run beside the next fork
    return {
        "code": os.waitstatus_to_exitcode(status),
        "cpu_s": used.ru_utime + used.ru_stime,
        "left": outlived(),
    }


def enter(command, words: list[str], told: str) -> None:
    """Be the command; never returns."""
    code = 70
    try:
        nothing, out = os.open(os.devnull, os.O_RDONLY), os.open(told, os.O_WRONLY | os.O_CREAT)
        for number, handle in enumerate((nothing, out, out)):
            os.dup2(handle, number)
        command(words, prog_name="tinylab")
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def outlived() -> list[str]:
    """The command lines of processes that are still there; they are killed."""
    left = []
    for process in psutil.Process().children(recursive=True):
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                left.append(" ".join(process.cmdline()))
                process.kill()
            process.wait(10)
        except psutil.NoSuchProcess:
            continue
    return left


if __name__ == "__main__":
    main()
