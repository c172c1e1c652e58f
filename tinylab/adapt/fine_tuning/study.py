"""Fine-tune a model on 5 to 20 clips, so that it fits a new user.

What it costs is part of the answer: each result carries the accuracy on the new examples, what was
forgotten of the old ones, and the memory cost.
"""

import time
from dataclasses import dataclass

import keras
import numpy as np
from tqdm.auto import tqdm

from tinylab.adapt.fine_tuning.memory import memory_cost
from tinylab.adapt.fine_tuning.results import FineTuningResults, ScopeRow
from tinylab.adapt.fine_tuning.scopes import scopes as all_scopes
from tinylab.adapt.fine_tuning.trainer import LEARNING_RATES, ScopeTrainer, answers
from tinylab.cache import fingerprint, remembered
from tinylab.models.surgery.nested import flattened
from tinylab.scoring.classification import accuracy

__all__ = [
    "FineTuningSettings",
    "FinetuneResult",
    "ScopeStudySettings",
    "finetune",
    "measure_scopes",
]


@dataclass(frozen=True)
class FineTuningSettings:
    """How to fine-tune.

    Attributes
    ----------
    epochs, batch_size : int
        Passes over the examples, and examples per step (the last step of a pass may have fewer).
    optimizer : {"sgd", "momentum", "adam"}
        Plain gradient descent keeps no state, and is what `tinylab.adapt.on_device.program` runs.
        Momentum is 0.9.
    learning_rate : float, optional
        Default: by optimizer and scope, `tinylab.adapt.fine_tuning.trainer.LEARNING_RATES`.
    curve_points : int
        How many times to measure after the start, evenly spread over the epochs.
    seed : int
        Order of the examples.
    """

    epochs: int = 20
    batch_size: int = 5
    optimizer: str = "sgd"
    learning_rate: float | None = None
    curve_points: int = 10
    seed: int = 0


@dataclass(frozen=True)
class ScopeStudySettings(FineTuningSettings):
    """How to fine-tune, and what to compare.

    Attributes
    ----------
    scopes : sequence of str, optional
        Default: all that the model has (`tinylab.adapt.fine_tuning.scopes.scopes`).
    examples : sequence of int, optional
        Each takes that many of the first examples, so put them in an order whose every beginning
        is fair. Default: all of them.
    cache : bool
        Keep the outcome in the learner's work folder, and answer from there when the same
        model, examples and settings come again.
    progress : bool
        Show a progress bar.
    """

    curve_points: int = 5
    scopes: tuple[str, ...] | None = None
    examples: tuple[int, ...] | None = None
    cache: bool = True
    progress: bool = True


@dataclass(frozen=True)
class FinetuneResult(ScopeRow):
    """One adaptation: its measurements, how long it took, and the adapted model."""

    seconds: float
    model: keras.Model


def finetune(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    new: tuple[np.ndarray, np.ndarray],
    old: tuple[np.ndarray, np.ndarray],
    factory: keras.Model | None = None,
    scope: str = "last_layer",
    settings: FineTuningSettings = FineTuningSettings(),
) -> FinetuneResult:
    """Train the weights of `scope` on a few examples, and measure what was gained and lost.

    The layers below the lowest trained one run once; only what lies above is trained.

    Parameters
    ----------
    model : keras.Model
        Classifier whose output is softmax probabilities. It is copied, never changed.
    x : array (n, ...), float32
        New examples, as the model takes them.
    y : array (n,), integers
        Their classes.
    new, old : tuple of arrays
        `(x, y)` to measure on: the new speaker's or word's other clips, and the old ones.
    factory : keras.Model, optional
        The model before a class was added: forgetting is counted from what it knew. Default:
        `model` itself.
    scope : str
        See `tinylab.adapt.fine_tuning.scopes.selection`.
    settings : FineTuningSettings

    Returns
    -------
    FinetuneResult

    Raises
    ------
    ValueError
        Unknown scope or optimizer, no examples, or labels outside the model's classes.
    """
    _check(model, (x, y), new, old)
    size = min(settings.batch_size, len(x))
    memory = memory_cost(model, scope, batch_size=size, optimizer=settings.optimizer)
    start = time.perf_counter()
    trainer = ScopeTrainer(model, scope, new=new, old=old, **_for_optimizer(settings))
    curve = trainer.fit(x, y, **_for_course(settings))
    seconds = time.perf_counter() - start
    before = _accuracy(model if factory is None else factory, old)
    return FinetuneResult(scope, len(x), curve, memory, before, seconds, trainer.model)


