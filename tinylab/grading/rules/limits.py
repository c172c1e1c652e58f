"""How much a hand-in may use: time, memory, processes, output, disk."""

from dataclasses import dataclass, fields

__all__ = ["Limits"]


@dataclass(frozen=True)
class Limits:
    """Budgets of one hand-in; reaching one costs the question that reached it.

    Attributes
    ----------
    cell_s, notebook_s : float
        Time of one cell and of the whole hand-in, in seconds; here and below, waiting for a busy
        processor does not count (`sandbox.own_time`).
    probe_s : float
        Time of one call of the student's function, in seconds.
    start_s : float
        Time in which a kernel must answer, in seconds.
    output_bytes : int
        What a kernel may print in one cell or probe.
    reply_bytes : int
        What one call of the student's function may return, encoded.
    memory_bytes : int
        Resident memory of all processes of a hand-in together.
    processes : int
        Processes and threads at one time.
    open_files : int
        Open files of one process.
    disk_bytes, disk_files : int
        Room in the scratch folder (a tmpfs, so it also counts as memory) and files in it.
    isolation : str
        The lowest isolation level at which grading goes ahead; see `sandbox.level`.
    """

    cell_s: float = 20.0
    notebook_s: float = 120.0
    probe_s: float = 10.0
    start_s: float = 30.0
    output_bytes: int = 1_000_000
    reply_bytes: int = 2_000_000
    memory_bytes: int = 2_000_000_000
    processes: int = 128
    open_files: int = 512
    disk_bytes: int = 64_000_000
    disk_files: int = 4_000
    isolation: str = "namespaces"

    def __post_init__(self):
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name != "isolation" and not value > 0:
                raise ValueError(f"limit {field.name} must be above 0, not {value!r}")
