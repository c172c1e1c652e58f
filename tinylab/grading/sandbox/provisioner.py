"""The kernel `tinylab-sandbox` for Jupyter: a spec, and what starts it in a sandbox.

In: jupyter_client's KernelManager. Out: a kernel whose sockets lie on a file system of its own, so
that nothing is written on the host and nothing of it is left behind.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import EntryPoint
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import KernelProvisionerBase, KernelProvisionerFactory
from traitlets import Instance, Tuple, Unicode

from tinylab.course.answers import plain_data
from tinylab.grading.rules.limits import Limits
from tinylab.grading.sandbox.plan import INSIDE, RUN, TOOLS, environment, sandbox_plan
from tinylab.grading.sandbox.process import SandboxProcess
from tinylab.grading.sandbox.stubs import stub_files

__all__ = ["KERNEL_NAME", "SandboxManager", "SandboxProvisioner", "register"]

KERNEL_NAME = PROVISIONER_NAME = "tinylab-sandbox"
CHANNELS = ("shell", "iopub", "stdin", "hb", "control")
SOCKET_PATH_BYTES = 96  # of the 104 that macOS allows
# Frozen modules and no site packages of the user's own: a quick start that depends on nothing.
PYTHON = [sys.executable, "-X", "frozen_modules=on", "-s"]


class SandboxProvisioner(KernelProvisionerBase):
    """Starts, asks and ends one kernel at the isolation level of its manager."""

    sandboxed = None
    process = None
    folder: str | None = None

    @property
    def has_process(self) -> bool:
        return (self.sandboxed or self.process) is not None

    async def poll(self) -> int | None:
        return self.running.poll() if self.has_process else 0

    @property
    def running(self):
        """The process that stands for the kernel."""
        return self.sandboxed or self.process

    async def wait(self) -> int | None:
        self._end()
        return 0

    async def send_signal(self, signum: int) -> None:
        """Signals do not reach into a sandbox: a kernel is used or ended, never interrupted."""

    async def kill(self, restart: bool = False) -> None:
        self._end()

    async def terminate(self, restart: bool = False) -> None:
        self._end()

    async def cleanup(self, restart: bool = False) -> None:
        self._end()

    def _end(self) -> None:
        if self.sandboxed is not None:
            self.sandboxed.end()
        if self.process is not None:
            _end_tree(self.process)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    async def pre_launch(self, **kwargs) -> dict:
        return await super().pre_launch(cmd=[], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs) -> dict:
        manager = self.parent
        launch = self._launch_plain if manager.level == "none" else self._launch_sandboxed
        return launch(manager)

    def _launch_sandboxed(self, manager: "SandboxManager") -> dict:
        info = _connection(manager, "ipc", f"{RUN}/k")
        file = f"{RUN}/connection.json"
        plan = sandbox_plan(
            limits=manager.limits,
            user_namespace=manager.level == "namespaces",
            command=_command(f"{TOOLS}/kernel.py", file, manager.limits),
            files={file: _written(info)},
            laid_over=stub_files(manager.forbidden),
        )
        self.sandboxed = SandboxProcess(plan)
        return {**info, "ip": self.sandboxed.seen(info["ip"])}

    def _launch_plain(self, manager: "SandboxManager") -> dict:
        """A kernel without isolation, in a scratch folder and a clean environment."""
        self.folder = tempfile.mkdtemp(prefix="tinylab-")
        sockets = os.path.join(self.folder, "k")
        if sys.platform == "win32" or len(os.fsencode(sockets)) > SOCKET_PATH_BYTES:
            info = _connection(manager, "tcp", "127.0.0.1")
        else:
            info = _connection(manager, "ipc", sockets)
        file = Path(self.folder, "connection.json")
        file.write_text(_written(info), encoding="utf-8")
        self.process = subprocess.Popen(
            _command(str(INSIDE / "kernel.py"), str(file), manager.limits),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(self.folder, self.folder),
            cwd=self.folder,
            start_new_session=True,
        )
        return info


def _command(kernel: str, file: str, limits: Limits) -> list[str]:
    """The kernel's command line; it stops sending output soon after the grader stops reading."""
    return [*PYTHON, kernel, file, str(2 * limits.output_bytes), plain_data.__file__]


def _connection(manager: "SandboxManager", transport: str, ip: str) -> dict:
    """Where the kernel will listen."""
    if transport == "tcp":
        from jupyter_client.connect import LocalPortCache

        cache = LocalPortCache.instance()
        ports = [cache.find_available_port(ip) for _ in CHANNELS]
    else:
        ports = list(range(1, len(CHANNELS) + 1))
    info = {f"{channel}_port": port for channel, port in zip(CHANNELS, ports)}
    key = manager.session.key
    return {**info, "transport": transport, "ip": ip, "key": key, "signature_scheme": "hmac-sha256"}


def _written(info: dict) -> str:
    return json.dumps({**info, "key": info["key"].decode()})


def _end_tree(process: subprocess.Popen) -> None:
    """Kill an plain kernel and what it started, as far as it is known."""
    import psutil

    try:
        tree = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        tree = []
    process.kill()
    for child in tree:
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(tree, timeout=3)
    process.wait()


class _Specs(KernelSpecManager):
    """Knows one kernel, which is installed nowhere."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(
            argv=[sys.executable],
            display_name="Python 3 (tinylab sandbox)",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": PROVISIONER_NAME}},
        )


class SandboxManager(KernelManager):
    """Manages one sandboxed kernel; it never writes a connection file.

    Attributes
    ----------
    limits : Limits
        What the kernel may use.
    level : str
        The isolation level to start it at.
    forbidden : tuple of str
        Dotted names of functions that are not to be seen inside.
    """

    limits = Instance(Limits)
    level = Unicode("none")
    forbidden = Tuple()

    def __init__(self, **kwargs):
        super().__init__(kernel_name=KERNEL_NAME, kernel_spec_manager=_Specs(), **kwargs)
        register()

    def write_connection_file(self, **kwargs) -> None:
        """Nothing: only this process needs to know."""

    def cleanup_ipc_files(self) -> None:
        """Nothing: the sockets are gone with the sandbox."""

    def _connect_control_socket(self) -> None:
        """None: a kernel is used or ended, never asked to end."""

    def _reconcile_connection_info(self, info: dict) -> None:
        self.load_connection_info(info)


def register() -> None:
    """Make the provisioner known even where the package's entry points are not installed.

    The first call reads the entry points of every installed package.
    """
    factory = KernelProvisionerFactory.instance()
    factory.provisioners.setdefault(
        PROVISIONER_NAME,
        EntryPoint(
            name=PROVISIONER_NAME,
            value=f"{__name__}:{SandboxProvisioner.__name__}",
            group=KernelProvisionerFactory.GROUP_NAME,
        ),
    )