def measure_scopes(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    new: tuple[np.ndarray, np.ndarray],
    old: tuple[np.ndarray, np.ndarray],
    factory: keras.Model | None = None,
    settings: ScopeStudySettings = ScopeStudySettings(),
) -> FineTuningResults:
    """Measure every scope with several numbers of examples.

    Parameters
    ----------
    model, x, y, new, old, factory
        As for `finetune`.
    settings : ScopeStudySettings

    Returns
    -------
    FineTuningResults
        Numbers only, no models.

    Raises
    ------
    ValueError
        As for `finetune`, or more examples are asked for than `x` has.
    """
    scopes = all_scopes(model) if settings.scopes is None else tuple(settings.scopes)
    examples = (len(x),) if settings.examples is None else tuple(settings.examples)
    _check(model, (x, y), new, old)
    if not all(0 < count <= len(x) for count in examples):
        raise ValueError(f"examples={examples}: pass numbers from 1 to {len(x)}")

    def measure() -> FineTuningResults:
        rows = []
        before = _accuracy(model if factory is None else factory, old)
        total = len(scopes) * len(examples)
        with tqdm(total=total, unit="run", disable=not settings.progress) as bar:
            for scope in scopes:
                bar.set_description(scope)
                trainer = ScopeTrainer(model, scope, new=new, old=old, **_for_optimizer(settings))
                memory = memory_cost(model, scope, optimizer=settings.optimizer)
                for count in examples:
                    curve = trainer.fit(x[:count], y[:count], **_for_course(settings))
                    needed = memory.with_settings(batch_size=min(settings.batch_size, count))
                    rows.append(ScopeRow(scope, count, curve, needed, before))
                    bar.update()
        return FineTuningResults(tuple(rows))

    if not settings.cache:
        return measure()
    started = [] if factory is None else factory.get_weights()
    inputs = [*model.get_weights(), *started, x, y, *new, *old]
    course = _for_optimizer(settings), _for_course(settings)
    options = [model.to_json(), LEARNING_RATES, scopes, examples, *course]
    return remembered(f"scopes-{fingerprint(inputs, options)}", measure, FineTuningResults)


def _accuracy(model: keras.Model, clips: tuple) -> float:
    """Share of the clips that a model answers rightly."""
    x, labels = clips
    return accuracy(np.asarray(labels), answers(model, x))


def _for_optimizer(settings: FineTuningSettings) -> dict:
    """What `ScopeTrainer` takes of the settings."""
    return {"optimizer": settings.optimizer, "learning_rate": settings.learning_rate}


def _for_course(settings: FineTuningSettings) -> dict:
    """What `ScopeTrainer.fit` takes of the settings."""
    return {
        "epochs": settings.epochs,
        "batch_size": settings.batch_size,
        "curve_points": settings.curve_points,
        "seed": settings.seed,
    }


def _check(model: keras.Model, examples: tuple, new: tuple, old: tuple) -> None:
    classes = model.output_shape[-1]
    last = flattened(model).layers[-1]
    softmax = getattr(last, "activation", None) is keras.activations.softmax
    if not softmax and not isinstance(last, keras.layers.Softmax):
        raise ValueError(
            f"the last layer {last.name!r} gives no probabilities of classes: end the model with "
            "softmax, a yes-or-no model with two outputs"
        )
    for name, (x, y) in {"examples": examples, "new": new, "old": old}.items():
        if len(x) == 0 or len(x) != len(y):
            raise ValueError(
                f"{name}: {len(x)} clips and {len(y)} labels; pass as many of each, at least 1"
            )
        if np.min(y) < 0 or np.max(y) >= classes:
            raise ValueError(
                f"{name}: labels must lie in 0..{classes - 1}; use add_class for a new word"
            )
