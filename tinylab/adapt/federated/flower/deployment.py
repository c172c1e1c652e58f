"""Starting Flower on this computer: a SuperLink, a SuperNode for each client, one run, and an end.

Everything stays on loopback: telemetry, update checks and installing at run time are switched off.
For several machines see several_machines.md beside this file.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tinylab.adapt.dense_training import Weights
from tinylab.adapt.federated.flower.app import write_app
from tinylab.adapt.federated.flower.job import Job, read_outcome
from tinylab.adapt.federated.rounds import Round
from tinylab.adapt.federated.settings import require_number
from tinylab.adapt.federated.stacked import ClientData
from tinylab.paths import PROJECT

__all__ = ["EngineRun", "Processes", "flower_environment", "run_on_flower"]

SWITCHES = {
    "FLWR_TELEMETRY_ENABLED": "0",
    "FLWR_DISABLE_UPDATE_CHECK": "1",
    "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}
_POLL_S = 0.3


@dataclass(frozen=True, eq=False)
class EngineRun:
    """What came out.

    Parameters
    ----------
    weights : tuple of float32 arrays
    record : tuple of Round
    seconds : float
        From the first process to the last round.
    """

    weights: Weights
    record: tuple[Round, ...]
    seconds: float


def flower_environment() -> Path:
    """The folder of Flower's programs: .venv-flower, or what `TINYLAB_FLOWER` names.

    Raises
    ------
    RuntimeError
        There is none; the sentence says how to make it.
    """
    folder = Path(os.environ.get("TINYLAB_FLOWER", PROJECT / ".venv-flower")) / "bin"
    if not (folder / "flower-superlink").is_file():
        raise RuntimeError(
            f"Flower is not in {folder}: in the workbook's folder, make its environment with "
            "`python3 -m venv .venv-flower` and "
            "`.venv-flower/bin/pip install -r requirements-flower.txt`"
        )
    return folder


class Processes:
    """A SuperLink and its SuperNodes, each in a session of its own.

    Parameters
    ----------
    programs : Path
        Folder of Flower's programs.
    folder : Path
        For their logs and settings; has the job's files.
    clients : int
    certificates : Path, optional
        Folder with ca.pem, server.pem and server.key: they talk over TLS. On loopback they need
        not, and without certificates they do not.

    Attributes
    ----------
    started_ : list of subprocess.Popen
        The SuperLink, then the SuperNodes in the order of their clients.
    """

    def __init__(
        self, programs: Path, folder: Path, clients: int, certificates: Path | None = None
    ):
        self.programs, self.folder, self.clients = programs, folder, clients
        self.certificates = certificates
        self.started_: list[subprocess.Popen] = []
        self.port, *self.node_ports = _free_ports(clients + 1)
        self.environment = {
            **os.environ,
            **SWITCHES,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(PROJECT),
            "FLWR_HOME": str(folder / "home"),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def start(self) -> None:
        """Write the connection's name and start all processes."""
        home = self.folder / "home"
        home.mkdir(parents=True)
        text = f'[superlink]\ndefault = "loop"\n\n[superlink.loop]\naddress = "{self._address}"\n'
        ca = self.certificates and self.certificates / "ca.pem"
        trust = f'root-certificates = "{ca}"\n' if ca else "insecure = true\n"
        (home / "config.toml").write_text(text + trust)
        link = ["flower-superlink", *self._served(), *_listening(self.port)]
        self._spawn([*link, "--disable-runtime-dependency-installation"], "link")
        for client in range(self.clients):
            self._spawn(self._node(client), f"node{client}")

    @property
    def _address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _node(self, client: int) -> list[str]:
        who = f"partition-id={client} num-partitions={self.clients}"
        link = ["--superlink", self._address, "--node-config", who]
        folder = self.certificates
        trust = ["--root-certificates", str(folder / "ca.pem")] if folder else []
        listen = _listening(self.node_ports[client])
        return ["flower-supernode", *self._served(), *trust, *link, *listen]

    def _served(self) -> list[str]:
        """How a process proves who it is."""
        folder = self.certificates
        if folder is None:
            return ["--insecure"]
        files = {"ssl-ca-certfile": "ca.pem", "ssl-certfile": "server.pem"}
        files["ssl-keyfile"] = "server.key"
        return [part for key, name in files.items() for part in (f"--{key}", str(folder / name))]

    def _spawn(self, command: Sequence[str], name: str) -> None:
        with open(self.folder / f"{name}.log", "w") as log:
            process = subprocess.Popen(
                [str(self.programs / command[0]), *command[1:]],
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started_.append(process)

    def connected(self) -> int:
        """How many SuperNodes the SuperLink has heard of."""
        return (self.folder / "link.log").read_text(errors="replace").count("Activated node")

    def submit(self, app: Path, job: Path, limit_s: float) -> None:
        """Hand the app over; it runs by itself from then on."""
        program = str(self.programs / "flwr")
        command = [program, "run", str(app), "loop", "-c", f"job='{job}'"]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=limit_s
        )
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise RuntimeError(f"Flower did not take the run: {' '.join(last)}")

    def kill(self, client: int) -> None:
        """End one SuperNode and all that it started, at once."""
        _end(self.started_[1 + client], at_once=True)

    def stop(self) -> None:
        """End everything that was started."""
        for process in reversed(self.started_):
            _end(process)


