"""nbval's kernel, made safe for code that nobody has read.

`SandboxedKernel` is nbval's `RunningKernel` in a sandbox: every wait has a budget, a dead kernel
is noticed at once, and output beyond a budget is cut off at its source. It runs cells, and calls
functions with data; both give data back, or `KernelLost`.
"""

import contextlib
import math
import os
import time
from collections import deque
from collections.abc import Sequence
from queue import Empty

import psutil
import zmq
from nbval.kernel import RunningKernel

from tinylab.course.answers import plain_data
from tinylab.grading.rules.limits import Limits
from tinylab.grading.sandbox.messages import (
    answers,
    clean_text,
    is_idle,
    printed,
    read_message,
    says_zero,
)
from tinylab.grading.sandbox.outcomes import OUTCOMES, CallOutcome, CellOutcome, KernelLost
from tinylab.grading.sandbox.own_time import STRETCH, Budget, OwnTime
from tinylab.grading.sandbox.provisioner import SandboxManager

__all__ = ["SandboxedKernel"]

TICK_S = 0.1  # how often a silent kernel is asked whether it lives
OUTPUT_MESSAGES = 2_000
QUEUED_MESSAGES = 50
IDLE_S = 1.0  # a flooded kernel may have dropped its own "idle" message
GROWTH_BYTES = 400_000_000  # what messages may add to this process before the kernel is given up
SOONEST_S = 0.2  # until time is measured again
TOO_MUCH = "it used more {} than is allowed."
NO_MORE_THREADS = (
    "RuntimeError",
    "can't start new thread",
)  # where a limit stops it


