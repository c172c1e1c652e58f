"""Start the workbook: `python3 start.py`.

`python3 start.py setup` only installs. For authors: `python3 start.py check` looks at style, types
and spelling, and `python3 start.py test [pytest options]` runs the tests.

The first start makes .venv and installs requirements.txt; later starts need no network. Other
arguments go to JupyterLab, such as --no-browser. The syntax is old on purpose: an old Python must
be able to read this file to say that it is too old.
"""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

PROJECT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(PROJECT, ".venv")
PYTHON = os.path.join(VENV, *(["Scripts", "python.exe"] if os.name == "nt" else ["bin", "python"]))
STAMP = os.path.join(VENV, "installed")
LOCK = os.path.join(PROJECT, ".venv.lock")
HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)  # by another start
SETTINGS = {
    # What libraries in C write belongs into the terminal: TensorFlow greets every kernel in red.
    os.path.join("ipython", "ipython_kernel_config.json"): {
        "IPKernelApp": {"capture_fd_output": False},
        "InteractiveShellApp": {"extensions": ["tinylab.kernel"]},
    },
    os.path.join("jupyter", "jupyter_server_config.json"): {
        "ServerApp": {"kernel_websocket_connection_class": "tinylab.server.PromptConnection"},
    },
}
CHECKS = (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"], ["codespell_lib"])
FREE_BYTES = 4 * 10**9  # the installed packages take 2.8 GB, the downloads the rest


def wanted():
    """What must have been installed: both files' contents, and the folder (moving breaks it)."""
    digest = hashlib.sha256(PROJECT.encode())
    for name in ("requirements.txt", "pyproject.toml"):
        with open(os.path.join(PROJECT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def installed():
    if not (os.path.exists(STAMP) and os.path.exists(PYTHON)):
        return False
    with open(STAMP) as file:
        return file.read() == wanted()


def install():
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        sys.exit(
            "tinylab needs Python 3.10 to 3.13, and this is Python %d.%d: install another one from "
            "python.org, and start with that." % sys.version_info[:2]
        )
    if not can_write():
        sys.exit(
            "The folder %s cannot be written, and tinylab installs its packages there: copy it to "
            "a folder of your own, and start there." % PROJECT
        )
    free = shutil.disk_usage(PROJECT).free
    if free < FREE_BYTES:
        sys.exit(
            "tinylab needs 4 GB of free disk, and the disk of %s has %.1f GB: delete something, or "
            "move the folder to another disk, and start again." % (PROJECT, free / 1e9)
        )
    with open(LOCK, "a") as lock:
        wait_for(lock)
        if not installed():  # the start that was waited for may have done it
            fill_venv()
            set_up_jupyter()


def wait_for(lock):
    """Hold the lock until its file is closed; while another start holds it, say so and wait."""
    if taken(lock):
        return
    print("Another start is installing in this folder: this one goes on when that has finished.")
    sys.stdout.flush()
    while not taken(lock):
        time.sleep(0.2)


def taken(lock):
    try:
        if fcntl:
            fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError as error:
        return error.errno not in HELD  # some network disks know no locks: go on without
    return True


def fill_venv():
    if os.path.exists(STAMP):
        os.remove(STAMP)
    print("Installing into %s: this takes a few minutes, the first time only." % VENV)
    sys.stdout.flush()
    with open(os.devnull, "w") as nothing:
        pip = [PYTHON, "-m", "pip"]
        whole = os.path.exists(PYTHON) and not subprocess.call(
            pip + ["--version"], stdout=nothing, stderr=nothing
        )
        if not whole and subprocess.call(
            [sys.executable, "-m", "venv", "--clear", VENV], stdout=nothing, stderr=nothing
        ):
            sys.exit(
                "Python could not make %s: install its venv module (on Debian and Ubuntu: "
                "sudo apt install python3-venv) and start again." % VENV
            )
    options = ["--retries", "2", "--disable-pip-version-check", "-r", "requirements.txt"]
    pip = subprocess.Popen(pip + ["install"] + options, cwd=PROJECT, stderr=subprocess.PIPE)
    said = pip.communicate()[1].decode("utf-8", "replace")
    if pip.returncode:
        sys.exit(reason(said))
    with open(STAMP, "w") as file:
        file.write(wanted())


def can_write():
    """Whether a file can be made here; permissions alone do not say so of every disk."""
    try:
        with tempfile.TemporaryFile(dir=PROJECT):
            return True
    except OSError:
        return False


def set_up_jupyter():
    for name, settings in SETTINGS.items():
        path, wanted_text = os.path.join(VENV, "etc", name), json.dumps(settings)
        if os.path.exists(path):
            with open(path) as file:
                if file.read() == wanted_text:
                    continue  # nothing to write: the folder may be one that others only read
        if not os.path.isdir(os.path.dirname(path)):
            os.makedirs(os.path.dirname(path))
        with open(path, "w") as file:
            file.write(wanted_text)


def reason(said):
    """Why pip failed, in one sentence."""
    if "No space left" in said or "not enough space" in said:
        return "The disk became full while installing: free 4 GB and start again."
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return (
            "The packages could not be downloaded, because a certificate was not accepted: set this"
            " computer's clock, or ask whoever runs your network, and start again."
        )
    if "from versions: none" in said or "ConnectionError" in said or "Timeout" in said:
        return "The packages could not be downloaded: connect to the internet and start again."
    lines = [line for line in said.splitlines() if line.startswith("ERROR")] or said.splitlines()
    return "Installing failed: " + " ".join(lines[-2:])


def run(arguments):
    """Run a module in .venv until it ends; Ctrl-C is for the module to answer."""
    environment = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="2")  # no TensorFlow chatter in notebooks
    process = subprocess.Popen([PYTHON, "-m"] + arguments, cwd=PROJECT, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            pass


def main(arguments):
    if not installed():
        install()
    set_up_jupyter()
    if arguments == ["setup"]:
        return 0
    if arguments[:1] == ["check"]:
        return max(run(check) for check in CHECKS)
    if arguments[:1] == ["test"]:
        return run(["pytest"] + arguments[1:])
    print("The workbook opens in your browser. To stop it, press Ctrl-C in this window.")
    sys.stdout.flush()
    return run(["jupyterlab", os.path.join("notebooks", "00_start_here.ipynb")] + arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except OSError as error:
        sys.exit("tinylab could not be started: %s." % error)
    except KeyboardInterrupt:
        sys.exit("Stopped.")
