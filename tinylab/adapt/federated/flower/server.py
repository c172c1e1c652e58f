"""The server: the loop of `rounds`, with a fleet that trains over the network."""

import time
import traceback
from pathlib import Path

import numpy as np

from tinylab.adapt.federated.flower.job import Job, read_job, write_outcome
from tinylab.adapt.federated.messages import Replies, Task, Update
from tinylab.adapt.federated.rounds import federate

__all__ = ["GridFleet", "server_app"]

_CONNECT_S = 120.0
_POLL_S = 0.5
_PROGRAM_FAILED = (1, 2)  # Flower's error codes: the client's app does not load, or it raised


class GridFleet:
    """Clients behind Flower's grid.

    Parameters
    ----------
    grid : flwr.serverapp.Grid
    job : Job
    folder : Path
        Where the number of the current round is kept, for whoever watches.
    """

    def __init__(self, grid, job: Job, folder: Path):
        self.grid, self.job, self.folder = grid, job, folder
        self.nodes_ = self._meet()

    @property
    def names(self) -> tuple[str, ...]:
        """All clients, in order."""
        return self.job.names

    def train(self, chosen: np.ndarray, task: Task) -> Replies:
        """Send the task to the chosen clients and wait; who does not answer has dropped out.

        Raises
        ------
        RuntimeError
            The program failed on all of them: that is a fault, not a dropout.
        """
        (self.folder / "round.txt").write_text(str(task.round))
        asked = {
            client: self._message(self.nodes_[client], _content(task, row), "train")
            for row, client in enumerate(chosen.tolist())
        }
        updates, reasons, faults = [], {}, []
        for client, reply in self._exchange(asked, self.job.answer_s):
            name = self.names[client]
            if reply.has_error():
                reasons[name] = reply.error.reason or f"error {reply.error.code}"
                faults += [name] * (reply.error.code in _PROGRAM_FAILED)
                continue
            try:
                updates.append(_update(name, reply.content))
            except (KeyError, TypeError, ValueError) as fault:
                reasons[name] = f"sent something that is no update: {fault!r}"
        if len(faults) == len(asked):
            raise RuntimeError(
                f"the program failed on every device in round {task.round};"
                f" {faults[0]}: {reasons[faults[0]]}"
            )
        done = {update.client for update in updates} | set(reasons)
        silent = [self.names[k] for k in chosen.tolist() if self.names[k] not in done]
        late = dict.fromkeys(silent, f"did not answer within {self.job.answer_s:g} s")
        return Replies(updates, {**reasons, **late})

    def _meet(self) -> dict[int, int]:
        """Ask every node which client it is: {client: node id}."""
        from flwr.app import RecordDict

        until, wanted = time.monotonic() + _CONNECT_S, len(self.names)
        while len(nodes := list(self.grid.get_node_ids())) < wanted:
            if time.monotonic() > until:
                raise TimeoutError(f"{len(nodes)} of {wanted} nodes came within {_CONNECT_S:g} s")
            time.sleep(1)
        asked = {node: self._message(node, RecordDict(), "query") for node in nodes}
        met = {}
        for node, reply in self._exchange(asked, _CONNECT_S):
            if reply.has_content():
                met[int(reply.content["metrics"]["client"])] = node
        if sorted(met) != list(range(wanted)):
            raise RuntimeError(f"the nodes say that they are clients {sorted(met)} of {wanted}")
        return met

    def _exchange(self, asked: dict, limit_s: float) -> list:
        """Send messages and collect (key, reply) until all have answered or the time is up.

        A reply is known by the message that it answers: for a node that is gone, the SuperLink
        itself answers with an error.
        """
        ids = self.grid.push_messages(list(asked.values()))
        waiting = {key: name for key, name in zip(ids, asked, strict=True) if key is not None}
        replies: list = []
        until = time.monotonic() + limit_s
        while waiting and time.monotonic() < until:
            for reply in self.grid.pull_messages(list(waiting)):
                replies.append((waiting.pop(reply.metadata.reply_to_message_id), reply))
            if waiting:
                time.sleep(_POLL_S)
        return replies

    def _message(self, node: int, content, kind: str):
        from flwr.app import Message

        return Message(content, node, kind)


def _content(task: Task, row: int):
    """The task of one client, as Flower's records."""
    from flwr.app import Array, ArrayRecord, ConfigRecord, RecordDict

    assert task.recipe is not None
    arrays = {"weights": Array(task.weights)}
    if task.corrections is not None:
        arrays["correction"] = Array(task.corrections[row])
    asked = {"seed": task.seed, "round": task.round, "mu": float(task.mu), **vars(task.recipe)}
    return RecordDict({"arrays": ArrayRecord(arrays), "config": ConfigRecord(asked)})


def _update(client: str, content) -> Update:
    change, said = content["arrays"]["change"].numpy(), content["metrics"]
    return Update(client, change, int(said["examples"]), int(said["steps"]), change.nbytes)


def server_app():
    """The ServerApp; needs flwr."""
    from flwr.serverapp import ServerApp

    app = ServerApp()

    @app.main()
    def main(grid, context) -> None:
        folder = Path(str(context.run_config["job"]))
        try:
            job = read_job(folder)
            fleet = GridFleet(grid, job, folder)
            outcome = federate(job.strategy, fleet, job.start, rounds=job.rounds, seed=job.seed)
            write_outcome(*outcome, folder)
        except Exception:  # passed on, and written where whoever started the engine looks
            (folder / "failed.txt").write_text(traceback.format_exc())
            raise

    return app