class SandboxedKernel(RunningKernel):
    """A kernel in a sandbox.

    Parameters
    ----------
    limits : Limits
        What it may use.
    level : str
        The isolation level, as `sandbox.level.require` gave it.
    forbidden : sequence of str
        Dotted names of library functions that answers may not call: not there in a sandbox, and
        with a guard before them where there is none.
    budget : Budget, optional
        Of the whole notebook: what starting and running take is taken from it.

    Raises
    ------
    KernelLost
        If the kernel does not start.
    """

    def __init__(
        self,
        limits: Limits,
        level: str,
        forbidden: Sequence[str] = (),
        budget: Budget | None = None,
    ):
        self.limits, self.flags = limits, set()
        self._whole = budget or Budget(math.inf)
        self._clock = OwnTime(None)
        self.allow(limits.start_s)
        self._budget, self._messages, self._muted = limits.output_bytes, OUTPUT_MESSAGES, False
        self._heard = False
        self._kept = {"shell": deque(), "iopub": deque()}
        self._process = psutil.Process()
        self._memory = self._process.memory_info().rss
        self.km = SandboxManager(limits=limits, level=level, forbidden=tuple(sorted(forbidden)))
        try:
            self.km.start_kernel()
            self._clock = OwnTime(self.km.provisioner.running.pid)
            self._connect()
            self._wait_for_output()
            if forbidden and level == "none":
                self._ask("tinylab_forbid_request", {"names": sorted(forbidden)})
        except BaseException:
            self.stop()
            raise

    def _connect(self) -> None:
        """Open the two channels that are used, with queues too short to fill this memory."""
        if self.km.transport == "ipc":
            while not all(os.path.exists(f"{self.km.ip}-{n}") for n in (1, 2)):
                self._require_usable()
                time.sleep(0.005)
        self.kc = self.km.client()
        self.kc.context.setsockopt(zmq.MAXMSGSIZE, 2 * self.limits.reply_bytes + 100_000)
        self.kc.context.setsockopt(zmq.RCVHWM, QUEUED_MESSAGES)
        self.kc.start_channels(shell=True, iopub=True, stdin=False, hb=False, control=False)
        self._sockets = {
            "shell": self.kc.shell_channel.socket,
            "iopub": self.kc.iopub_channel.socket,
        }
        self._poller = zmq.Poller()
        for socket in self._sockets.values():
            self._poller.register(socket, zmq.POLLIN)

    def allow(self, seconds: float) -> None:
        """Give what comes next so many seconds, or as many as the whole notebook has left."""
        self._allowed = min(seconds, max(self._whole.left, 0.0))
        self._clock.restart()
        self._spent = 0.0
        self._look_at = time.monotonic() + self._allowed

    def _spend_time(self) -> None:
        """Take what was used since `allow` from the whole notebook's budget."""
        used = self._clock.seconds()
        self._whole.spend(used - self._spent)
        self._spent = used

    def run(self, source: str) -> CellOutcome:
        """Run a cell, as a person would: with history, magics and top-level await.

        Raises
        ------
        KernelLost
            If the kernel died, or ran out of time or into a limit.
        """
        printed_text: list[str] = []
        asked = {"command": "_exit_code"} if "!" in source else {}
        content = {
            "code": source,
            "silent": False,
            "store_history": True,
            "user_expressions": asked,
            "allow_stdin": False,
            "stop_on_error": False,
        }
        reply = self._ask("execute_request", content, output=printed_text)["content"]
        failed = reply.get("status") != "ok"
        code = reply.get("user_expressions", {}) if not failed else {}
        return CellOutcome(
            error=clean_text(reply.get("ename")) or "Error" if failed else None,
            text=clean_text(reply.get("evalue")),
            output="".join(printed_text)[: self.limits.output_bytes],
            failed_command=bool(asked) and not failed and not says_zero(code),
        )

    def call(self, function: str, args: tuple, kwargs: dict, forbidden=()) -> CallOutcome:
        """Call a function of the kernel with fresh copies of plain data.

        Raises
        ------
        KernelLost
            If the kernel died, or ran out of time or into a limit.
        """
        content = {
            "function": function,
            "forbidden": sorted(forbidden),
            "limit": self.limits.reply_bytes,
        }
        self.refill()  # every call sends a few messages of its own
        buffers = [plain_data.encode(part, 10**9) for part in (list(args), kwargs)]
        reply = self._ask("tinylab_call_request", content, buffers)
        outcome = self._outcome(reply["content"], reply["buffers"])
        if (outcome.name, outcome.text) == NO_MORE_THREADS:
            # The sandbox's watcher sees the same a moment later, or does not: say it at once.
            raise KernelLost("limit", TOO_MUCH.format("processes"))
        return outcome

    def _outcome(self, content: dict, buffers: list) -> CallOutcome:
        """A reply as an outcome; whatever it is not allowed to be becomes "unfit"."""
        outcome = content.get("outcome")
        if outcome not in OUTCOMES or (outcome == "returned") != (len(buffers) == 1):
            return CallOutcome("unfit", text="the reply is not in the format of a result.")
        if outcome != "returned":
            name, text = clean_text(content.get("name")), clean_text(content.get("text"))
            return CallOutcome(outcome, name=name, text=text)
        try:
            return CallOutcome(
                "returned", plain_data.decode(bytes(buffers[0]), self.limits.reply_bytes)
            )
        except plain_data.NotPlain as error:
            return CallOutcome("unfit", text=str(error))

    def _ask(
        self,
        kind: str,
        content: dict,
        buffers: Sequence[bytes] = (),
        output: list | None = None,
        idle_s: float = IDLE_S,
    ) -> dict:
        """Send a request and wait for its reply, collecting what is printed in `output`."""
        request = self.kc.session.msg(kind, content)
        self.kc.session.send(self._sockets["shell"], request, buffers=list(buffers))
        wanted, reply, idle, idle_by = request["header"]["msg_id"], None, output is None, None
        while True:
            try:
                stream, message = self._next(min(TICK_S, idle_s))
            except Empty:
                stream, message = None, None
            if stream == "shell" and answers(message, wanted, kind.replace("_request", "_reply")):
                reply, idle_by = message, time.monotonic() + idle_s
            elif stream == "iopub" and output is not None and answers(message, wanted):
                output.append(printed(message))
                idle = idle or is_idle(message)  # it may overtake the reply
            if reply and (idle or self._muted or time.monotonic() > idle_by):
                self._spend_time()
                return reply

    def get_message(self, stream: str, timeout: float | None = None) -> dict:
        """The next message of one stream, as nbval asks for it; queue.Empty after `timeout`."""
        end = time.monotonic() + (1e9 if timeout is None else timeout)
        while not self._kept[stream]:
            if time.monotonic() > end:
                raise Empty
            if self._muted and stream == "iopub":
                raise KernelLost("limit", "it printed more than is allowed.")
            with contextlib.suppress(Empty):
                arrived_at, message = self._next(min(TICK_S, max(end - time.monotonic(), 0)))
                self._kept[arrived_at].append(message)
        return self._kept[stream].popleft()

    def _next(self, timeout: float) -> tuple[str, dict]:
        """The next message of any stream; queue.Empty if none comes, KernelLost if none will."""
        ready = dict(self._poller.poll(timeout * 1000))
        for name, socket in self._sockets.items():
            if socket in ready:
                message = self._receive(name, socket)
                if message is not None:
                    if time.monotonic() > self._look_at:
                        self._require_usable()
                    return name, message
        self._require_usable()
        raise Empty

    def _receive(self, name: str, socket) -> dict | None:
        """One message, or None where it is forged or broken; counts output against the budget."""
        try:
            frames = socket.recv_multipart(zmq.NOBLOCK, copy=True)
        except zmq.Again:
            return None
        if name == "iopub":
            self._heard = True
            self._spend(sum(map(len, frames)))
        return read_message(self.kc.session, frames)

    def _spend(self, size: int) -> None:
        """Count output; beyond the budget, ask the kernel to send no more of it."""
        self._budget -= size
        self._messages -= 1
        if (self._budget < 0 or self._messages < 0) and not self._muted:
            self._muted = True
            self.flags.add("output_limit")
            self._sockets["iopub"].setsockopt(zmq.UNSUBSCRIBE, b"")

    def refill(self) -> None:
        """Give the next cell or question the whole budget of output."""
        self._budget, self._messages = self.limits.output_bytes, OUTPUT_MESSAGES

    def listen(self) -> None:
        """Hear the kernel's output again after its budget was spent."""
        self.refill()
        if self._muted:
            self._muted = self._heard = False
            self._sockets["iopub"].setsockopt(zmq.SUBSCRIBE, b"")
            self._wait_for_output()

    def _wait_for_output(self) -> None:
        """Return once this kernel's output comes through: subscribing takes a moment."""
        while not self._heard:
            self._ask("kernel_info_request", {}, output=[], idle_s=0.05)

    def is_alive(self) -> bool:
        """Whether the kernel's process runs."""
        return hasattr(self, "km") and self.km.provisioner.running.poll() is None

    def _require_usable(self) -> None:
        """A KernelLost if the kernel died, ran into a limit, or is late."""
        sandboxed = self.km.provisioner.sandboxed
        limit = sandboxed.limit() if sandboxed else None
        if limit:
            raise KernelLost("limit", TOO_MUCH.format(limit))
        if not self.is_alive():
            failure = sandboxed.failure() if sandboxed else None
            raise KernelLost("crashed", failure or "it ended the Python process.")
        if self._process.memory_info().rss > self._memory + GROWTH_BYTES:
            raise KernelLost("limit", "it sent more than is allowed.")
        if time.monotonic() > self._look_at:
            self._require_time()

    def _require_time(self) -> None:
        """A KernelLost if the code had its time, or never came to run on this machine."""
        used = self._clock.seconds()
        if used >= self._allowed:
            self._spend_time()
            raise KernelLost("timeout", "it ran longer than is allowed.")
        if self._clock.wall > STRETCH * self._allowed:
            raise KernelLost("starved", "this machine was too busy to run it.")
        self._look_at = time.monotonic() + max(self._allowed - used, SOONEST_S)

    def stop(self) -> None:
        """End the kernel and everything it started; safe to call twice."""
        if hasattr(self, "kc"):
            self.kc.stop_channels()
            self.kc.context.destroy(linger=0)
            del self.kc
        if hasattr(self, "km"):
            if self.km.provisioner is not None:
                self.km.shutdown_kernel(now=True)
            del self.km
