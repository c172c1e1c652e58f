"""Every run that the federated notebook's explorers show: measured once, bundled as a table.

In: a keyword model. Out: `Runs`, about a thousand of them, in some minutes. Within a seed all runs
have the same users, words and clips, so that methods are compared in pairs.
"""

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from tinylab.adapt.federated import rules
from tinylab.adapt.federated.compression import COMPRESSORS, CompressedFleet
from tinylab.adapt.federated.keywords import comparison
from tinylab.adapt.federated.keywords.runs import Run, Runs
from tinylab.adapt.federated.keywords.users import (
    NEW_WORDS,
    FeatureBank,
    Setting,
    draw_users,
    feature_bank,
    settle,
)
from tinylab.adapt.federated.keywords.vocabularies import ALIKE
from tinylab.adapt.federated.messages import LocalRecipe
from tinylab.adapt.federated.poison import ScalingFleet, with_shifted_labels
from tinylab.adapt.federated.privacy import PrivateFedAvg
from tinylab.adapt.federated.rounds import Fleet, federate
from tinylab.adapt.federated.stacked import StackedFleet, Stragglers
from tinylab.adapt.federated.strategies import (
    FedAdam,
    FedAvg,
    FedAvgM,
    FedProx,
    Scaffold,
    Strategy,
)
from tinylab.files import replacing
from tinylab.recipes.federated_privacy import NOISES, ROUNDS, SHARES

__all__ = ["ALPHAS", "EPOCHS", "METHODS", "RULES", "measure_runs"]

ALPHAS = (0.03, 0.1, 0.3, 1.0, ALIKE)
EPOCHS = (1, 2, 5, 10, 20)
METHODS: dict[str, Strategy] = {
    "FedAvg": FedAvg(),
    "FedProx, mu 0.01": FedProx(mu=0.01),
    "FedProx, mu 0.1": FedProx(mu=0.1),
    "FedProx, mu 1": FedProx(mu=1.0),
    "FedAvgM": FedAvgM(),
    "FedAdam": FedAdam(),
    "SCAFFOLD": Scaffold(),
}
RULES: dict[str, rules.Rule] = {
    "mean": rules.weighted_mean,
    "median": rules.median,
    "trimmed mean": rules.trimmed_mean,
    "Krum": rules.krum,
    "multi-Krum": rules.multi_krum,
    "norm clipping": rules.norm_clipped_mean,
}
USERS = (100, 240)
CLIP = 0.3
RATES = (0.05, 0.1, 0.2, 0.4, 0.8)

Part = Callable[[FeatureBank, int], Iterator[Run]]


def _run(group: str, name: str, alpha: float, seed: int, record, sent: float = 0.0) -> Run:
    """A run from a record of rounds, or from one outcome."""
    if isinstance(record, comparison.Outcome):
        rounds, figures = (ROUNDS,), [vars(record)]
    else:
        kept = [one for one in record if one.figures]
        rounds, figures = tuple(one.number for one in kept), [one.figures for one in kept]
        answers = sum(len(one.clients) for one in record)
        sent = sum(one.up_bytes for one in record) / max(1, answers)
    columns = (
        tuple(round(one[key], 4) for one in figures)
        for key in ("all_words", "own_words", "own_worst_tenth")
    )
    return Run(group, name, alpha, seed, rounds, *columns, round(sent, 1))


def _last(setting: Setting, strategy: Strategy, fleet: Fleet, seed: int):
    """The record of rounds that are measured at the end only."""
    return federate(
        strategy,
        fleet,
        setting.start,
        rounds=ROUNDS,
        seed=seed,
        every=ROUNDS,
        measure=lambda weights: vars(comparison.measure_common(setting, weights)),
    )[1]


def _fleet(setting: Setting, **options) -> StackedFleet:
    return StackedFleet(setting.network, setting.data, setting.start, **options)


def _methods(features: FeatureBank, seed: int) -> Iterator[Run]:
    for alpha in ALPHAS:
        setting = settle(draw_users(alpha, seed=seed), features)
        run = partial(_run, alpha=alpha, seed=seed)
        yield run("methods", "alone", record=comparison.alone(setting, seed=seed))
        yield run("methods", "together", record=comparison.together(setting, seed=seed))
        for name, strategy in METHODS.items():
            weights, record = comparison.federated(strategy, setting, rounds=ROUNDS, seed=seed)
            yield run("methods", name, record=record)
            if name in ("FedAvg", "FedAvgM"):
                yield run("personal", f"{name}, 0 epochs", record=record[-1:])
                for epochs in EPOCHS:
                    tuned = comparison.personalised(setting, weights, epochs=epochs, seed=seed)
                    yield run("personal", f"{name}, {epochs} epochs", record=tuned)


def _compression(features: FeatureBank, seed: int) -> Iterator[Run]:
    for alpha in (0.1, ALIKE):
        setting = settle(draw_users(alpha, seed=seed), features)
        for name, compress in COMPRESSORS.items():
            for feedback in (False, True) if compress else (False,):
                fleet: Fleet = _fleet(setting)
                if compress:
                    fleet = CompressedFleet(fleet, compress, feedback)
                label = f"{name}, feedback" if feedback else name
                _, record = federate(
                    FedAvg(),
                    fleet,
                    setting.start,
                    rounds=ROUNDS,
                    seed=seed,
                    measure=lambda w, s=setting: vars(comparison.measure_common(s, w)),
                )
                yield _run("compression", label, alpha, seed, record)


