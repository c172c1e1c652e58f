"""What a sandbox shows to the code in it: which files, which environment, which limits."""

import os
import platform
import site
import sys
from pathlib import Path

import tinylab
from tinylab import paths
from tinylab.grading.rules.limits import Limits
from tinylab.grading.sandbox.seccomp import call_filter

__all__ = ["HOME", "INSIDE", "RUN", "environment", "sandbox_plan"]

INSIDE = Path(__file__).parent / "inside"
TOOLS, RUN, HOME = "/run/tinylab", "/run/kernel", "/home/student"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime")
DEVICES = ("null", "zero", "full", "random", "urandom")
FILES = {
    "/etc/passwd": "root:x:0:0::/:/bin/false\nstudent:x:1000:1000::/home/student:/bin/sh\n",
    "/etc/group": "root:x:0:\nstudent:x:1000:\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
QUIET = {
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",  # one core a hand-in: many are graded at the same time
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TQDM_DISABLE": "1",
    "MPLBACKEND": "agg",
    "LANG": "C.UTF-8",
}


def environment(home: str, temporary: str) -> dict[str, str]:
    """The whole environment of a kernel: an allow-list, nothing of the grader's own."""
    package = str(Path(tinylab.__file__).parents[1])
    kept = {"SYSTEMROOT", "PATHEXT", "COMSPEC"} if sys.platform == "win32" else set()
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        **QUIET,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
        "PYTHONPATH": os.pathsep.join([package, *_own_packages()]),
        "HOME": home,
        "USERPROFILE": home,
        "TMPDIR": temporary,
        "IPYTHONDIR": os.path.join(home, ".ipython"),
        "JUPYTER_RUNTIME_DIR": temporary,
        "TINYLAB_WORK": os.path.join(home, "work"),
    }


def sandbox_plan(
    *,
    limits: Limits,
    user_namespace: bool,
    command: list[str],
    files: dict,
    laid_over: dict[str, str] | None = None,
) -> dict:
    """The plan that `inside/launcher.py` carries out.

    Parameters
    ----------
    limits : Limits
        What the code may use.
    user_namespace : bool
        True where the launcher has no privilege and makes a user namespace to get one.
    command : list of str
        What to run, as seen inside.
    files : dict of str to str
        Files to write inside, beside those that every sandbox has.
    laid_over : dict of str to str, optional
        Text that is shown instead of a file's own, by its path.
    """
    return {
        "parent": os.getpid(),
        "user_namespace": user_namespace,
        "limits": {
            "memory_bytes": limits.memory_bytes,
            "processes": limits.processes,
            "open_files": limits.open_files,
            "disk_bytes": limits.disk_bytes,
            "disk_files": limits.disk_files,
            "notebook_s": limits.notebook_s,
        },
        "binds": _binds(),
        "links": {**_system_links(), "/dev/fd": "/proc/self/fd", "/dev/ptmx": "pts/ptmx"},
        "hidden": [str(path) for path in hidden()],
        "files": {**FILES, **files},
        "laid_over": {os.path.realpath(path): text for path, text in (laid_over or {}).items()},
        "writable": [HOME, RUN, "/tmp", "/dev/shm"],
        "cwd": HOME,
        "command": command,
        "environment": environment(HOME, "/tmp"),
        "call_filter": (call_filter(platform.machine()) or b"").hex(),
    }


def hidden() -> list[Path]:
    """Parts of the package that a student's code must not see: what answers are judged by."""
    package = Path(tinylab.__file__).parent
    return [package / "course" / "exercises", package / "grading"]


def _binds() -> list[dict[str, str]]:
    """What is shown read-only, outermost first; nothing that lies in something shown already."""
    wanted = [Path(p) for p in SYSTEM if Path(p).is_dir() and not Path(p).is_symlink()]
    wanted += [Path(sys.base_prefix), Path(sys.prefix), *_packages()]
    wanted += [Path(tinylab.__file__).parent, paths.PROJECT / "datasets"]
    shown: list[Path] = []
    for path in sorted({p for p in wanted if p.is_dir()}, key=lambda p: len(p.parts)):
        if not any(path.is_relative_to(other) for other in shown):
            shown.append(path)
    binds = [{"from": os.path.realpath(path), "to": str(path)} for path in shown]
    binds.append({"from": str(INSIDE), "to": TOOLS})
    for name in SETTINGS:
        if os.path.exists(f"/etc/{name}"):
            binds.append({"from": os.path.realpath(f"/etc/{name}"), "to": f"/etc/{name}"})
    return binds + [{"from": f"/dev/{name}", "to": f"/dev/{name}"} for name in DEVICES]


def _packages() -> list[Path]:
    """Folders of installed packages that are on the path, and no others that are on it."""
    folders = [Path(folder) for folder in sys.path]
    return [folder for folder in folders if folder.name in ("site-packages", "dist-packages")]


def _own_packages() -> list[str]:
    """The user's own folder of packages: inside, the home that it is derived from is another."""
    folder = site.getusersitepackages()
    return [folder] if folder in sys.path else []


def _system_links() -> dict[str, str]:
    """/bin and the like where they are links into /usr."""
    return {path: os.readlink(path) for path in SYSTEM if os.path.islink(path)}
