"""Small inputs for the explorers of adaptation: results as its studies give them."""

from functools import cache

import numpy as np

from tinylab.adapt.continual.results import AdaptationCost, ContinualResults, ContinualRow
from tinylab.adapt.federated.results import FederatedResults, FederatedRow
from tinylab.adapt.few_shot.results import FewShotResults, FewShotRow
from tinylab.adapt.fine_tuning.memory import LayerMemory, MemoryCost
from tinylab.adapt.fine_tuning.results import EpochPoint, FineTuningResults, ScopeRow
from tinylab.adapt.sparse_update.choice import Contributions, Option, SparsePlan, best_plans
from tinylab.adapt.sparse_update.memory import Unit, plan_bytes
from tinylab.adapt.sparse_update.results import SparseRow, SparseUpdateResults


@cache
def scope_results() -> FineTuningResults:
    def cost(scope, kept):
        layers = tuple(
            LayerMemory(f"layer_{i}", "Conv2D", 4000, 4000 * (i < kept), 9000 * (i < kept), "input")
            for i in range(4)
        )
        return MemoryCost(scope, 5, "sgd", layers)

    rows = [
        ScopeRow(
            scope,
            examples,
            (
                EpochPoint(0, 0.1, 0.9, 2.0, 0.3),
                EpochPoint(1, 0.5 + kept / 10 + examples / 100, 0.9 - kept / 20, 1.0, 0.5),
            ),
            cost(scope, kept),
            0.95,
        )
        for examples in (5, 10)
        for kept, scope in enumerate(("last_layer", "last_1_block", "all"), start=1)
    ]
    return FineTuningResults(tuple(rows))


@cache
def few_shot_results() -> FewShotResults:
    rng = np.random.default_rng(6)
    rows = [
        FewShotRow(
            method,
            shots,
            tuple(rng.normal(0.7 + better / 10, 0.05, 4)),
            0.01 * better,
            5 * better,
            0.8,
        )
        for shots in (1, 5, 10)
        for better, method in enumerate(("unchanged", "fine-tuning", "MAML"))
    ]
    families = ("infrared", "infrared", "wide_angle", "low_light")
    return FewShotResults(("a", "b", "c", "d"), families, 200, 2, tuple(rows))


@cache
def sparse_results() -> SparseUpdateResults:
    kinds = ("Conv2D", "DepthwiseConv2D", "Conv2D", "Dense")
    units = tuple(
        Unit(
            f"layer_{i}", f"layer_{i}/bias", kind, 3 - i, 900 * (i + 1), 16, 8, 4000 >> i, 2000 >> i
        )
        for i, kind in enumerate(kinds)
    )
    options = tuple(
        Option(i, share, 0.01 * (i + share)) for i in range(3) for share in units[i].shares
    )
    contributions = Contributions((0.56, 0.57, 0.58, 0.6), options)
    budgets = (64 * 1024, 128 * 1024)
    rows = [
        SparseRow(budget, plan, (0.7 + number / 20, 0.72, 0.8), 0.01, 5)
        for number, (budget, plan) in enumerate(
            zip(budgets, best_plans(units, contributions, (52_000, 90_000)))
        )
    ]
    kernels = {unit.name: 1.0 for unit in units[:-1]}
    whole = SparsePlan(0, tuple(kernels.items()), plan_bytes(units, 0, kernels), 0.8)
    everything = SparseRow(whole.bytes, whole, (0.8, 0.82, 0.84), 0.01, 5)
    return SparseUpdateResults(
        units, contributions, tuple(rows), (0.6, 0.65, 0.7), everything, 5, 100
    )


@cache
def continual_results() -> ContinualResults:
    def table(loss):
        return tuple(
            tuple(0.9 - loss * max(i - j, 0) + 0.1 * (i == j) for j in range(3)) for i in range(3)
        )

    def row(method, setting, loss, kept):
        cost = AdaptationCost(4_000_000, kept, 10**9, 2e6 + kept, "nucleo_l4r5zi_p")
        return ContinualRow(method, setting, table(loss), table(loss / 2), table(loss / 3), cost)

    rows = [row("none", 0.0, 0.0, 0), row("threshold", 0.0, 0.01, 0), row("naive", 0.0, 0.2, 0)]
    rows += [row("replay", size, 1 / size, int(size) * 640) for size in (30.0, 120.0)]
    rows += [row("ewc", strength, 0.1 / strength, 2_000_000) for strength in (3.0, 30.0)]
    return ContinualResults(("new", "drifted", "repaired"), tuple(rows))


@cache
def federated_sweep() -> FederatedResults:
    def row(method, mu, gain, sent):
        auc = tuple(tuple(0.7 + gain * number + 0.02 * k for k in range(3)) for number in range(4))
        return FederatedRow(method, mu, auc, sent)

    rows = [
        row("FedAvg", 0.0, 0.05, 8_000_000),
        row("alone", 0.0, 0.01, 0),
        row("together", 0.0, 0.06, 0),
    ]
    rows += [row("FedProx", mu, 0.05 - mu / 50, 8_000_000) for mu in (0.1, 1.0)]
    return FederatedResults(("machine 1", "machine 2", "machine 3"), tuple(rows))
