"""What `tinylab federated` does: one run of keyword users, in this process or on Flower."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinylab.adapt.federated.flower.app import write_app
from tinylab.adapt.federated.flower.deployment import flower_environment, run_on_flower
from tinylab.adapt.federated.flower.job import STRATEGIES, Job
from tinylab.adapt.federated.keywords.comparison import measure_common
from tinylab.adapt.federated.keywords.users import Setting, draw_users, feature_bank, settle
from tinylab.adapt.federated.rounds import Round, federate
from tinylab.adapt.federated.stacked import StackedFleet
from tinylab.adapt.federated.strategies import FedAvg
from tinylab.models import checkpoints

__all__ = ["Options", "federated_lines"]

SEVERAL_MACHINES = "tinylab/adapt/federated/flower/several_machines.md"


@dataclass(frozen=True)
class Options:
    """What is asked for.

    Parameters
    ----------
    strategy : str
        A key of `tinylab.adapt.federated.flower.job.STRATEGIES`.
    users, rounds : int
    share, alpha : float
    seed : int
    flower : bool
        Run on Flower, and compare with the loop.
    write : path, optional
        Run nothing: write Flower's app and job into this folder.
    limit_s : float
        When to give Flower up.
    """

    strategy: str = "FedAvg"
    users: int = 100
    rounds: int = 30
    share: float = 0.2
    alpha: float = 0.1
    seed: int = 0
    flower: bool = False
    write: str | Path | None = None
    limit_s: float = 300.0


def federated_lines(options: Options) -> Iterator[str]:
    """Run, and say line by line what happened."""
    if options.flower:
        flower_environment()  # what is missing is said before anything is computed
    strategy = STRATEGIES[options.strategy](share=options.share)
    plan = draw_users(options.alpha, users=options.users, seed=options.seed)
    checkpoint = checkpoints.load("keyword_spotting", "train")
    yield f"{checkpoint}; its last layer is learned anew by {options.users} users"
    setting = settle(plan, feature_bank(checkpoint.model, [plan]))
    if options.write is not None:
        write_app(_job(options, strategy, setting), setting.data, Path(options.write))
        yield f"app and job are in {options.write}; see {SEVERAL_MACHINES}"
        return
    fleet = StackedFleet(setting.network, setting.data, setting.start)
    weights, record = federate(
        strategy, fleet, setting.start, rounds=options.rounds, seed=options.seed
    )
    if not options.flower:
        yield from _lines_of(record)
        yield f"all words {measure_common(setting, weights).all_words:.1%}"
        return
    yield from _on_flower(options, strategy, setting, weights)


def _on_flower(options: Options, strategy: FedAvg, setting: Setting, loop) -> Iterator[str]:
    job = _job(options, strategy, setting)
    yield f"starting Flower: a server and {len(job.names)} devices on this computer"
    run = run_on_flower(job, setting.data, limit_s=options.limit_s)
    yield from _lines_of(run.record)
    far = max(float(np.abs(a - b).max()) for a, b in zip(run.weights, loop, strict=True))
    yield (
        f"all words {measure_common(setting, run.weights).all_words:.1%} after {run.seconds:.0f} s;"
        f" the weights differ from those of the loop by {far:.1g} at most"
    )


def _job(options: Options, strategy: FedAvg, setting: Setting) -> Job:
    names = setting.data.names
    return Job(strategy, "Head", setting.start, names, options.rounds, options.seed)


def _lines_of(record: tuple[Round, ...]) -> Iterator[str]:
    for done in record[1:]:
        absent = {**done.dropouts, **done.refused}
        lost = "".join(f"; {name}: {reason}" for name, reason in absent.items())
        yield f"round {done.number}: {len(done.clients)} users, {done.sent_bytes:,} bytes{lost}"