def run_on_flower(
    job: Job,
    data: ClientData,
    *,
    limit_s: float = 300.0,
    certificates: Path | None = None,
    watch: Callable[[int, Processes], None] | None = None,
) -> EngineRun:
    """Run a job on Flower, on this computer.

    Parameters
    ----------
    job : Job
        A SuperNode is started for each of its clients: a few, not a hundred.
    data : ClientData
    limit_s : float
        When to give up.
    certificates : Path, optional
        As in `Processes`.
    watch : callable, optional
        Called again and again with the number of the round (0 before the first) and the processes.

    Raises
    ------
    RuntimeError
        Flower is not installed, does not finish in time, or fails; with the reason.
    """
    require_number("limit_s", limit_s, 0)
    if sys.platform == "win32":
        raise RuntimeError("the engine is started on Linux and macOS only")
    programs = flower_environment()
    with tempfile.TemporaryDirectory(prefix="tinylab-flower-") as name:
        folder, began = Path(name), time.monotonic()
        write_app(job, data, folder)
        with _running(Processes(programs, folder, len(job.names), certificates)) as processes:
            _wait_for(processes, began + limit_s)
            processes.submit(folder / "app", folder / "job", limit_s)
            _follow(processes, folder / "job", began + limit_s, job.rounds, watch)
            weights, record = read_outcome(folder / "job")
    return EngineRun(weights, record, time.monotonic() - began)


@contextmanager
def _running(processes: Processes) -> Iterator[Processes]:
    try:
        processes.start()
        yield processes
    finally:
        processes.stop()


def _wait_for(processes: Processes, until: float) -> None:
    while processes.connected() < processes.clients:
        _check(processes, until, f"{processes.connected()} of {processes.clients} nodes connected")
        time.sleep(_POLL_S)


def _follow(
    processes: Processes,
    folder: Path,
    until: float,
    rounds: int,
    watch: Callable[[int, Processes], None] | None,
) -> None:
    while not (folder / "record.json").exists():
        if (folder / "failed.txt").exists():
            last = (folder / "failed.txt").read_text().strip().splitlines()[-1]
            raise RuntimeError(f"the run on Flower failed: {last}")
        text = (folder / "round.txt").read_text() if (folder / "round.txt").exists() else ""
        number = int(text or 0)
        if watch:
            watch(number, processes)
        _check(processes, until, f"round {number} of {rounds}")
        time.sleep(_POLL_S)


def _check(processes: Processes, until: float, state: str) -> None:
    """Raise when the engine has ended or the time is up."""
    if processes.started_[0].poll() is not None:
        log = (processes.folder / "link.log").read_text(errors="replace").strip().splitlines()
        raise RuntimeError(f"Flower's SuperLink ended: {' '.join(log[-1:])}")
    if time.monotonic() > until:
        raise RuntimeError(
            f"Flower was stopped when the time was up ({state}): a busy computer starts its"
            " processes too slowly; close other programs, or pass a longer limit or fewer nodes"
        )


def _listening(port: int) -> list[str]:
    return ["--host", "127.0.0.1", "--port", str(port)]


def _free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody uses now; all are held until all are known."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for listening in sockets:
            listening.bind(("127.0.0.1", 0))
        return [listening.getsockname()[1] for listening in sockets]
    finally:
        for listening in sockets:
            listening.close()


def _end(process: subprocess.Popen, at_once: bool = False) -> None:
    """End a process and everything that it started."""
    import psutil

    try:
        parent = psutil.Process(process.pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for member in family:
        _signal(member, at_once)
    _, alive = psutil.wait_procs(family, timeout=10)
    for member in alive:
        _signal(member, at_once=True)
    process.wait(timeout=10)


def _signal(process, at_once: bool) -> None:
    import psutil

    try:
        process.kill() if at_once else process.terminate()
    except psutil.NoSuchProcess:
        pass
