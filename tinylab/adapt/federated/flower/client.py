"""A device: it has its own examples, is given weights, and answers with a change. Numpy only."""

import time
from pathlib import Path

import numpy as np

from tinylab.adapt.federated.flower.job import network_of, read_clients_data, read_job
from tinylab.adapt.federated.messages import LocalRecipe, Task
from tinylab.adapt.federated.stacked import batches, train_one

__all__ = ["client_app", "job_folder"]


def client_app():
    """The ClientApp that a SuperNode runs; needs flwr."""
    from flwr.app import Array, ArrayRecord, Message, MetricRecord, RecordDict
    from flwr.clientapp import ClientApp

    app = ClientApp()

    @app.query()
    def who(message, context):
        """Say which client this is: node ids are new in every run, and seed nothing."""
        answer = RecordDict({"metrics": MetricRecord({"client": _number(context)})})
        return Message(answer, reply_to=message)

    @app.train()
    def train(message, context):
        folder, client = job_folder(context), _number(context)
        change, examples, steps = _train(folder, client, _task(message.content))
        counts = {"client": client, "examples": examples, "steps": steps}
        answer = RecordDict(
            {"arrays": ArrayRecord({"change": Array(change)}), "metrics": MetricRecord(counts)}
        )
        return Message(answer, reply_to=message)

    return app


def job_folder(context) -> Path:
    """The job's files: where this device keeps them, else where the server has them."""
    return Path(str(context.node_config.get("job", context.run_config["job"])))


def _number(context) -> int:
    return int(context.node_config["partition-id"])


def _task(content) -> Task:
    """The task that came over the network."""
    arrays, asked = content["arrays"], content["config"]
    recipe = LocalRecipe(*(asked[key] for key in ("epochs", "batch_size", "learning_rate")))
    own = arrays["correction"].numpy()[None] if "correction" in arrays else None
    weights = arrays["weights"].numpy()
    return Task(weights, asked["seed"], asked["round"], recipe, asked["mu"], own)


def _train(folder: Path, client: int, task: Task) -> tuple[np.ndarray, int, int]:
    """The change, on how many examples, in how many steps."""
    job = read_job(folder)
    x, y = read_clients_data(folder, client)
    time.sleep(job.pause_s)
    assert task.recipe is not None
    change = train_one(network_of(job), job.start, x, y, task, client)
    steps = len(batches(len(x), task.recipe, (task.seed, task.round, client))[0])
    return change, len(x), steps
