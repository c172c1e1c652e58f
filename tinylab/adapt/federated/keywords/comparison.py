"""Alone, federated, together, personalised: the same users and examples, four ways to learn."""

from dataclasses import dataclass, replace

import numpy as np

from tinylab.adapt.dense_training import Weights
from tinylab.adapt.federated.keywords.users import Setting
from tinylab.adapt.federated.messages import LocalRecipe, Task, to_vector, to_weights
from tinylab.adapt.federated.networks import accuracy_by_word
from tinylab.adapt.federated.rounds import Round, federate
from tinylab.adapt.federated.stacked import ClientData, StackedFleet
from tinylab.adapt.federated.strategies import Strategy

__all__ = [
    "Outcome",
    "alone",
    "federated",
    "measure_common",
    "personalised",
    "together",
]

_ALONE, _TOGETHER, _PERSONAL = 0, 0, 1_000_000  # stand for a round's number in seeds


@dataclass(frozen=True)
class Outcome:
    """How well the users are served, on voices that nobody learned from.

    Parameters
    ----------
    all_words : float
        Accuracy, mean over all new words; of personal models, the mean over users.
    own_words : float
        Accuracy on what a user really says: words weighted by its vocabulary, mean over users.
    own_worst_tenth : float
        The same for the user at the lowest tenth.
    """

    all_words: float
    own_words: float
    own_worst_tenth: float


def measure_common(setting: Setting, weights: Weights) -> Outcome:
    """Everybody uses the same model.

    Every word is said equally often in all, so the mean over users on their own words equals the
    mean over all words: only a personal model can move the one without the other.
    """
    words = setting.vocabularies.shape[1]
    by_word = accuracy_by_word(setting.network, weights, setting.x, setting.y, words)
    return _outcome(setting, np.tile(by_word, (len(setting.vocabularies), 1)))


def _measure_personal(setting: Setting, changes: np.ndarray, common: Weights) -> Outcome:
    words = setting.vocabularies.shape[1]
    models = to_weights(to_vector(common) + changes, common)
    rows = [
        accuracy_by_word(setting.network, own, setting.x, setting.y, words)
        for own in zip(*models, strict=True)
    ]
    return _outcome(setting, np.array(rows))


def _outcome(setting: Setting, by_word: np.ndarray) -> Outcome:
    own = np.sum(by_word * setting.vocabularies, axis=1)
    return Outcome(float(by_word.mean()), float(own.mean()), float(np.quantile(own, 0.1)))


def _train_all(
    setting: Setting, common: Weights, recipe: LocalRecipe, seed: int, key: int
) -> np.ndarray:
    """Every user trains its own model from the common one: changes (users, size)."""
    fleet = StackedFleet(setting.network, setting.data, common)
    task = Task(to_vector(common), seed, key, recipe)
    replies = fleet.train(np.arange(len(fleet.names)), task)
    return np.stack([update.change for update in replies.updates])


def alone(setting: Setting, recipe: LocalRecipe, seed: int = 0) -> Outcome:
    """Every user learns from its own clips, and nothing is sent."""
    changes = _train_all(setting, setting.start, recipe, seed, _ALONE)
    return _measure_personal(setting, changes, setting.start)


def together(setting: Setting, recipe: LocalRecipe, seed: int = 0) -> Outcome:
    """All clips are sent to one computer, which is what nobody wanted."""
    data = setting.data
    real = np.arange(data.y.shape[1]) < data.counts[:, None]
    pooled = ClientData(
        ("everyone",), data.x[real][None], data.y[real][None], np.array([real.sum()])
    )
    change = _train_all(replace(setting, data=pooled), setting.start, recipe, seed, _TOGETHER)[0]
    return measure_common(setting, to_weights(to_vector(setting.start) + change, setting.start))


def federated(
    strategy: Strategy, setting: Setting, *, rounds: int = 30, seed: int = 0, every: int = 1
) -> tuple[Weights, tuple[Round, ...]]:
    """Learn by rounds; the record's figures are those of `Outcome`.

    Parameters
    ----------
    strategy : Strategy
    setting : Setting
    rounds, seed, every : int
        As in `tinylab.adapt.federated.rounds.federate`.
    """
    fleet = StackedFleet(setting.network, setting.data, setting.start)
    return federate(
        strategy,
        fleet,
        setting.start,
        rounds=rounds,
        seed=seed,
        every=every,
        measure=lambda weights: vars(measure_common(setting, weights)),
    )


def personalised(setting: Setting, common: Weights, recipe: LocalRecipe, seed: int = 0) -> Outcome:
    """Every user goes on training the common model on its own clips, and keeps the result.

    Parameters
    ----------
    setting : Setting
    common : tuple of arrays
        From `federated`.
    recipe : LocalRecipe
    seed : int
    """
    changes = _train_all(setting, common, recipe, seed, _PERSONAL)
    return _measure_personal(setting, changes, common)
