"""Who learns how: every experiment that the federated notebook's explorers show.

An experiment names its users, a function that lets them learn, and the settings of that function
that are tuned. Methods that are compared are each tuned by themselves; where one thing alone is to
differ (an attack, the epochs of tuning), an experiment takes the settings of another.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import product

import numpy as np

from tinylab.adapt.dense_training import Weights
from tinylab.adapt.federated import rules
from tinylab.adapt.federated.compression import COMPRESSORS, CompressedFleet, Compressor
from tinylab.adapt.federated.keywords import comparison
from tinylab.adapt.federated.keywords.users import NEW_WORDS, Setting
from tinylab.adapt.federated.keywords.vocabularies import ALIKE
from tinylab.adapt.federated.messages import LocalRecipe
from tinylab.adapt.federated.poison import ScalingFleet, with_shifted_labels
from tinylab.adapt.federated.privacy import PrivateFedAvg
from tinylab.adapt.federated.rounds import Fleet, Round, federate
from tinylab.adapt.federated.stacked import StackedFleet, Stragglers
from tinylab.adapt.federated.strategies import (
    FedAdam,
    FedAvg,
    FedAvgM,
    FedProx,
    Scaffold,
    Strategy,
)
from tinylab.recipes.federated.epsilons import NOISES, ROUNDS, SHARES

__all__ = ["ALPHAS", "PARTS", "Experiment", "Users"]

ALPHAS = (0.03, 0.1, ALIKE)
EPOCHS = (0, 1, 2, 5, 10, 20)
ALONE_EPOCHS, TOGETHER_EPOCHS = 30, 40  # as many as the rounds, and enough to stand still
SLOW = (0.5, 0.9)
COMPRESSED_AT = 0.1  # the alpha of the runs with compressed updates
CROWDS = (100, 240)
RULES: dict[str, rules.Rule] = {
    "mean": rules.weighted_mean,
    "median": rules.median,
    "trimmed mean": rules.trimmed_mean,
    "Krum": rules.krum,
    "multi-Krum": rules.multi_krum,
    "norm clipping": rules.norm_clipped_mean,
}
ATTACKS = ("10 shift labels", "30 shift labels", "5 send x -5", "5 send x 20")

Learn = Callable[..., tuple[Round, ...]]
"""(setting, seed, every, **settings) -> the record of its rounds."""
FleetOf = Callable[[Setting, int], Fleet]


@dataclass(frozen=True)
class Users:
    """Whose learning it is: `tinylab.adapt.federated.keywords.users.draw_users`."""

    alpha: float
    number: int = 100
    unlike_sizes: bool = False


@dataclass(frozen=True)
class Experiment:
    """A way of learning, at one alpha.

    Parameters
    ----------
    group, name : str
        See `tinylab.adapt.federated.keywords.runs.Run`.
    users : Users
    learn : callable
    tunes : tuple of str
        Settings of `learn` to tune, keys of `tinylab.recipes.federated.tuning.LADDERS`.
    base : tuple of (group, name), optional
        An earlier experiment at this alpha: its settings are taken, and those that are tuned start
        from them.
    figure : str
        What is tuned for: "all_words" or "own_words".
    curve : bool
        Whether it is measured after every round, not after the last one alone.
    """

    group: str
    name: str
    users: Users
    learn: Learn
    tunes: tuple[str, ...] = ()
    base: tuple[str, str] | None = None
    figure: str = "all_words"
    curve: bool = False


def _plain(setting: Setting, seed: int) -> StackedFleet:
    return StackedFleet(setting.network, setting.data, setting.start)


def by_rounds(make: Callable[..., Strategy], fleet_of: FleetOf = _plain) -> Learn:
    """Learning by rounds: `make` turns settings into a strategy."""

    def learn(setting: Setting, seed: int, every: int, **settings: float) -> tuple[Round, ...]:
        return _rounds(make(**settings), fleet_of(setting, seed), setting, seed, every)[1]

    return learn


def _rounds(
    strategy: Strategy, fleet: Fleet, setting: Setting, seed: int, every: int
) -> tuple[Weights, tuple[Round, ...]]:
    return federate(
        strategy,
        fleet,
        setting.start,
        rounds=ROUNDS,
        seed=seed,
        every=every,
        measure=lambda weights: vars(comparison.measure_common(setting, weights)),
    )


def _after(outcome: comparison.Outcome) -> tuple[Round, ...]:
    return (Round(ROUNDS, vars(outcome)),)


def _recipe(rate: float) -> LocalRecipe:
    return LocalRecipe(learning_rate=rate)


def _averaging(kind: type[FedAvg] = FedAvg, **options) -> Callable[..., Strategy]:
    """A strategy of the given rate, and of whatever else is tuned."""
    return lambda rate, **tuned: kind(_recipe(rate), **options, **tuned)


def _alone(setting: Setting, seed: int, every: int, rate: float) -> tuple[Round, ...]:
    return _after(comparison.alone(setting, LocalRecipe(ALONE_EPOCHS, learning_rate=rate), seed))


def _together(setting: Setting, seed: int, every: int, rate: float) -> tuple[Round, ...]:
    return _after(comparison.together(setting, LocalRecipe(TOGETHER_EPOCHS, 50, rate), seed))


def _methods(alpha: float) -> Iterator[Experiment]:
    method = partial(Experiment, "methods", users=Users(alpha))
    yield method("alone", learn=_alone, tunes=("rate",), figure="own_words")
    yield method("together", learn=_together, tunes=("rate",))
    by_rate = {f"FedProx, mu {mu:g}": _averaging(FedProx, mu=mu) for mu in (0.01, 0.1, 1.0)}
    by_rate = {"FedAvg": _averaging(), **by_rate, "SCAFFOLD": _averaging(Scaffold)}
    for name, make in by_rate.items():
        yield method(name, learn=by_rounds(make), tunes=("rate",), curve=True)
    for name, kind, more in (("FedAvgM", FedAvgM, "momentum"), ("FedAdam", FedAdam, "server_rate")):
        learn = by_rounds(_averaging(kind))
        base = ("methods", "FedAvg")
        yield method(name, learn=learn, tunes=("rate", more), base=base, curve=True)
    yield from _personal(alpha)
    yield from _users(alpha)
    if alpha == COMPRESSED_AT:
        yield from _compression(alpha)


@lru_cache(maxsize=8)
def _common(setting: Setting, seed: int, rate: float) -> tuple[Weights, tuple[Round, ...]]:
    """The common model that several experiments go on from, learned once."""
    return _rounds(FedAvg(_recipe(rate)), _plain(setting, seed), setting, seed, ROUNDS)


def _personalised(
    setting: Setting, seed: int, every: int, *, epochs: int, rate: float, personal_rate: float
) -> tuple[Round, ...]:
    weights, record = _common(setting, seed, rate)
    if not epochs:
        return record[-1:]
    recipe = LocalRecipe(epochs, learning_rate=personal_rate)
    return _after(comparison.personalised(setting, weights, recipe, seed))


def _personal(alpha: float) -> Iterator[Experiment]:
    """A common model that every user goes on to train: both rates are tuned for own words."""
    experiment = partial(Experiment, "personal", users=Users(alpha), figure="own_words")
    tuned, rates = "FedAvg, 5 epochs", ("rate", "personal_rate")
    yield experiment(tuned, learn=partial(_personalised, epochs=5), tunes=rates)
    for epochs in EPOCHS:
        if epochs != 5:
            learn = partial(_personalised, epochs=epochs)
            yield experiment(f"FedAvg, {epochs} epochs", learn=learn, base=("personal", tuned))


def _compressed(compress: Compressor, feedback: bool) -> FleetOf:
    return lambda setting, seed: CompressedFleet(_plain(setting, seed), compress, feedback)


def _compression(alpha: float) -> Iterator[Experiment]:
    experiment = partial(
        Experiment, "compression", users=Users(alpha), base=("methods", "FedAvg"), curve=True
    )
    for name, compress in COMPRESSORS.items():
        if compress is None:
            yield experiment(name, learn=by_rounds(_averaging()))
            continue
        for end, feedback in (("", False), (", feedback", True)):
            learn = by_rounds(_averaging(), _compressed(compress, feedback))
            yield experiment(f"{name}{end}", learn=learn)


def _slow(late: Stragglers) -> FleetOf:
    return lambda setting, seed: StackedFleet(
        setting.network, setting.data, setting.start, stragglers=late
    )


def _users(alpha: float) -> Iterator[Experiment]:
    """Users that are slow, and users that have said little or much."""
    experiment = partial(Experiment, base=("methods", "FedAvg"), curve=True)
    for share, (kind, part) in product(SLOW, (("dropped", False), ("partial work", True))):
        learn = by_rounds(_averaging(), _slow(Stragglers(share, part)))
        yield experiment("stragglers", f"{share:.0%} slow, {kind}", Users(alpha), learn)
    sizes = Users(alpha, unlike_sizes=True)
    for name, rule in (("by examples", rules.weighted_mean), ("all alike", rules.plain_mean)):
        yield experiment("sizes", name, sizes, by_rounds(_averaging(rule=rule)))


def _attacked(attack: str) -> FleetOf:
    """Users of whom some attack, others at each seed."""

    def fleet_of(setting: Setting, seed: int) -> Fleet:
        count, *how = attack.split()
        order = np.random.default_rng([seed, 5]).permutation(len(setting.data.names))
        attackers = order[: int(count)]
        if how[0] == "shift":
            data = with_shifted_labels(setting.data, attackers, len(NEW_WORDS))
            return StackedFleet(setting.network, data, setting.start)
        return ScalingFleet(_plain(setting, seed), attackers, float(how[-1]))

    return fleet_of


def _poison(alpha: float) -> Iterator[Experiment]:
    """Every rule is tuned while nobody attacks: nobody knows an attack before."""
    for name, rule in RULES.items():
        experiment, make = partial(Experiment, "poison", users=Users(alpha)), _averaging(rule=rule)
        peace = f"nobody | {name}"
        yield experiment(peace, learn=by_rounds(make), tunes=("rate",))
        for attack in ATTACKS:
            learn = by_rounds(make, _attacked(attack))
            yield experiment(f"{attack} | {name}", learn=learn, base=("poison", peace))


def _privacy(alpha: float) -> Iterator[Experiment]:
    """The clip of a crowd is tuned at the middle noise, and kept for the others."""
    middle = NOISES[len(NOISES) // 2]
    for number, share in product(CROWDS, SHARES):
        crowd = f"{number} users, share {share:g}"
        experiment = partial(Experiment, "privacy", users=Users(alpha, number))
        unclipped = f"{crowd}, no clip"
        plain = _averaging(share=share, draw="poisson", rule=rules.plain_mean)
        yield experiment(unclipped, learn=by_rounds(plain), tunes=("rate",))
        tuned = f"{crowd}, noise {middle:g}"
        make = _averaging(PrivateFedAvg, share=share, noise=middle)
        yield experiment(tuned, learn=by_rounds(make), tunes=("clip",), base=("privacy", unclipped))
        for noise in (0.0, *NOISES):
            if noise != middle:
                make = _averaging(PrivateFedAvg, share=share, noise=noise)
                name = f"{crowd}, noise {noise:g}"
                yield experiment(name, learn=by_rounds(make), base=("privacy", tuned))


PARTS: dict[str, tuple[Callable[[float], Iterator[Experiment]], tuple[float, ...]]] = {
    "methods": (_methods, ALPHAS),
    "poison": (_poison, (0.1, ALIKE)),
    "privacy": (_privacy, (ALIKE,)),
}
"""What is measured at which alphas."""
