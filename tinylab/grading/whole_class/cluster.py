"""A class on many machines: the same grading, on the workers of a dask cluster.

In: the address of a scheduler. Out: a runner for `batch.run_batch`. Only notebooks and plain data
go out, only JSON comes back. Every worker keeps a grading process of its own, in which each
submission is a child with walls around it, as on one machine; every machine must have this project
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
A submission whose worker is lost is not given to another worker, for it may be what killed it; it
is graded at the end, alone, by this machine.
"""

import json
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping

from tinylab.grading.one.submission import Job
from tinylab.grading.rules.assignment import from_json, released_text
from tinylab.grading.rules.result import Assignment
from tinylab.grading.whole_class.batch import Runner
from tinylab.grading.whole_class.slot import Slot

__all__ = ["grade_on_cluster"]

WAIT_S = 60.0  # for the first worker
_slots: dict[tuple[int, int], Slot] = {}


def grade_on_cluster(assignments: Mapping[str, Assignment], scheduler: str) -> Runner:
    """A runner that grades on the workers of a dask scheduler.

    Parameters
    ----------
    assignments : mapping of str to Assignment
    scheduler : str
        "tcp://host:8786".

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

    def run(work: Iterable[tuple[Job, bytes]]) -> Iterator[dict]:
        try:
            client = distributed.Client(scheduler, set_as_default=False)
            client.wait_for_workers(1, timeout=WAIT_S)
        except (OSError, TimeoutError) as error:
            raise RuntimeError(f"no dask scheduler with workers at {scheduler}: {error}") from error
        lost: list[tuple[Job, bytes]] = []
        with client:
            client.run_on_scheduler(_never_retry)
            yield from _spread(client, work, zlib.compress(_text(assignments)), lost)
        with Slot(assignments) as slot:
            for job, data in lost:
                yield slot.grade(job, data)

    return run


def _text(assignments: Mapping[str, Assignment]) -> bytes:
    return released_text(assignments).encode("utf-8")


def _never_retry(dask_scheduler) -> None:
    """A task whose worker is lost fails, whatever the scheduler was started with."""
    dask_scheduler.allowed_failures = 0


def _spread(client, work: Iterable[tuple[Job, bytes]], assignments: bytes, lost: list):
    """Keep every worker's threads busy, and none of their queues filled."""
    running: dict = {}
    for number, (job, data) in enumerate(work):
        while len(running) >= max(1, sum(client.nthreads().values())):
            yield from _finished(client, running, lost)
        future = client.submit(
            _on_a_worker,
            json.dumps(job.to_json()),
            data,
            assignments,
            key=f"tinylab-grade-{number}-{job.path}",
            pure=False,
            retries=0,
        )
        running[future] = (job, data)
    while running:
        yield from _finished(client, running, lost)


def _finished(client, running: dict, lost: list) -> Iterator[dict]:
    """Wait for one or more tasks; their records, while the lost ones are put aside."""
    from distributed import wait

    with client.as_current():
        done = wait(list(running), return_when="FIRST_COMPLETED").done
    for future in done:
        job, data = running.pop(future)
        text = future.result() if future.status == "finished" else None
        if isinstance(text, str):
            yield json.loads(text)
        else:
            lost.append((job, data))
        future.release()


def _on_a_worker(job: str, data: bytes, assignments: bytes) -> str:
    """Grade one submission in this worker's own grading process; the record as JSON."""
    place = threading.get_ident(), zlib.crc32(assignments)
    if place not in _slots:
        plain = json.loads(zlib.decompress(assignments))
        _slots[place] = Slot({one["name"]: from_json(one) for one in plain})
    return json.dumps(_slots[place].grade(Job.from_json(json.loads(job)), bytes(data)))
