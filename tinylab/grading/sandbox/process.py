"""A process in a sandbox: started, asked how it is, and ended with all that it started."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

from tinylab.grading.rules.limits import Limits
from tinylab.grading.sandbox.plan import INSIDE, RUN, sandbox_plan

__all__ = ["SandboxError", "SandboxProcess", "try_level"]

END_S = 5.0
ENDINGS = ("memory", "processes")


class SandboxError(RuntimeError):
    """Why a sandbox could not be built, one sentence."""


class SandboxProcess:
    """A program in a sandbox of its own, as `inside/launcher.py` builds it.

    Parameters
    ----------
    plan : dict
        See `plan.sandbox_plan`.
    """

    def __init__(self, plan: dict):
        self._status, writing = os.pipe()
        os.set_blocking(self._status, False)
        self._heard = b""
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(INSIDE / "launcher.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(writing,),
                env={"PATH": "/usr/bin:/bin"},
                cwd="/",
                start_new_session=True,
            )
        finally:
            os.close(writing)
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps({**plan, "status_fd": writing}).encode() + b"\n")
            self.process.stdin.close()

    @property
    def pid(self) -> int:
        """The launcher's process id, which stands for the whole sandbox."""
        return self.process.pid

    def poll(self) -> int | None:
        """None while anything runs inside, else 0."""
        return self.process.poll()

    def seen(self, path: str) -> str:
        """Where a path inside the sandbox can be reached from outside."""
        return f"/proc/{self.pid}/root{path}"

    def words(self) -> list[str]:
        """What the launcher has said so far."""
        with contextlib.suppress(BlockingIOError, OSError):
            while more := os.read(self._status, 4096):
                self._heard += more
        return self._heard.decode(errors="replace").splitlines()

    def failure(self) -> str | None:
        """Why the sandbox could not be built, or None."""
        errors = [word for word in self.words() if word.startswith("error ")]
        return errors[0].removeprefix("error ") if errors else None

    def limit(self) -> str | None:
        """Which limit the processes inside ran into ("memory", "processes"), or None."""
        return next((word for word in self.words() if word in ENDINGS), None)

    def end(self) -> None:
        """Kill whatever runs inside and return when it is gone."""
        first = next((w.split()[1] for w in self.words() if w.startswith("first ")), None)
        if self.process.poll() is None:
            # The first process of the namespace takes all others with it, and only then goes.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(int(first) if first else self.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(END_S)
            self.process.kill()
            self.process.wait()
        if self._status >= 0:
            os.close(self._status)
            self._status = -1


def try_level(name: str) -> None:
    """Start a process at an isolation level and reach into it; a SandboxError if that fails."""
    started = f"{RUN}/started"
    code = f"import time; open({started!r}, 'w').close(); time.sleep(30)"
    plan = sandbox_plan(
        limits=Limits(),
        user_namespace=name == "namespaces",
        command=[sys.executable, "-I", "-S", "-c", code],
        files={},
    )
    process = SandboxProcess(plan)
    try:
        deadline = time.monotonic() + 20
        while not os.path.exists(process.seen(started)):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SandboxError(process.failure() or "a process inside could not start")
            time.sleep(0.01)
    finally:
        process.end()
