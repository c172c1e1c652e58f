"""Client-rounds a second: all clients of a round stacked, and Flower's simulation, in one run.

    python3 -m venv /tmp/simulation
    /tmp/simulation/bin/pip install "flwr[simulation]==1.42.0" -r requirements-flower.txt
    PYTHONPATH=. /tmp/simulation/bin/python benchmarks/federated_speed.py

Both train the notebook's last layer (64 x 30 weights) of the same 100 clients, 20 a round, by the
same function on the same batches. Flower draws; ours then repeats what it drew, so the weights must
agree. Flower's start, and its first round, in which its workers start, are given apart. The table
goes to benchmarks/federated_speed.md. Ray takes half a gigabyte of disk, so the environment is one
to throw away; and it gives up when it has not started within 30 s, so the machine must be quiet.
"""

import os

os.environ.update(
    FLWR_TELEMETRY_ENABLED="0",
    FLWR_DISABLE_UPDATE_CHECK="1",
    RAY_USAGE_STATS_ENABLED="0",
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
)

import argparse
import platform
import time
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from tinylab.adapt.federated.messages import LocalRecipe, Task, to_vector, to_weights
from tinylab.adapt.federated.networks import Head, LastBlock
from tinylab.adapt.federated.rounds import federate
from tinylab.adapt.federated.stacked import ClientData, StackedFleet, train_one
from tinylab.adapt.federated.strategies import FedAvg

CLIENTS, CLIPS, FEATURES, WORDS, SHARE = 100, 40, 64, 30, 0.2
START = Head().start(FEATURES, WORDS)
RECIPE = LocalRecipe()
REPORT = Path(__file__).with_suffix(".md")


@dataclass
class Log:
    """What Flower did: when each round ended, and whom it drew."""

    began: float = 0.0
    ended: list[float] = field(default_factory=list)
    drawn: list[list[int]] = field(default_factory=list)
    weights: np.ndarray | None = None


@dataclass(frozen=True)
class Replayed(FedAvg):
    """Averaging over the clients that were drawn before."""

    drawn: tuple[tuple[int, ...], ...] = ()

    def sample(self, state):
        return np.array(self.drawn[state.round])


def client_data() -> ClientData:
    """Made-up features of the notebook's sizes; workers make the same ones."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(CLIENTS, CLIPS, FEATURES)).astype(np.float32)
    names = tuple(f"user {k}" for k in range(CLIENTS))
    y = rng.integers(0, WORDS, (CLIENTS, CLIPS))
    return ClientData(names, x, y, np.full(CLIENTS, CLIPS))


def client_app():
    """A client of Flower that trains as ours do."""
    from flwr.app import Array, ArrayRecord, Message, MetricRecord, RecordDict
    from flwr.clientapp import ClientApp

    app, held = ClientApp(), {}

    @app.train()
    def train(message, context):
        data = held.setdefault("data", client_data())
        client = int(context.node_config["partition-id"])
        weights = message.content["arrays"].to_numpy_ndarrays()[0]
        task = Task(weights, 0, int(message.content["config"]["server-round"]), RECIPE)
        change = train_one(Head(), START, data.x[client], data.y[client], task, client)
        answer = {
            "arrays": ArrayRecord({"weights": Array(weights + change)}),
            "metrics": MetricRecord({"num-examples": CLIPS, "client": client}),
        }
        return Message(RecordDict(answer), reply_to=message)

    return app


def simulate(rounds: int) -> Log:
    """Flower's own averaging in its simulation, on all processors."""
    from flwr.app import Array, ArrayRecord
    from flwr.serverapp import ServerApp
    from flwr.serverapp.strategy import FedAvg as FlowerFedAvg
    from flwr.simulation import run_simulation

    log, server = Log(began=time.perf_counter()), ServerApp()

    class Watched(FlowerFedAvg):
        def aggregate_train(self, server_round, replies):
            answers = list(replies)
            log.ended.append(time.perf_counter())
            log.drawn.append(sorted(int(m.content["metrics"]["client"]) for m in answers))
            return super().aggregate_train(server_round, answers)

    @server.main()
    def main(grid, context):
        strategy = Watched(
            fraction_train=SHARE,
            fraction_evaluate=0.0,
            min_train_nodes=round(SHARE * CLIENTS),  # of the nodes that are there at first, too
            min_available_nodes=CLIENTS,
        )
        first = ArrayRecord({"weights": Array(to_vector(START))})
        result = strategy.start(grid=grid, initial_arrays=first, num_rounds=rounds)
        log.weights = result.arrays.to_numpy_ndarrays()[0]

    resources = {"client_resources": {"num_cpus": 1, "num_gpus": 0}}
    resources["init_args"] = {"include_dashboard": False}
    run_simulation(server, client_app(), CLIENTS, backend_config=resources)
    return log


