"""Time budgets that a busy machine does not use up: what code could have run, not what passed.

In: a process id. Out: seconds. Wall time without the time in which the code, or this process, stood
ready but got no processor (Linux' `schedstat`), and never less than the processor time used. On
other systems it is wall time.
"""

import os
import time

__all__ = ["STRETCH", "Budget", "OwnTime"]

STRETCH = 10.0  # times a budget in wall time, after which the machine is too busy to grade on
SHORT_S = 0.05  # below which measuring costs more than it tells
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Budget:
    """Seconds for a whole notebook, of which every request spends some."""

    def __init__(self, seconds: float):
        self.seconds = self.left = seconds
        self._end = time.monotonic() + STRETCH * seconds

    def spend(self, seconds: float) -> None:
        """Take seconds from what is left."""
        self.left -= seconds

    @property
    def spent(self) -> float:
        """Seconds that were taken."""
        return self.seconds - self.left

    @property
    def used_up(self) -> bool:
        """Whether nothing is left."""
        return self.left <= 0 or time.monotonic() > self._end


class OwnTime:
    """A clock for the processes below one, which stands while they wait for a processor."""

    def __init__(self, pid: int | None):
        self._pid = pid
        self.restart()

    def restart(self) -> None:
        """Begin at 0."""
        self._wall = time.monotonic()
        self._cpu, self._waits = _measured(self._pid)
        self._own_wait = _waited(os.getpid())

    @property
    def wall(self) -> float:
        """Wall time since the beginning, in seconds."""
        return time.monotonic() - self._wall

    def seconds(self) -> float:
        """Seconds since the beginning in which the processes could run."""
        wall = self.wall
        if wall < SHORT_S:
            return wall
        cpu, waits = _measured(self._pid)
        waited = max((now - self._waits.get(task, 0.0) for task, now in waits.items()), default=0.0)
        waited += _waited(os.getpid()) - self._own_wait
        return min(wall, max(wall - waited, cpu - self._cpu, 0.0))


def _measured(pid: int | None) -> tuple[float, dict[str, float]]:
    """Processor seconds of a process and all below it, and seconds each of their threads waited."""
    cpu, waits, waiting = 0.0, {}, [] if pid is None else [str(pid)]
    while waiting:
        process = waiting.pop()
        try:
            fields = _read(f"/proc/{process}/stat").rpartition(b")")[2].split()
            cpu += sum(int(field) for field in fields[11:15]) / TICKS
            for thread in os.listdir(f"/proc/{process}/task"):
                waits[thread] = _waited(thread)
                waiting += _read(f"/proc/{process}/task/{thread}/children").decode().split()
        except (OSError, ValueError, IndexError):  # it ended meanwhile, or this is not Linux
            continue
    return cpu, waits


def _waited(task: int | str) -> float:
    """Seconds that a thread stood ready and got no processor; 0 where that is not counted."""
    try:
        return int(_read(f"/proc/{task}/schedstat").split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _read(path: str) -> bytes:
    """A file of /proc, with as few calls as there can be: there are dozens for every request."""
    file = os.open(path, os.O_RDONLY)
    try:
        pieces = []
        while piece := os.read(file, 65_536):
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        os.close(file)
