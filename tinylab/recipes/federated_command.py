"""What `tinylab federated` does: one run of keyword users, in this process or on Flower."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinylab.adapt.federated.flower.deployment import flower_environment, run_on_flower
from tinylab.adapt.federated.flower.job import STRATEGIES, Job
from tinylab.adapt.federated.keywords.comparison import measure_common
from tinylab.adapt.federated.keywords.users import Setting, draw_users, feature_bank, settle
from tinylab.adapt.federated.rounds import Round, federate
from tinylab.adapt.federated.stacked import StackedFleet
from tinylab.adapt.federated.strategies import Strategy
from tinylab.models import checkpoints

__all__ = ["Options", "federated_lines"]


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
    fleet = StackedFleet(setting.network, setting.data, setting.start)
    weights, record = federate(
        strategy, fleet, setting.start, rounds=options.rounds, seed=options.seed
    )
    if not options.flower:
        yield from _told(record)
        yield f"all words {measure_common(setting, weights).all_words:.1%}"
        return
    yield from _on_flower(options, strategy, setting, weights)


def _on_flower(options: Options, strategy: Strategy, setting: Setting, loop) -> Iterator[str]:
    names = setting.data.names
    job = Job(strategy, "Head", setting.start, names, options.rounds, options.seed)
    yield f"starting Flower: a server and {len(names)} devices on this computer"
    run = run_on_flower(job, setting.data, limit_s=options.limit_s)
    yield from _told(run.record)
    far = max(float(np.abs(a - b).max()) for a, b in zip(run.weights, loop, strict=True))
    yield (
        f"all words {measure_common(setting, run.weights).all_words:.1%} after {run.seconds:.0f} s;"
        f" the weights differ from those of the loop by {far:.1g} at most"
    )


def _told(record: tuple[Round, ...]) -> Iterator[str]:
    for one in record[1:]:
        absent = {**one.dropouts, **one.refused}
        lost = "".join(f"; {name}: {reason}" for name, reason in absent.items())
        yield f"round {one.number}: {len(one.clients)} users, {one.sent_bytes:,} bytes{lost}"