def ours(log: Log) -> tuple[float, float, float]:
    """The same rounds stacked: client-rounds a second, a CPU second, and the largest difference."""
    data = client_data()
    strategy = Replayed(RECIPE, drawn=tuple(map(tuple, log.drawn)))
    rounds = len(log.drawn)
    wall, processor = [], []
    for _ in range(5):
        begun = time.perf_counter(), time.process_time()
        weights, _ = federate(strategy, StackedFleet(Head(), data, START), START, rounds=rounds)
        wall.append(time.perf_counter() - begun[0])
        processor.append(time.process_time() - begun[1])
    trained = sum(map(len, log.drawn))
    theirs = to_weights(log.weights, START)
    far = max(float(np.abs(a - b).max()) for a, b in zip(weights, theirs))
    return trained / np.median(wall), trained / np.median(processor), far


def last_block() -> float:
    """Client-rounds a CPU second where the last pointwise convolution learns, too."""
    rng = np.random.default_rng(1)
    x = np.maximum(rng.normal(size=(CLIENTS, CLIPS, 125, FEATURES)), 0).astype(np.float32)
    kernel = (0.1 * rng.normal(size=(FEATURES, FEATURES))).astype(np.float32)
    start = (kernel, np.zeros(FEATURES, np.float32), *START)
    fleet = StackedFleet(LastBlock(), replace(client_data(), x=x), start)
    strategy = FedAvg(LocalRecipe(3, 8), share=SHARE)
    begun = time.process_time()
    federate(strategy, fleet, start, rounds=3)
    return 3 * SHARE * CLIENTS / (time.process_time() - begun)


def report(log: Log) -> str:
    """The table, as Markdown."""
    per_wall, per_cpu, far = ours(log)
    later = sum(map(len, log.drawn[1:]))
    flower = later / (log.ended[-1] - log.ended[0])
    first_s = log.ended[0] - log.began
    versions = f"numpy {np.__version__}, flwr {version('flwr')}, ray {version('ray')}"
    lines = [
        "# Federated rounds: ours beside Flower's simulation",
        "",
        f"Made by `benchmarks/federated_speed.py` on {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, {versions}, in one run: {len(log.drawn)} rounds of"
        f" {len(log.drawn[0])} of {CLIENTS} clients, {RECIPE.epochs} epochs of {CLIPS} clips each"
        f" on {FEATURES} x {WORDS} weights. The final weights differ by {far:.1g} at most.",
        "",
        "| engine | client-rounds a second | a CPU second | first round done after |",
        "|---|---|---|---|",
        f"| all clients stacked, one thread | {per_wall:,.0f} | {per_cpu:,.0f} | 0 s |",
        f"| Flower's simulation, from round 2 on | {flower:,.1f} | | {first_s:.0f} s |",
        f"| last block and head stacked, 3 epochs | | {last_block():,.0f} | 0 s |",
        "",
        f"Ours is {per_wall / flower:,.0f} times as fast; asked for are 10 times, and 2,000 a CPU"
        " second on the head. The last block takes 0.12 billion multiply-adds a client-round.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    log = simulate(parser.parse_args().rounds)
    time.sleep(10)  # Flower's workers are still ending
    text = report(log)
    REPORT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
