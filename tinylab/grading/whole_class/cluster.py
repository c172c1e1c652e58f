"""A class on many machines: the same grading, on the workers of a dask cluster.

In: the address of a scheduler. Out: a runner for `batch.run_batch`. Only notebooks and plain data
go out, only JSON comes back. Every worker keeps a grading process of its own, in which each
hand-in is a child with a sandbox around it, as on one machine; every machine must have this project
installed in the same version, and reach the same isolation level.

A lab's machines::

    pip install -r requirements-scale.txt                   # on all of them
    dask scheduler                                          # on one: tcp://lab-01:8786
    dask worker tcp://lab-01:8786 --nworkers 4 --nthreads 1 # on the others
    tinylab grade handed_in/ --out graded/ --scheduler tcp://lab-01:8786

A cluster with a queue (Slurm, PBS, LSF, ...), through dask-jobqueue::

    from dask_jobqueue import SLURMCluster
    cluster = SLURMCluster(cores=4, processes=4, memory="8GB", walltime="01:00:00")
    cluster.scale(jobs=10)
    print(cluster.scheduler_address)                        # what --scheduler takes

Dask trusts its network: use one that students cannot reach, or TLS (`dask scheduler --tls-...`).
A hand-in whose worker is lost is not given to another worker, for it may be what killed it; it
is graded at the end, alone, by this machine.
"""

import json
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping

from tinylab.grading.one.task import GradingTask
from tinylab.grading.records.entries import HandInRecord, read_entry, written
from tinylab.grading.rules.assignment import from_json, released_text
from tinylab.grading.rules.result import Assignment
from tinylab.grading.whole_class.batch import Runner
from tinylab.grading.whole_class.slot import Slot

__all__ = ["grade_on_cluster"]

WAIT_S = 60.0  # for the first worker
_slots: dict[tuple[int, int], Slot] = {}


def grade_on_cluster(
    assignments: Mapping[str, Assignment], scheduler: str, hidden_points: str = ""
) -> Runner:
    """A runner that grades on the workers of a dask scheduler.

    Parameters
    ----------
    assignments : mapping of str to Assignment
    scheduler : str
        "tcp://host:8786".
    hidden_points : str
        The text of the teacher's own points.

    Raises
    ------
    RuntimeError
        Without dask, where no scheduler answers, or where it has no worker within a minute.
    """
    try:
        import distributed
    except ImportError as error:
        raise RuntimeError(
            "--scheduler needs dask: pip install -r requirements-scale.txt"
        ) from error

    def run(work: Iterable[tuple[GradingTask, bytes]]) -> Iterator[HandInRecord]:
        try:
            client = distributed.Client(scheduler, set_as_default=False)
            client.wait_for_workers(1, timeout=WAIT_S)
        except (OSError, TimeoutError) as error:
            raise RuntimeError(f"no dask scheduler with workers at {scheduler}: {error}") from error
        lost: list[tuple[GradingTask, bytes]] = []
        with client:
            client.run_on_scheduler(_never_retry)
            setup = zlib.compress(json.dumps([_text(assignments), hidden_points]).encode())
            yield from _spread(client, work, setup, lost)
        with Slot(assignments, hidden_points) as slot:
            for task, data in lost:
                yield slot.grade(task, data)

    return run


def _text(assignments: Mapping[str, Assignment]) -> str:
    return released_text(assignments)


def _never_retry(dask_scheduler) -> None:
    """A task whose worker is lost fails, whatever the scheduler was started with."""
    dask_scheduler.allowed_failures = 0


def _spread(client, work: Iterable[tuple[GradingTask, bytes]], setup: bytes, lost: list):
    """Keep every worker's threads busy, and none of their queues filled."""
    running: dict = {}
    for number, (task, data) in enumerate(work):
        while len(running) >= max(1, sum(client.nthreads().values())):
            yield from _finished(client, running, lost)
        future = client.submit(
            _on_a_worker,
            json.dumps(task.to_json()),
            data,
            setup,
            key=f"tinylab-grade-{number}-{task.path}",
            pure=False,
            retries=0,
        )
        running[future] = (task, data)
    while running:
        yield from _finished(client, running, lost)


def _finished(client, running: dict, lost: list) -> Iterator[HandInRecord]:
    """Wait for one or more tasks; their records, while the lost ones are put aside."""
    from distributed import wait

    with client.as_current():
        done = wait(list(running), return_when="FIRST_COMPLETED").done
    for future in done:
        task, data = running.pop(future)
        text = future.result() if future.status == "finished" else None
        if isinstance(text, str):
            yield read_entry(json.loads(text))
        else:
            lost.append((task, data))
        future.release()


def _on_a_worker(task: str, data: bytes, setup: bytes) -> str:
    """Grade one hand-in in this worker's own grading process; the record as JSON."""
    own = threading.get_ident(), zlib.crc32(setup)
    if own not in _slots:
        text, hidden_points = json.loads(zlib.decompress(setup))
        assignments = {released["name"]: from_json(released) for released in json.loads(text)}
        _slots[own] = Slot(assignments, hidden_points)
    grading_task = GradingTask.from_json(json.loads(task))
    return json.dumps(written(_slots[own].grade(grading_task, bytes(data))))
