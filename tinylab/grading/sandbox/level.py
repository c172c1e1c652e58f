"""How well this machine can wall a kernel in: found out by trying, and refused when too weak.

- A Linux machine, as root: "other_user". Every sandbox runs under a user id that nobody else has.
- A Linux machine, as anybody: "namespaces", where user namespaces are allowed. Debian and Fedora
  allow them; Ubuntu from 23.10 asks for ``sysctl kernel.apparmor_restrict_unprivileged_userns=0``.
- A container: its root lacks the right to make namespaces unless it is given it
  (``docker run --privileged``, or ``--cap-add SYS_ADMIN --security-opt seccomp=unconfined
  --security-opt apparmor=unconfined``); then it is "other_user", else "none".
- A host of continuous integration: a virtual machine (GitHub's runners) reaches "other_user" with
  sudo; one that runs jobs in containers depends on how these are started.
- Windows, macOS: "none". Students check their own work there, and nobody grades others'.
"""

import os
import sys
from functools import cache

__all__ = ["LEVELS", "IsolationError", "best_level", "describe", "require"]

LEVELS = ("none", "namespaces", "other_user")
MEANING = {
    "none": "no walls: a student's code runs with your rights, files and network",
    "namespaces": "own network, processes, files and limits, under your user id",
    "other_user": "own network, processes, files and limits, under a user id of its own",
}


class IsolationError(RuntimeError):
    """The machine cannot wall a kernel in as well as is asked."""


def describe(name: str) -> str:
    """A level in words."""
    return MEANING[name]


def best_level() -> str:
    """The best level that works here: "none", "namespaces" or "other_user".

    Each is tried once by starting a process in it, because containers, hosts of continuous
    integration and hardened distributions each forbid different parts.
    """
    return _try_levels()[0]


def require(minimum: str) -> str:
    """The level reached, if it is at least `minimum`.

    Raises
    ------
    IsolationError
        With what was reached, why not more, and what can be done.
    ValueError
        If `minimum` is no level.
    """
    if minimum not in LEVELS:
        raise ValueError(f"isolation {minimum!r} is none of {', '.join(LEVELS)}")
    if minimum == "none" and sys.platform != "linux":
        return "none"
    reached, reason = _try_levels()
    if LEVELS.index(reached) < LEVELS.index(minimum):
        raise IsolationError(
            f"this machine reaches isolation {reached!r} ({MEANING[reached]}) where {minimum!r} "
            f"is required: {reason}; grade on Linux as root or where user namespaces are "
            "allowed, or lower `isolation` if you trust every handin."
        )
    return reached


@cache
def _try_levels() -> tuple[str, str]:
    """The best level and the reason why the next better one failed."""
    if sys.platform != "linux":
        return "none", "sandboxes need Linux"
    from tinylab.grading.sandbox.process import SandboxError, try_level

    reason = ""
    for name in _candidates():
        try:
            try_level(name)
            return name, reason
        except SandboxError as error:
            reason = str(error)
    return "none", reason


def _candidates() -> list[str]:
    """The levels worth trying; the machine's own root never shares its user id with a student."""
    if os.geteuid() != 0:
        return ["namespaces"]
    with open("/proc/self/uid_map", encoding="ascii") as lines:
        host = lines.read().split()[:2] == ["0", "0"]
    return ["other_user"] if host else ["other_user", "namespaces"]