def _stragglers(features: FeatureBank, seed: int) -> Iterator[Run]:
    setting = settle(draw_users(0.1, seed=seed), features)
    for share in (0.0, 0.5, 0.9):
        for partial_work in (True, False):
            late = Stragglers(share, partial_work)
            record = _last(setting, FedAvg(), _fleet(setting, stragglers=late), seed)
            kind = "partial work" if partial_work else "dropped"
            yield _run("stragglers", f"{share:.0%} slow, {kind}", 0.1, seed, record)


def _sizes(features: FeatureBank, seed: int) -> Iterator[Run]:
    for alpha in (0.1, ALIKE):
        setting = settle(draw_users(alpha, seed=seed, unlike_sizes=True), features)
        for name, rule in (("by examples", rules.weighted_mean), ("all alike", rules.plain_mean)):
            record = _last(setting, FedAvg(rule=rule), _fleet(setting), seed)
            yield _run("sizes", name, alpha, seed, record)


def _poison(features: FeatureBank, seed: int) -> Iterator[Run]:
    for alpha in (0.1, ALIKE):
        setting = settle(draw_users(alpha, seed=seed), features)
        order = np.random.default_rng([seed, 5]).permutation(len(setting.data.names))
        for attack, fleet in _attacked(setting, order):
            for name, rule in RULES.items():
                record = _last(setting, FedAvg(rule=rule), fleet, seed)
                yield _run("poison", f"{attack} | {name}", alpha, seed, record)


def _attacked(setting: Setting, order: np.ndarray) -> Iterator[tuple[str, Fleet]]:
    """Fleets with attackers, the first of `order`."""
    yield "nobody", _fleet(setting)
    for count in (10, 30):
        data = with_shifted_labels(setting.data, order[:count], len(NEW_WORDS))
        yield f"{count} shift labels", StackedFleet(setting.network, data, setting.start)
    for factor in (-5.0, 20.0):
        yield f"5 send x {factor:g}", ScalingFleet(_fleet(setting), order[:5], factor)


def _privacy(features: FeatureBank, seed: int) -> Iterator[Run]:
    for users, share in product(USERS, SHARES):
        setting = settle(draw_users(ALIKE, users=users, seed=seed), features)
        plain = FedAvg(share=share, draw="poisson", rule=rules.plain_mean)
        record = _last(setting, plain, _fleet(setting), seed)
        yield _run("privacy", f"{users} users, share {share:g}, no clip", ALIKE, seed, record)
        for noise in (0.0, *NOISES):
            strategy = PrivateFedAvg(share=share, clip=CLIP, noise=noise)
            record = _last(setting, strategy, _fleet(setting), seed)
            name = f"{users} users, share {share:g}, noise {noise:g}"
            yield _run("privacy", name, ALIKE, seed, record)


def _tuning(features: FeatureBank, seed: int) -> Iterator[Run]:
    """The settings' neighbours, on validation voices: the test voices choose nothing."""
    setting = settle(draw_users(0.1, seed=seed), features, "validation")
    tried: dict[str, Strategy] = {
        f"FedAvg, client rate {r:g}": FedAvg(LocalRecipe(learning_rate=r)) for r in RATES
    }
    tried |= {f"FedAvgM, momentum {m:g}": FedAvgM(momentum=m) for m in (0.5, 0.8, 0.9, 0.95)}
    tried |= {f"FedAdam, server rate {r:g}": FedAdam(server_rate=r) for r in (0.01, 0.03, 0.1)}
    for name, strategy in tried.items():
        yield _run("tuning", name, 0.1, seed, _last(setting, strategy, _fleet(setting), seed))


PARTS: dict[str, Part] = {
    "tuning": _tuning,
    "methods": _methods,
    "compression": _compression,
    "stragglers": _stragglers,
    "sizes": _sizes,
    "poison": _poison,
    "privacy": _privacy,
}


def measure_runs(
    model,
    name: str,
    path: str | Path,
    *,
    parts: Sequence[str] = tuple(PARTS),
    seeds: Sequence[int] = range(5),
    features: FeatureBank | None = None,
    progress: bool = True,
) -> Runs:
    """Measure all runs and write them to a file.

    Parameters
    ----------
    model : keras.Model
        A keyword model; frozen but for its last layer.
    name : str
        What to call it in the table.
    path : path
        Written when everything is done.
    parts : sequence of str
        Keys of `PARTS`.
    seeds : sequence of int
    features : FeatureBank, optional
        Of the model, if they are there already.
    progress : bool
    """
    unknown = set(parts) - set(PARTS)
    if unknown:
        raise ValueError(f"no part is called {unknown.pop()!r}; parts are {', '.join(PARTS)}")
    features = feature_bank(model) if features is None else features
    jobs = [(part, seed) for part in parts for seed in seeds]
    runs: list[Run] = []
    for part, seed in tqdm(jobs, disable=not progress):
        runs += PARTS[part](features, seed)
    return _written(Runs(name, tuple(runs)), path)


def _written(runs: Runs, path: str | Path) -> Runs:
    _write(dataclasses.asdict(runs), path)
    return runs


def _write(stored: dict, path: str | Path) -> None:
    with replacing(Path(path)) as temporary:
        text = json.dumps(stored, separators=(",", ":")).replace('{"group"', '\n{"group"')
        temporary.write_text(text + "\n", encoding="utf-8")
